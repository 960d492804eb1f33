"""What is called with a code from a mail, or with a password."""

from collections.abc import Callable
from typing import Any

from accounts.enums import CodePurpose
from accounts.models import User
from accounts.services import codes
from accounts.tests.factories import PASSWORD
from accounts.tests.postbox import newest_code
from fantasize.tests.contract.world import World

_NEW = "a-horse-of-another-colour"
_NOBODY = {"email": "nobody@example.com"}


def _coded(world: World, purpose: CodePurpose) -> dict[str, Any]:
    """An address and the code that was mailed to it."""
    user = world.user("customer")
    codes.send(user_id=user.pk, purpose=purpose)
    return {"email": user.email, "code": newest_code()}


def _unproven(world: World) -> dict[str, Any]:
    User.objects.filter(pk=world.user("customer").pk).update(email_verified_at=None)
    return _coded(world, CodePurpose.VERIFY_EMAIL)


def _forgotten(world: World) -> dict[str, Any]:
    return {**_coded(world, CodePurpose.RESET_PASSWORD), "password": _NEW}


# Who calls what with which body, so that it succeeds.
CALLS: dict[str, tuple[str, Callable[[World], Any] | dict[str, Any] | None]] = {
    "POST /auth/verify-email": ("anonymous", _unproven),
    "POST /auth/resend-code": ("anonymous", _NOBODY),
    "POST /auth/password/reset": ("anonymous", _NOBODY),
    "POST /auth/password/reset/confirm": ("anonymous", _forgotten),
    "POST /auth/password/change": ("customer", {"current_password": PASSWORD, "password": _NEW}),
    "POST /auth/reverify": ("customer", {"password": PASSWORD}),
}
