"""People with second factors, for tests."""

import base64
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.contrib.auth.models import Group
from django.db import connection

from accounts.models import RolePolicy, Session, User
from accounts.services import passkeys
from accounts.tests.software_key import SoftwareKey
from fantasize.core import clock
from fantasize.core.errors import DomainError
from fantasize.tests.waiting import PATIENCE_SECONDS

SECRET = base64.b32encode(b"0123456789abcdefghij").decode()


def code_for(secret: str = SECRET, *, steps: int = 0) -> str:
    """What an authenticator app shows now, or some half minutes from now."""
    generator = TOTP(base64.b32decode(secret), 6, SHA1(), 30)  # noqa: S303 - what authenticator apps speak
    return generator.generate((clock.now() + timedelta(seconds=30 * steps)).timestamp()).decode()


def wrong_code(secret: str = SECRET) -> str:
    """Six digits that no app shows about now."""
    near = {code_for(secret, steps=steps) for steps in range(-3, 4)}
    return next(code for code in (f"{number:06}" for number in range(10)) if code not in near)


def add_totp(user: User) -> Authenticator:
    """An authenticator app that knows ``SECRET``."""
    data = {"secret": get_adapter().encrypt(SECRET)}
    return Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data=data)


def add_passkey(user: User, **options: Any) -> SoftwareKey:
    """A passkey of the user."""
    key, asked = SoftwareKey(**options), passkeys.begin_registration(user=user)
    passkeys.complete_registration(
        user=user, credential=key.create(asked["options"]), state=asked["state"], name="Laptop"
    )
    return key


def make_session(user: User, **fields: Any) -> Session:
    """A live session of the user, without a second factor unless told."""
    return Session.objects.create(user=user, expires_at=clock.now() + timedelta(days=30), **fields)


def require_mfa(role: str) -> None:
    """Ask everybody in ``role`` for a second factor."""
    RolePolicy.objects.update_or_create(role=Group.objects.get(name=role), defaults={"requires_mfa": True})


def refusal(call: Callable[[], Any]) -> str:
    """What the refusal of a call is called."""
    with pytest.raises(DomainError) as caught:
        call()
    return caught.value.code


def race(call: Callable[[], Any], callers: int) -> list[Any]:
    """What ``callers`` threads that start together hear."""
    start = threading.Barrier(callers)

    def run() -> Any:
        start.wait(PATIENCE_SECONDS)
        try:
            return call()
        except DomainError as error:
            return error.code
        finally:
            connection.close()

    with ThreadPoolExecutor(callers) as pool:
        return [future.result() for future in [pool.submit(run) for _ in range(callers)]]
