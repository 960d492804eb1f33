"""Proving an address: a code that signs in, asked for at sign-in where the shop wants it."""

import uuid
from typing import Any
from unittest.mock import patch

import pytest

from accounts import tokens
from accounts.models import Session, User
from accounts.services import codes, login, mfa, verification
from accounts.services.sessions import Device
from accounts.services.sign_in import SignIn
from accounts.tests.factories import PASSWORD, make_user
from accounts.tests.postbox import code_in, deliver, mailed_code, subjects
from fantasize.core import clock
from fantasize.core.errors import UnauthenticatedError

pytestmark = pytest.mark.django_db

EMAIL = "ada@example.com"


def somewhere() -> Device:
    return Device(site=uuid.uuid4().hex)


def verify(code: str, email: str = EMAIL) -> SignIn:
    return verification.verify(email=email, code=code, device=somewhere())


def refused(call: Any, *arguments: Any) -> str:
    with pytest.raises(UnauthenticatedError) as caught:
        call(*arguments)
    return caught.value.code


def sign_in(password: str = PASSWORD) -> SignIn:
    return login.login(identifier=EMAIL, password=password, device=somewhere())


def test_the_code_proves_the_address_and_signs_in() -> None:
    make_user(email=EMAIL, email_verified_at=None)
    codes.request_verification(email=EMAIL)
    code, now = mailed_code(), clock.now()
    with clock.frozen_at(now):
        result = verify(code)
    assert tokens.authenticate_access(result.access).session.method == "email_code"
    assert User.objects.get().email_verified_at == now
    assert subjects() == [(EMAIL, "Welcome to Fantasize")]
    assert refused(verify, code) == "code_invalid"
    assert Session.objects.count() == 1


def test_wrong_codes_and_unknown_addresses_prove_nothing() -> None:
    make_user(email=EMAIL, email_verified_at=None)
    codes.request_verification(email=EMAIL)
    code = mailed_code()
    assert refused(verify, f"{(int(code) + 1) % 10**6:06}") == "code_invalid"
    assert refused(verify, code, "nobody@example.com") == "code_invalid"
    assert not User.objects.get().is_email_verified
    assert not Session.objects.exists()


def test_a_wrong_code_costs_known_and_unknown_addresses_the_same_queries(django_assert_num_queries: Any) -> None:
    make_user(email=EMAIL, email_verified_at=None)
    for email in (EMAIL, "nobody@example.com"):
        with django_assert_num_queries(6):  # whose it is, savepoint, row, try, code, savepoint
            refused(verify, "000000", email)


def test_a_second_factor_is_still_owed() -> None:
    user = make_user(email=EMAIL, email_verified_at=None)
    codes.request_verification(email=EMAIL)
    with patch.object(mfa, "is_enabled", return_value=True):
        assert refused(verify, mailed_code()) == "mfa_required"
    assert not Session.objects.exists()
    user.refresh_from_db()
    assert user.is_email_verified


def test_signing_in_with_an_unproven_address_sends_a_code_that_ends_it() -> None:
    make_user(email=EMAIL, email_verified_at=None)
    assert refused(sign_in, "wrong") == "invalid_credentials"
    assert deliver() == []
    assert refused(sign_in) == "email_unverified"
    assert not Session.objects.exists()
    [message] = deliver()
    assert verify(code_in(message)).user.email == EMAIL
    assert sign_in().session


def test_a_shop_may_let_them_in(settings: Any) -> None:
    settings.EMAIL_VERIFICATION = verification.OPTIONAL
    make_user(email=EMAIL, email_verified_at=None)
    assert sign_in().session
    assert deliver() == []


def test_a_setting_that_nobody_understands_lets_nobody_in(settings: Any) -> None:
    settings.EMAIL_VERIFICATION = "mandatry"
    make_user(email=EMAIL, email_verified_at=None)
    assert refused(sign_in) == "email_unverified"
