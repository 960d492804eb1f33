"""Guesses at an account, through every door."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from accounts.services import login, passwords, sign_in, verification
from accounts.services.sessions import Device
from accounts.tests.factories import PASSWORD
from fantasize.core.errors import DomainError

EMAIL = "ada@example.com"
NEW_PASSWORD = "a-horse-of-another-colour"


def somewhere(token: str = "") -> Device:
    """A device whose failures nobody has counted yet."""
    return Device(user_agent="Firefox", ip_address="192.0.2.7", site=uuid.uuid4().hex, token=token)


def by_password(device: Device, email: str = EMAIL) -> Any:
    return login.login(identifier=email, password="wrong", device=device)


def by_reset_code(device: Device, email: str = EMAIL) -> Any:
    return passwords.reset(email=email, code="000000", password=NEW_PASSWORD, device=device)


def by_mailed_code(device: Device, email: str = EMAIL) -> Any:
    return verification.verify(email=email, code="000000", device=device)


def outcome(guess: Callable[[Device, str], Any], device: Device | None = None, email: str = EMAIL) -> str:
    with pytest.raises(DomainError) as caught:
        guess(device or somewhere(), email)
    return caught.value.code


def sign_in_on(device: Device) -> sign_in.SignIn:
    return login.login(identifier=EMAIL, password=PASSWORD, device=device)
