"""Codes by mail: one use, five tries, a quarter of an hour, void once the account changes, in clear nowhere."""

import threading
import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob
from structlog.testing import capture_logs

from accounts.enums import CodePurpose
from accounts.models import OneTimeCode, User
from accounts.services import codes, passwords
from accounts.services.sessions import Device
from accounts.tests.factories import PASSWORD, make_user
from accounts.tests.postbox import deliver, mailed_code, newest_code, subjects
from fantasize.core import clock
from fantasize.core.errors import UnauthenticatedError
from fantasize.core.mail import MailError
from fantasize.tests.waiting import PATIENCE_SECONDS

pytestmark = pytest.mark.django_db

RESET, VERIFY = CodePurpose.RESET_PASSWORD, CodePurpose.VERIFY_EMAIL
EMAIL = "ada@example.com"


def send(user: User, purpose: CodePurpose = RESET) -> str:
    """A fresh code of ``user``, as the mail brings it."""
    codes.send(user_id=user.pk, purpose=purpose)
    return newest_code()


@transaction.atomic
def is_good(user: User | None, code: str, purpose: CodePurpose = RESET) -> bool:
    return codes.redeem(user=user, purpose=purpose, code=code) is not None


def other_than(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


def test_a_code_is_mailed_and_good_once() -> None:
    user = make_user(email=EMAIL)
    codes.request_reset(email="ADA@example.com ")
    code = mailed_code()
    assert mail.outbox[0].to == [EMAIL]
    assert "15 minutes" in mail.outbox[0].body
    assert [is_good(user, code), is_good(user, code)] == [True, False]


def test_the_code_stands_in_the_mail_alone() -> None:
    user = make_user(email=EMAIL)
    with capture_logs() as logs:
        codes.request_reset(email=EMAIL)
        job = ProcrastinateJob.objects.get()
        code = mailed_code()
    assert set(job.args) == {"user_id", "purpose"}
    assert EMAIL not in str(job.args)
    stored = OneTimeCode.objects.get(user=user)
    assert code not in str(OneTimeCode.objects.values().get())
    assert code not in str(logs)
    assert len(stored.code_hash) == 64


@pytest.mark.parametrize(("email", "active"), [("nobody@example.com", True), (EMAIL, False)])
def test_asking_for_an_address_that_nobody_uses_makes_a_job_like_any_other_and_no_mail(
    *, email: str, active: bool
) -> None:
    make_user(email=EMAIL, is_active=active)
    codes.request_reset(email=email)
    job = ProcrastinateJob.objects.get()
    assert uuid.UUID(job.args["user_id"])
    assert job.args["purpose"] == "reset_password"
    assert deliver() == []
    assert not OneTimeCode.objects.exists()


def test_known_and_unknown_addresses_cost_the_same_queries(django_assert_num_queries: Any) -> None:
    make_user(email=EMAIL)
    for email in (EMAIL, "nobody@example.com"):
        for request in (codes.request_reset, codes.request_verification):
            with django_assert_num_queries(2):
                request(email=email)


def test_a_proven_address_gets_no_code_to_prove_it() -> None:
    make_user(email=EMAIL)
    codes.request_verification(email=EMAIL)
    assert deliver() == []
    make_user(email="eve@example.com", email_verified_at=None)
    codes.request_verification(email="eve@example.com")
    assert subjects() == [("eve@example.com", "Confirm your e-mail address")]


def test_a_code_is_for_its_owner_and_its_purpose() -> None:
    user, other = make_user(email_verified_at=None), make_user()
    code = send(user)
    assert not is_good(other, code)
    assert not is_good(None, code)
    assert not is_good(user, code, VERIFY)
    send(user, VERIFY)
    assert is_good(user, code)


@pytest.mark.parametrize(("minutes", "good"), [(14.9, True), (15.1, False)])
def test_a_code_lives_a_quarter_of_an_hour(*, minutes: float, good: bool) -> None:
    user, start = make_user(), clock.now()
    with clock.frozen_at(start):
        code = send(user)
    with clock.frozen_at(start + timedelta(minutes=minutes)):
        assert is_good(user, code) is good


def test_a_code_has_five_tries() -> None:
    user = make_user()
    code = send(user)
    assert not any(is_good(user, other_than(code)) for _ in range(4))
    assert is_good(user, code)
    code = send(user)
    assert not any(is_good(user, other_than(code)) for _ in range(5))
    assert not is_good(user, code)
    assert OneTimeCode.objects.get().tries == 5


def test_the_newest_code_alone_counts() -> None:
    user = make_user()
    first, second = send(user), send(user)
    assert first == second or not is_good(user, first)
    assert is_good(user, second)
    assert OneTimeCode.objects.count() == 1


@pytest.mark.parametrize(
    "changes",
    [{"password": "pbkdf2$new"}, {"email": "new@example.com"}, {"email_verified_at": None}, {"is_active": False}],
)
def test_any_change_of_the_account_voids_the_code(changes: dict[str, Any]) -> None:
    user = make_user()
    code = send(user)
    User.objects.filter(pk=user.pk).update(**changes)
    assert not is_good(user, code)


def test_a_stolen_table_says_nothing_without_the_servers_key(settings: Any) -> None:
    user = make_user()
    code = send(user)
    settings.SECRET_KEY = "another key"
    assert not is_good(user, code)


def test_mails_that_strangers_cause_are_few_and_nobody_is_told(settings: Any) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "codes": "5/1h", "codes_pause": "1/1m"}
    email = f"{uuid.uuid4().hex}@example.com"
    make_user(email=email)
    for _ in range(10):
        codes.request_reset(email=email)
    assert len(deliver()) == 1
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "codes_pause": "off"}
    for spelling in (email, email.upper(), f" {email}", email, email, email, email):
        codes.request_reset(email=spelling)
    assert len(deliver()) == 4
    codes.request_reset(email=f"{uuid.uuid4().hex}@example.com")
    assert ProcrastinateJob.objects.filter(status="todo").count() == 1


