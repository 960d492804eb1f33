"""How the operations about second factors are called, so that they succeed."""

from collections.abc import Callable
from typing import Any

from accounts.enums import SignInMethod
from accounts.models import Session, User
from accounts.services import mfa, passkeys
from accounts.tests.second_factors import add_passkey, add_totp, code_for
from accounts.tests.software_key import SoftwareKey
from fantasize.core import clock
from fantasize.tests.contract.world import World


def _owner(world: World) -> User:
    """The customer, with an authenticator app that their sign-in has shown."""
    user = world.user("customer")
    add_totp(user)
    Session.objects.filter(user=user).update(mfa_at=clock.now())
    return user


def _with_app(world: World) -> None:
    _owner(world)


def _with_passkey(world: World) -> None:
    user = _owner(world)
    add_passkey(user)
    world.people["customer"].rows["auth/mfa/passkeys"] = passkeys.list_of(user).get().pk


def _first_code(world: World) -> dict[str, Any]:
    return {"code": code_for(mfa.start_totp(user=world.user("customer")).secret)}


def _second_step(world: World) -> dict[str, Any]:
    return {"mfa_token": mfa.challenge(user=_owner(world), method=SignInMethod.PASSWORD)}


def _code(world: World) -> dict[str, Any]:
    return {**_second_step(world), "code": code_for()}


def _new_passkey(world: World) -> dict[str, Any]:
    asked = passkeys.begin_registration(user=world.user("customer"))
    return {"state": asked["state"], "credential": SoftwareKey().create(asked["options"])}


def _passkey(world: World) -> dict[str, Any]:
    key, asked = add_passkey(world.user("customer")), passkeys.begin_sign_in()
    return {"state": asked["state"], "credential": key.get(asked["options"])}


def _second_passkey(world: World) -> dict[str, Any]:
    user = world.user("customer")
    key, asked = add_passkey(user), passkeys.begin_sign_in(user=user)
    token = mfa.challenge(user=user, method=SignInMethod.PASSWORD)
    return {"mfa_token": token, "state": asked["state"], "credential": key.get(asked["options"])}


CALLS: dict[str, tuple[str, Callable[[World], Any] | dict[str, Any] | None]] = {
    "GET /auth/mfa": ("customer", None),
    "POST /auth/mfa/verify": ("anonymous", _code),
    "GET /auth/mfa/totp": ("customer", None),
    "POST /auth/mfa/totp": ("customer", None),
    "DELETE /auth/mfa/totp": ("customer", _with_app),
    "POST /auth/mfa/totp/activate": ("customer", _first_code),
    "GET /auth/mfa/recovery-codes": ("customer", None),
    "POST /auth/mfa/recovery-codes": ("customer", _with_app),
    "GET /auth/mfa/passkeys": ("customer", _with_passkey),
    "DELETE /auth/mfa/passkeys/{id}": ("customer", _with_passkey),
    "POST /auth/mfa/passkeys/register/begin": ("customer", None),
    "POST /auth/mfa/passkeys/register/complete": ("customer", _new_passkey),
    "POST /auth/mfa/passkeys/begin": ("anonymous", _second_step),
    "POST /auth/mfa/passkeys/complete": ("anonymous", _second_passkey),
    "POST /auth/passkeys/begin": ("anonymous", None),
    "POST /auth/passkeys/complete": ("anonymous", _passkey),
}
