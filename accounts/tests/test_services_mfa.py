"""Second factors: codes that work once, secrets that nobody else can read, factors that cannot be dropped at will."""

import re
from functools import partial
from typing import Any

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from procrastinate.contrib.django.models import ProcrastinateJob
from redis.exceptions import RedisError

from accounts.models import RecoveryCode, Session, UsedPassword, User
from accounts.services import mfa, recovery_codes, totp
from accounts.services.sessions import Device
from accounts.tests.factories import make_user
from accounts.tests.second_factors import (
    add_passkey,
    add_totp,
    code_for,
    make_session,
    refusal,
    require_mfa,
    wrong_code,
)
from fantasize.core import clock, limits
from fantasize.core.errors import (
    ForbiddenError,
    InvalidError,
    NotFoundError,
    RateLimitedError,
    UnavailableError,
)

pytestmark = pytest.mark.django_db
DEVICE = Device(site="198.51.100.1")


@pytest.fixture
def _limited(settings: Any) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "auth": "5/15m"}


def prove(user: User, code: str) -> None:
    mfa.prove(user=user, code=code, device=DEVICE)


def enrol(user: User) -> tuple[str, list[str]]:
    secret = mfa.start_totp(user=user).secret
    return secret, mfa.activate_totp(user=user, code=code_for(secret), device=DEVICE)


def mails() -> int:
    return ProcrastinateJob.objects.filter(queue_name="mail").count()


def test_an_authenticator_app_is_asked_for_once_it_has_shown_a_code() -> None:
    user = make_user(email="ada@example.com")
    begun = mfa.start_totp(user=user)
    assert len(begun.secret) == 32
    assert begun.uri == f"otpauth://totp/ada%40example.com?secret={begun.secret}&issuer=Fantasize"
    assert begun.svg.startswith("<?xml")
    assert "<svg" in begun.svg
    assert not mfa.is_enabled(user)
    session = make_session(user)
    codes = mfa.activate_totp(user=user, code=code_for(begun.secret), device=DEVICE, session=session)
    assert mfa.is_enabled(user)
    assert mfa.has_totp(user)
    assert mfa.methods_of(user) == ["totp", "recovery_code"]
    assert len(set(codes)) == 10
    assert Session.objects.get().mfa_at is not None
    assert mails() == 1


def test_allauth_reads_the_secret_and_the_database_does_not() -> None:
    user = make_user()
    secret, _ = enrol(user)
    row = Authenticator.objects.get()
    assert secret not in str(row.data)
    assert get_adapter().decrypt(row.data["secret"]) == secret
    assert row.wrap().validate_code(code_for(secret))


def test_a_wrong_code_activates_nothing_and_may_be_typed_again() -> None:
    user = make_user()
    secret = mfa.start_totp(user=user).secret
    with pytest.raises(InvalidError) as caught:
        mfa.activate_totp(user=user, code=wrong_code(secret), device=DEVICE)
    assert [(fault.location, fault.code) for fault in caught.value.errors] == [("/code", "mfa_code_invalid")]
    assert not Authenticator.objects.exists()
    assert not RecoveryCode.objects.exists()
    assert mails() == 0
    assert mfa.activate_totp(user=user, code=code_for(secret), device=DEVICE)


def test_the_newest_secret_counts_and_only_before_there_is_one() -> None:
    user, other = make_user(), make_user()
    first, second = mfa.start_totp(user=user).secret, mfa.start_totp(user=user).secret
    assert refusal(lambda: mfa.activate_totp(user=user, code=code_for(first), device=DEVICE)) == "invalid"
    assert refusal(lambda: mfa.activate_totp(user=other, code=code_for(second), device=DEVICE)) == "totp_not_started"
    mfa.activate_totp(user=user, code=code_for(second), device=DEVICE)
    assert refusal(lambda: mfa.start_totp(user=user)) == "totp_enabled"
    assert (
        refusal(lambda: mfa.activate_totp(user=user, code=code_for(second, steps=1), device=DEVICE)) == "totp_enabled"
    )
    assert totp.pending_secret(user) is None


def test_a_secret_begun_before_another_was_activated_replaces_nothing() -> None:
    user = make_user()
    secret = mfa.start_totp(user=user).secret
    add_totp(user)
    assert refusal(lambda: mfa.activate_totp(user=user, code=code_for(secret), device=DEVICE)) == "totp_enabled"
    prove(user, code_for())


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_the_clock_of_a_phone_may_be_half_a_minute_off(steps: int) -> None:
    user = make_user()
    add_totp(user)
    with clock.frozen_at(clock.now()):
        code = code_for(steps=steps)
        prove(user, f" {code[:3]} {code[3:]} ")
        assert refusal(lambda: prove(user, code)) == "mfa_code_invalid"
        assert Authenticator.objects.get().last_used_at == clock.now()


@pytest.mark.parametrize("steps", [-2, 2])
def test_and_no_more(steps: int) -> None:
    user = make_user()
    add_totp(user)
    with clock.frozen_at(clock.now()):
        assert refusal(lambda: prove(user, code_for(steps=steps))) == "mfa_code_invalid"
    assert not UsedPassword.objects.exists()


def test_a_used_code_stays_used_when_the_cache_forgets() -> None:
    user = make_user()
    add_totp(user)
    with clock.frozen_at(clock.now()):
        code = code_for()
        prove(user, code)
        cache.clear()
        assert refusal(lambda: prove(user, code)) == "mfa_code_invalid"