def test_a_mail_that_cannot_be_sent_is_tried_again_with_a_code_that_works(settings: Any) -> None:
    user = make_user(email=EMAIL)
    works = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", 1, 1
    codes.request_reset(email=EMAIL)
    with pytest.raises(MailError):
        deliver()
    settings.EMAIL_BACKEND = works
    assert is_good(user, mailed_code())


CALLERS = 100


def at_once(call: Callable[[int], bool]) -> Counter[bool]:
    start = threading.Barrier(CALLERS)

    def run(number: int) -> bool:
        start.wait(PATIENCE_SECONDS)
        try:
            return call(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(CALLERS) as pool:
        return Counter(pool.map(run, range(CALLERS)))


@pytest.mark.django_db(transaction=True)
def test_of_a_hundred_uses_at_once_one_succeeds() -> None:
    user = make_user()
    code = send(user)
    assert at_once(lambda _: is_good(user, code)) == {True: 1, False: CALLERS - 1}


@pytest.mark.django_db(transaction=True)
def test_of_a_hundred_wrong_codes_at_once_five_are_tried() -> None:
    user = make_user()
    code = send(user)
    assert at_once(lambda number: is_good(user, f"{(int(code) + 1 + number) % 10**6:06}")) == {False: CALLERS}
    assert OneTimeCode.objects.get().tries == 5
    assert not is_good(user, code)


@pytest.mark.django_db(transaction=True)
def test_a_code_that_is_read_and_then_marked_would_be_used_more_than_once() -> None:
    """The control: without the conditional update the same drill turns red."""
    user = make_user()
    send(user)
    both_have_read = threading.Barrier(CALLERS)

    def read_then_mark(_: int) -> bool:
        row = OneTimeCode.objects.get(user=user)
        is_unused = row.used_at is None
        connection.close()
        both_have_read.wait(PATIENCE_SECONDS)
        row.used_at = clock.now()
        row.save(update_fields=["used_at"])
        return is_unused

    assert at_once(read_then_mark)[True] > 1


@pytest.mark.django_db(transaction=True)
def test_a_wrong_code_costs_a_try_although_the_caller_is_refused() -> None:
    user = make_user(email=EMAIL)
    code = send(user)
    with pytest.raises(UnauthenticatedError):
        passwords.reset(email=EMAIL, code=other_than(code), password=PASSWORD + "!", device=Device())
    # Another connection sees it: it is committed.
    assert at_once(lambda _: OneTimeCode.objects.get().tries == 1) == {True: CALLERS}
