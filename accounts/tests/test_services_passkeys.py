"""Passkeys: whole ceremonies with a software authenticator, and everything that must not pass for one."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives.asymmetric import ec
from django.db import connection
from fido2.utils import websafe_decode, websafe_encode

from accounts.enums import SignInMethod
from accounts.models import RecoveryCode, Session, UsedPassword, User
from accounts.services import mfa, passkeys, second_step
from accounts.services.sessions import Device
from accounts.tests.ceremonies import fault, is_refused, is_too_late, register, show, sign_in
from accounts.tests.factories import make_user
from accounts.tests.second_factors import add_passkey, add_totp, make_session
from accounts.tests.software_key import SoftwareKey
from fantasize.core import clock
from fantasize.core.errors import ConflictError, DomainError, NotFoundError, UnauthenticatedError
from fantasize.tests.waiting import PATIENCE_SECONDS

pytestmark = pytest.mark.django_db

DEVICE = Device(site="198.51.100.2")


def test_a_passkey_is_made_kept_and_signs_in() -> None:
    user, key = make_user(), SoftwareKey()
    session = make_session(user)
    asked = passkeys.begin_registration(user=user)
    options = asked["options"]["publicKey"]
    assert options["rp"] == {"id": "localhost", "name": "Fantasize"}
    assert options["user"]["name"] == user.email
    made, codes = register(user, key.create(asked["options"]), asked["state"], session=session)
    assert list(passkeys.list_of(user)) == [made]
    assert len(codes) == 10
    assert mfa.methods_of(user) == ["webauthn", "recovery_code"]
    session.refresh_from_db()
    assert session.mfa_at is not None
    signed_in = sign_in(key)
    assert signed_in.user == user
    assert signed_in.session.method == SignInMethod.PASSKEY
    assert signed_in.session.mfa_at is not None
    made.refresh_from_db()
    assert made.last_used_at is not None


def test_allauth_reads_what_is_kept() -> None:
    user = make_user()
    key = add_passkey(user)
    wrapped = Authenticator.objects.get().wrap()
    assert wrapped.name == "Laptop"
    assert wrapped.is_passwordless
    assert wrapped.authenticator_data.credential_data.credential_id == key.credential_id


def test_a_passkey_that_is_known_is_not_asked_for_and_not_taken_again() -> None:
    user = make_user()
    key = add_passkey(user)
    asked = passkeys.begin_registration(user=user)
    excluded = asked["options"]["publicKey"]["excludeCredentials"]
    assert [websafe_decode(known["id"]) for known in excluded] == [key.credential_id]
    again = key.create(asked["options"])
    assert fault(lambda: register(user, again, asked["state"])) == ("/credential", "passkey_refused")
    assert passkeys.list_of(user).count() == 1


def test_there_is_room_for_twenty(monkeypatch: pytest.MonkeyPatch) -> None:
    assert passkeys.MAX_PER_USER == 20
    monkeypatch.setattr(passkeys, "MAX_PER_USER", 3)
    user = make_user()
    for _ in range(passkeys.MAX_PER_USER):
        add_passkey(user)
    with pytest.raises(ConflictError) as caught:
        add_passkey(user)
    assert caught.value.code == "too_many_passkeys"
    assert passkeys.list_of(user).count() == passkeys.MAX_PER_USER


def test_an_answer_counts_once() -> None:
    user, key = make_user(), SoftwareKey()
    asked = passkeys.begin_registration(user=user)
    register(user, key.create(asked["options"]), asked["state"])
    other = SoftwareKey().create(asked["options"])
    assert is_too_late(lambda: register(user, other, asked["state"]))
    asked = passkeys.begin_sign_in()
    answer = key.get(asked["options"])
    assert passkeys.identify(credential=answer, state=asked["state"]) == user
    assert is_refused(lambda: passkeys.identify(credential=answer, state=asked["state"]))
    assert is_refused(lambda: passkeys.identify(credential=key.get(asked["options"]), state=asked["state"]))


def test_a_passkey_alone_must_verify_its_owner_and_as_a_second_factor_need_not() -> None:
    user = make_user()
    key = add_passkey(user, verifies=False)
    assert is_refused(lambda: sign_in(key))
    show(user, key)
    assert not Session.objects.exists()


def test_whoever_signs_is_whose_key_it_is() -> None:
    user, other = make_user(), make_user()
    key, others = add_passkey(user), add_passkey(other)
    assert is_refused(lambda: sign_in(key, userHandle=others.user_handle))
    assert is_refused(lambda: sign_in(replace(key, user_handle=others.user_handle)))
    assert is_refused(lambda: sign_in(replace(key, private_key=ec.generate_private_key(ec.SECP256R1()))))
    assert is_refused(lambda: sign_in(replace(key, credential_id=others.credential_id)))
    assert is_refused(lambda: show(other, key))
    for handle in ("", websafe_encode(b"nobody"), websafe_encode(b"\xff"), websafe_encode(make_user().pk.hex.encode())):
        assert is_refused(partial(sign_in, key, userHandle=handle))
    assert not Session.objects.exists()
    assert not UsedPassword.objects.filter(user=other).count() > 1


def test_who_may_not_sign_in_may_not_with_a_passkey_either() -> None:
    user = make_user()
    key = add_passkey(user)
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert is_refused(lambda: sign_in(key))


def test_a_passkey_proves_no_address(settings: Any) -> None:
    settings.EMAIL_VERIFICATION = "mandatory"
    user = make_user(email_verified_at=None)
    key = add_passkey(user)
    with pytest.raises(UnauthenticatedError) as caught:
        sign_in(key)
    assert caught.value.code == "email_unverified"
    assert not Session.objects.exists()
    User.objects.update(email_verified_at=clock.now())
    assert sign_in(key).user == user


def test_a_counter_that_does_not_grow_belongs_to_a_copy() -> None:
    user = make_user()
    key = add_passkey(user, counts=True)
    copy = replace(key)
    sign_in(key)
    assert is_refused(lambda: sign_in(copy))
    sign_in(key)
    assert is_refused(lambda: sign_in(replace(key, counter=0, counts=False)))
    assert Authenticator.objects.get().data["sign_count"] == key.counter == 3


def test_a_passkey_is_the_second_step() -> None:
    user = make_user()
    key = add_passkey(user)
    token = mfa.challenge(user=user, method=SignInMethod.PASSWORD)
    asked = second_step.begin_passkey(mfa_token=token)
    allowed = asked["options"]["publicKey"]["allowCredentials"]
    assert [websafe_decode(known["id"]) for known in allowed] == [key.credential_id]
    answer = key.get(asked["options"])
    signed_in = second_step.complete_passkey(mfa_token=token, credential=answer, state=asked["state"], device=DEVICE)
    assert signed_in.user == user
    assert signed_in.session.method == SignInMethod.PASSWORD
    assert signed_in.session.mfa_at is not None
    with pytest.raises(UnauthenticatedError) as caught:
        second_step.begin_passkey(mfa_token=token)
    assert caught.value.code == "mfa_token_invalid"


def test_a_passkey_is_given_up_by_its_owner() -> None:
    user, other = make_user(), make_user()
    add_passkey(user)
    key = passkeys.list_of(user).get()
    with pytest.raises(NotFoundError):
        passkeys.remove(user=other, passkey_id=key.pk)
    totp = add_totp(user)
    with pytest.raises(NotFoundError):
        passkeys.remove(user=user, passkey_id=totp.pk)
    passkeys.remove(user=user, passkey_id=key.pk)
    assert mfa.is_enabled(user)
    assert RecoveryCode.objects.count() == 10


CALLERS = 20


@pytest.mark.django_db(transaction=True)
def test_of_many_callers_with_one_answer_one_gets_in() -> None:
    user = make_user()
    key = add_passkey(user)
    asked = passkeys.begin_sign_in()
    answer, start = key.get(asked["options"]), threading.Barrier(CALLERS)

    def identify() -> str:
        start.wait(PATIENCE_SECONDS)
        try:
            return str(passkeys.identify(credential=answer, state=asked["state"]).pk)
        except DomainError as error:
            return error.code
        finally:
            connection.close()

    with ThreadPoolExecutor(CALLERS) as pool:
        answers = [future.result() for future in [pool.submit(identify) for _ in range(CALLERS)]]
    assert answers.count(str(user.pk)) == 1
    assert answers.count("passkey_invalid") == CALLERS - 1
