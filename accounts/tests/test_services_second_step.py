"""The second step of signing in, and what ends it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator

from accounts.enums import SignInMethod
from accounts.models import Session, User
from accounts.services import mfa, second_step
from accounts.services.sessions import Device
from accounts.tests.factories import make_user
from accounts.tests.second_factors import add_passkey, add_totp, code_for, refusal
from fantasize.core import clock
from fantasize.core.errors import (
    UnauthenticatedError,
)

pytestmark = pytest.mark.django_db
DEVICE = Device(site="198.51.100.1")


def test_the_second_step_signs_in() -> None:
    user = make_user()
    add_totp(user)
    token = mfa.challenge(user=user, method=SignInMethod.GOOGLE)
    assert mfa.read_challenge(token) == (user, SignInMethod.GOOGLE)
    signed_in = second_step.verify(mfa_token=token, code=code_for(), device=DEVICE)
    assert signed_in.session.user == user
    assert signed_in.session.method == SignInMethod.GOOGLE
    assert signed_in.session.mfa_at is not None


def changed(user: User, **values: Any) -> None:
    User.objects.filter(pk=user.pk).update(**values)


@pytest.mark.parametrize(
    "change",
    [
        lambda user: changed(user, password="!"),
        lambda user: changed(user, is_active=False),
        lambda user: changed(user, last_login=clock.now()),
        lambda _: Authenticator.objects.all().delete(),
        add_passkey,
        lambda user: user.delete(),
    ],
)
def test_a_change_of_the_account_ends_the_step(change: Callable[[User], Any]) -> None:
    user = make_user()
    add_totp(user)
    token = mfa.challenge(user=user, method=SignInMethod.PASSWORD)
    change(user)
    code = code_for()
    assert refusal(lambda: second_step.verify(mfa_token=token, code=code, device=DEVICE)) == "mfa_token_invalid"
    assert not Session.objects.exists()


def test_the_step_ends_after_five_minutes_and_with_a_sign_in() -> None:
    user, now = make_user(), clock.now()
    add_totp(user)
    with clock.frozen_at(now - timedelta(minutes=4, seconds=50)):
        young = mfa.challenge(user=user, method=SignInMethod.PASSWORD)
    with clock.frozen_at(now - timedelta(minutes=5, seconds=1)):
        old = mfa.challenge(user=user, method=SignInMethod.PASSWORD)
    assert refusal(lambda: mfa.read_challenge(old)) == "mfa_token_invalid"
    with clock.frozen_at(now + timedelta(minutes=1)):
        assert refusal(lambda: mfa.read_challenge(young)) == "mfa_token_invalid"
    second_step.verify(mfa_token=young, code=code_for(), device=DEVICE)
    assert refusal(lambda: mfa.read_challenge(young)) == "mfa_token_invalid"


def test_no_step_without_its_kind_of_ticket() -> None:
    for token in ("", "x", "a.b.c", "x" * 5000, "\N{SNOWMAN}"):
        with pytest.raises(UnauthenticatedError):
            mfa.read_challenge(token)
