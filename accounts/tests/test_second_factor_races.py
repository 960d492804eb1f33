"""Codes and factors under many callers at once: each code lets one in."""

import threading
from typing import Any

import pytest
from allauth.mfa.models import Authenticator

from accounts.enums import SignInMethod
from accounts.models import RecoveryCode, Session, UsedPassword
from accounts.services import mfa, passkeys, recovery_codes, second_step, totp
from accounts.services.sessions import Device
from accounts.tests.factories import make_user
from accounts.tests.second_factors import SECRET, add_passkey, add_totp, code_for, race, require_mfa
from fantasize.core import clock
from fantasize.tests.waiting import PATIENCE_SECONDS

pytestmark = pytest.mark.django_db
DEVICE = Device(site="198.51.100.1")
CALLERS = 100


@pytest.mark.django_db(transaction=True)
def test_of_a_hundred_callers_one_uses_the_one_time_password() -> None:
    user, now = make_user(), clock.now()
    add_totp(user)

    def use() -> bool:
        with clock.frozen_at(now):
            return totp.accept(user, SECRET, code_for())

    assert race(use, CALLERS).count(True) == 1
    assert UsedPassword.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_looking_before_noting_would_let_all_of_them_in() -> None:
    """The control: whoever looks first and then notes the code lets everybody use it."""
    user, callers = make_user(), 8
    everybody_has_looked = threading.Barrier(callers)

    def use() -> bool:
        is_new = not UsedPassword.objects.filter(user=user).exists()
        everybody_has_looked.wait(PATIENCE_SECONDS)
        UsedPassword.objects.bulk_create([UsedPassword(user=user, code_hash="x")], ignore_conflicts=True)
        return is_new

    assert race(use, callers).count(True) == callers


@pytest.mark.django_db(transaction=True)
def test_of_a_hundred_callers_one_uses_the_recovery_code() -> None:
    user = make_user()
    code = recovery_codes.renew(user)[0].replace("-", "")
    assert race(lambda: recovery_codes.accept(user, code), CALLERS).count(True) == 1
    assert mfa.recovery_codes_left(user) == 9


@pytest.mark.django_db(transaction=True)
def test_a_hundred_second_steps_with_one_code_make_one_session() -> None:
    user, now = make_user(), clock.now()
    add_totp(user)
    with clock.frozen_at(now):
        token = mfa.challenge(user=user, method=SignInMethod.PASSWORD)

    def verify() -> Any:
        with clock.frozen_at(now):
            return second_step.verify(mfa_token=token, code=code_for(), device=DEVICE)

    answers = race(verify, CALLERS)
    assert len([answer for answer in answers if not isinstance(answer, str)]) == 1
    assert set(filter(lambda answer: isinstance(answer, str), answers)) <= {"mfa_code_invalid", "mfa_token_invalid"}
    assert Session.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_factors_given_up_at_once_leave_one_where_one_is_required() -> None:
    user = make_user(role="manager")
    require_mfa("manager")
    add_totp(user)
    add_passkey(user)
    pk = passkeys.list_of(user).get().pk
    removals = [lambda: mfa.remove_totp(user=user), lambda: passkeys.remove(user=user, passkey_id=pk)]

    def remove() -> None:
        # list.pop is one step: each caller has a removal of its own.
        removals.pop()()

    assert sorted(race(remove, 2), key=str) == [None, "mfa_required_by_role"]
    assert Authenticator.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_app_activated_many_times_at_once_is_one_app() -> None:
    user = make_user()
    secret = mfa.start_totp(user=user).secret
    now = clock.now()

    def activate() -> Any:
        with clock.frozen_at(now):
            return mfa.activate_totp(user=user, code=code_for(secret), device=DEVICE)

    answers = race(activate, 4)
    assert len([answer for answer in answers if isinstance(answer, list)]) == 1
    assert Authenticator.objects.count() == 1
    assert RecoveryCode.objects.count() == 10