@pytest.mark.parametrize(
    "code",
    ["", "-", "12345", "1234567", "\N{ARABIC-INDIC DIGIT ONE}" * 6, "１２３４５６", "x" * 64, "\N{SNOWMAN}", "0x1234"],
)
def test_odd_codes_are_wrong_codes(code: str) -> None:
    user = make_user()
    add_totp(user)
    recovery_codes.renew(user)
    assert refusal(lambda: prove(user, code)) == "mfa_code_invalid"


def test_a_code_is_its_owners() -> None:
    user, other = make_user(), make_user()
    add_totp(user)
    code = recovery_codes.renew(user)[0]
    recovery_codes.renew(other)
    assert refusal(lambda: prove(other, code_for())) == "mfa_code_invalid"
    assert refusal(lambda: prove(other, code)) == "mfa_code_invalid"
    prove(user, code)


def test_recovery_codes_are_long_hashed_and_shown_once() -> None:
    user = make_user()
    _, codes = enrol(user)
    assert all(re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{4}-){2}[0-9A-HJKMNP-TV-Z]{4}", code) for code in codes)
    stored = str(list(RecoveryCode.objects.values()))
    assert not any(code in stored or code.replace("-", "") in stored for code in codes)
    assert mfa.recovery_codes_left(user) == 10
    assert str(RecoveryCode.objects.first()).startswith("recovery code ")


def test_a_recovery_code_works_once_however_it_is_typed() -> None:
    user = make_user()
    add_totp(user)
    first, second, *_ = recovery_codes.renew(user)
    prove(user, first.lower().replace("-", " ").replace("0", "o").replace("1", "l"))
    assert refusal(lambda: prove(user, first)) == "mfa_code_invalid"
    assert mfa.recovery_codes_left(user) == 9
    prove(user, f"  {second.replace('-', '')}")
    assert mfa.recovery_codes_left(user) == 8


def test_fresh_recovery_codes_end_the_earlier_ones() -> None:
    user = make_user()
    assert refusal(lambda: mfa.renew_recovery_codes(user=user)) == "mfa_not_enabled"
    _, before = enrol(user)
    after = mfa.renew_recovery_codes(user=user)
    assert set(before).isdisjoint(after)
    assert refusal(lambda: prove(user, before[0])) == "mfa_code_invalid"
    prove(user, after[0])


def test_who_has_recovery_codes_left_keeps_them() -> None:
    user = make_user()
    add_passkey(user)
    assert mfa.recovery_codes_left(user) == 10
    before = set(RecoveryCode.objects.values_list("pk", flat=True))
    _, codes = enrol(user)
    assert codes == []
    assert set(RecoveryCode.objects.values_list("pk", flat=True)) == before


def test_the_recovery_codes_go_with_the_last_factor() -> None:
    user = make_user()
    enrol(user)
    add_passkey(user)
    assert mails() == 2
    mfa.remove_totp(user=user)
    assert mfa.methods_of(user) == ["webauthn", "recovery_code"]
    assert mails() == 3
    mfa.remove(user, Authenticator.objects.get())
    assert not mfa.is_enabled(user)
    assert mfa.methods_of(user) == []
    assert not RecoveryCode.objects.exists()
    assert mails() == 4
    with pytest.raises(NotFoundError):
        mfa.remove_totp(user=user)


def test_the_last_factor_of_whoever_must_have_one_stays() -> None:
    user = make_user(role="manager")
    require_mfa("manager")
    enrol(user)
    assert refusal(lambda: mfa.remove_totp(user=user)) == "mfa_required_by_role"
    assert mfa.methods_of(user) == ["totp", "recovery_code"]
    add_passkey(user)
    mfa.remove_totp(user=user)
    assert mfa.methods_of(user) == ["webauthn", "recovery_code"]


def test_who_lacks_a_second_factor() -> None:
    customer, manager = make_user(), make_user(role="manager")
    require_mfa("manager")
    assert not mfa.is_missing(make_session(customer))
    assert mfa.is_missing(make_session(manager))
    session = make_session(manager, mfa_at=clock.now())
    mfa.require(session)
    with pytest.raises(ForbiddenError) as caught:
        mfa.require(make_session(manager))
    assert caught.value.code == "mfa_enrolment_required"


def test_a_sign_in_from_before_the_factor_may_not_touch_it() -> None:
    user = make_user()
    session = make_session(user)
    mfa.require_shown(session)
    add_totp(user)
    assert refusal(lambda: mfa.require_shown(session)) == "reverification_required"
    mfa.require_shown(make_session(user, mfa_at=clock.now()))


def test_a_session_that_has_ended_takes_up_no_factor() -> None:
    """It may have ended while the call waited for the account's row: by a new password, say."""
    user = make_user()
    session = make_session(user, revoked_at=clock.now())
    secret = mfa.start_totp(user=user).secret
    call = partial(mfa.activate_totp, user=user, code=code_for(secret), device=DEVICE, session=session)
    assert refusal(call) == "not_authenticated"
    assert not Authenticator.objects.exists()


@pytest.mark.usefixtures("_limited")
def test_five_guesses_and_no_more_of_password_and_factor_together() -> None:
    user = make_user()
    add_totp(user)
    for _ in range(5):
        assert refusal(lambda: prove(user, wrong_code())) == "mfa_code_invalid"
    with pytest.raises(RateLimitedError):
        prove(user, code_for())
    assert not UsedPassword.objects.exists()


@pytest.mark.usefixtures("_limited")
def test_without_redis_nobody_gets_in(monkeypatch: pytest.MonkeyPatch) -> None:
    user = make_user()
    add_totp(user)

    def broken(_url: str) -> Any:
        raise RedisError

    monkeypatch.setattr(limits, "_shared", broken)
    with pytest.raises(UnavailableError):
        prove(user, code_for())
    assert not UsedPassword.objects.exists()
