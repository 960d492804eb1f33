"""New passwords: by a mailed code or by the old one; other sessions end, and the second factor is not walked round."""

import threading
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from unittest.mock import patch

import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db import connection

from accounts.enums import RevokeReason
from accounts.models import KnownDevice, OneTimeCode, RecoveryCode, Session, User
from accounts.services import codes, devices, login, mfa, passwords, sessions
from accounts.services.sessions import Device
from accounts.tests.factories import PASSWORD, make_user
from accounts.tests.postbox import deliver, mailed_code, subjects
from accounts.tests.second_factors import add_passkey, add_totp
from fantasize.core import clock
from fantasize.core.errors import DomainError, InvalidError, RateLimitedError
from fantasize.tests.waiting import PATIENCE_SECONDS

pytestmark = pytest.mark.django_db

EMAIL = "ada@example.com"
NEW = "a-horse-of-another-colour"


def somewhere() -> Device:
    return Device(site=uuid.uuid4().hex)


def reset(code: str, password: str = NEW, email: str = EMAIL) -> None:
    passwords.reset(email=email, code=code, password=password, device=somewhere())


def change(session: Session, current: str = PASSWORD, password: str = NEW) -> None:
    passwords.change(session=session, current_password=current, password=password, device=somewhere())


def begin(user: User) -> Session:
    return sessions.begin(user=user, device=Device()).session


def refusal(call: Any, *arguments: Any) -> str:
    with pytest.raises(DomainError) as caught:
        call(*arguments)
    return caught.value.code


def is_password(user: User, password: str) -> bool:
    return bool(User.objects.get(pk=user.pk).check_password(password))


def asked(user: User) -> str:
    codes.request_reset(email=user.email)
    return mailed_code()


def test_a_mailed_code_sets_a_password_ends_all_sessions_and_proves_the_address() -> None:
    user, other = make_user(email=EMAIL, email_verified_at=None), make_user()
    ours, foreign = begin(user), begin(other)
    login.login(identifier=other.email, password=PASSWORD, device=somewhere())
    reset(asked(user))
    user.refresh_from_db()
    assert user.check_password(NEW)
    assert user.is_email_verified
    ours.refresh_from_db()
    assert ours.revoke_reason == RevokeReason.PASSWORD
    assert Session.objects.get(pk=foreign.pk).is_live(clock.now())
    assert subjects() == [(EMAIL, "Your password was changed")]
    assert Session.objects.filter(user=user).count() == 1
    assert login.login(identifier=EMAIL, password=NEW, device=somewhere()).session


@pytest.mark.parametrize("is_proven", [False, True])
def test_proving_an_address_by_a_reset_closes_what_a_stranger_left_open(*, is_proven: bool) -> None:
    user = make_user(email=EMAIL, email_verified_at=clock.now() if is_proven else None)
    other = make_user()
    for somebody in (user, other):
        add_totp(somebody)
        add_passkey(somebody)
        SocialAccount.objects.create(user=somebody, provider="google", uid=str(somebody.pk))
        devices.remember(user=somebody, token="")
        begin(somebody)
    deliver()
    reset(asked(user))
    kept = {
        model: set(model._default_manager.values_list("user", flat=True))
        for model in (Authenticator, RecoveryCode, SocialAccount)
    }
    assert kept == dict.fromkeys(kept, {user.pk, other.pk} if is_proven else {other.pk})
    assert set(KnownDevice.objects.values_list("user", flat=True)) == {other.pk}
    assert set(Session.objects.live(clock.now()).values_list("user", flat=True)) == {other.pk}
    if not is_proven:
        assert login.login(identifier=EMAIL, password=NEW, device=somewhere()).session


def test_devices_that_were_known_are_strangers_afterwards() -> None:
    user = make_user(email=EMAIL)
    login.login(identifier=EMAIL, password=PASSWORD, device=somewhere())
    assert KnownDevice.objects.filter(user=user).exists()
    reset(asked(user))
    assert not KnownDevice.objects.filter(user=user).exists()


def test_a_wrong_code_and_an_unknown_address_get_the_same_refusal() -> None:
    user = make_user(email=EMAIL)
    code = asked(user)
    wrong = f"{(int(code) + 1) % 10**6:06}"
    assert refusal(reset, wrong) == refusal(reset, code, NEW, "nobody@example.com") == "code_invalid"
    assert is_password(user, PASSWORD)
    assert deliver() == []


@pytest.mark.parametrize("email", [EMAIL, "nobody@example.com"])
def test_right_or_wrong_the_password_is_hashed_once(email: str) -> None:
    make_user(email=EMAIL)
    with patch("django.contrib.auth.hashers.MD5PasswordHasher.encode", return_value="md5$a$b") as hashed:
        assert refusal(reset, "000000", NEW, email) == "code_invalid"
    assert hashed.call_count == 1


