"""Whole ceremonies with a software authenticator, for tests."""

from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator

from accounts.models import User
from accounts.services import passkeys
from accounts.services.sessions import Device
from accounts.tests.software_key import SoftwareKey
from fantasize.core.errors import ConflictError, InvalidError, UnauthenticatedError

DEVICE = Device(site="198.51.100.2")


def fault(call: Callable[[], Any]) -> tuple[str, str]:
    """Where the input is wrong, and how."""
    with pytest.raises(InvalidError) as caught:
        call()
    error = caught.value.errors[0]
    return error.location, error.code


def is_too_late(call: Callable[[], Any]) -> bool:
    with pytest.raises(ConflictError) as caught:
        call()
    return caught.value.code == "step_expired"


def is_refused(call: Callable[[], Any]) -> bool:
    with pytest.raises(UnauthenticatedError) as caught:
        call()
    return caught.value.code == "passkey_invalid"


def register(user: User, credential: Any, state: str, **options: Any) -> tuple[Authenticator, list[str]]:
    return passkeys.complete_registration(user=user, credential=credential, state=state, name="Phone", **options)


def sign_in(key: SoftwareKey, **replaced: str) -> Any:
    asked = passkeys.begin_sign_in()
    return passkeys.complete_sign_in(
        credential=key.get(asked["options"], **replaced), state=asked["state"], device=DEVICE
    )


def show(user: User, key: SoftwareKey) -> None:
    asked = passkeys.begin_sign_in(user=user)
    passkeys.prove(user=user, credential=key.get(asked["options"]), state=asked["state"])