def test_a_weak_password_is_refused_and_the_code_stays_good() -> None:
    user = make_user(email=EMAIL, username="lovelace-of-london")
    code = asked(user)
    for weak in ("12345678", "lovelace-of-london"):
        with pytest.raises(InvalidError) as caught:
            reset(code, weak)
        assert {fault.location for fault in caught.value.errors} == {"/password"}
    assert is_password(user, PASSWORD)
    reset(code)
    assert is_password(user, NEW)


def test_what_is_known_of_an_account_is_told_only_to_whoever_has_the_code() -> None:
    """Else a password like the name would be refused for known addresses, and the code for unknown ones."""
    make_user(email=EMAIL, username="lovelace-of-london")
    for email in (EMAIL, "nobody@example.com"):
        assert refusal(reset, "000000", "lovelace-of-london", email) == "code_invalid"


def test_a_code_to_prove_the_address_sets_no_password() -> None:
    user = make_user(email=EMAIL, email_verified_at=None)
    codes.request_verification(email=EMAIL)
    assert refusal(reset, mailed_code()) == "code_invalid"
    assert is_password(user, PASSWORD)


def test_a_reset_gives_fresh_guesses_only_where_no_second_factor_is_owed(settings: Any) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "auth": "5/15m"}
    for has_mfa in (False, True):
        deliver()
        user = make_user(email=f"{uuid.uuid4().hex}@example.com")
        with patch.object(mfa, "is_enabled", return_value=has_mfa):
            code = asked(user)
            for _ in range(4):
                refusal(reset, "x" * 6, NEW, user.email)
            reset(code, NEW, user.email)
            if has_mfa:
                with pytest.raises(RateLimitedError):
                    login.login(identifier=user.email, password=NEW, device=somewhere())
            else:
                assert login.login(identifier=user.email, password=NEW, device=somewhere()).session


def test_the_password_that_was_sets_a_new_one_and_ends_the_other_sessions() -> None:
    user = make_user(email=EMAIL)
    session, other = begin(user), begin(user)
    later = clock.now()
    with clock.frozen_at(later):
        change(session)
    assert is_password(user, NEW)
    session.refresh_from_db()
    other.refresh_from_db()
    assert (session.revoked_at, session.proven_at) == (None, later)
    assert other.revoke_reason == RevokeReason.PASSWORD
    assert subjects() == [(EMAIL, "Your password was changed")]


def test_what_a_change_refuses() -> None:
    user = make_user(email=EMAIL)
    session, other = begin(user), begin(user)
    assert refusal(change, session, "wrong") == "invalid_credentials"
    assert refusal(change, session, PASSWORD, "12345678") == "invalid"
    assert is_password(user, PASSWORD)
    assert Session.objects.get(pk=other.pk).revoked_at is None
    assert deliver() == []


def test_guessing_the_current_password_counts_like_signing_in(settings: Any) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "auth": "5/15m"}
    session = begin(make_user(email=EMAIL))
    answers = [refusal(change, session, "wrong") for _ in range(6)]
    assert answers == ["invalid_credentials"] * 5 + ["rate_limited"]
    assert refusal(lambda: login.login(identifier=EMAIL, password=PASSWORD, device=somewhere())) == "rate_limited"


def test_who_has_no_password_sets_one_by_mail() -> None:
    user = make_user(email=EMAIL)
    user.set_unusable_password()
    user.save()
    assert refusal(change, begin(user), "") == "invalid_credentials"
    reset(asked(user))
    assert is_password(user, NEW)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("door", ["reset", "change"])
def test_of_twenty_changes_at_once_one_is_made(door: str) -> None:
    user, callers = make_user(email=EMAIL), 20
    code = asked(user)
    start = threading.Barrier(callers)

    def run(number: int) -> str:
        session = begin(user)
        session.user = User.objects.get(pk=user.pk)
        # Who waits must not hold what others wait for.
        connection.close()
        start.wait(PATIENCE_SECONDS)
        try:
            if door == "reset":
                reset(code, f"{NEW}-{number}")
            else:
                change(session, PASSWORD, f"{NEW}-{number}")
        except DomainError as error:
            return error.code
        finally:
            connection.close()
        return f"{NEW}-{number}"

    with ThreadPoolExecutor(callers) as pool:
        answers = Counter(pool.map(run, range(callers)))
    [won] = [answer for answer in answers if answer.startswith(NEW)]
    assert sorted(answers.values()) == [1, callers - 1]
    assert is_password(user, won)
    assert OneTimeCode.objects.get().tries <= 5
