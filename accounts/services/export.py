"""Handing people what the shop knows about them."""

from collections.abc import Iterator
from typing import IO, Any
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.forms.models import model_to_dict

from accounts.events import USER
from accounts.models import User
from fantasize.core import privacy
from fantasize.core.models import DomainEvent
from fantasize.core.privacy import Document, Part, Upload

_PROFILE = (
    "id",
    "email",
    "username",
    "first_name",
    "last_name",
    "language",
    "wants_news",
    "is_active",
    "is_staff",
    "email_verified_at",
    "last_login",
    "created_at",
)
_SESSION = ("id", "kind", "method", "user_agent", "ip_address", "created_at", "last_used_at", "expires_at")
_SESSION_END = ("revoked_at", "revoke_reason")


def export(*, user: User) -> IO[bytes]:
    """Everything the shop knows about the user, as a ZIP archive opened for reading; no secrets, not even hashed."""
    return privacy.write_archive(user.pk)


def parts_of(user_id: UUID) -> Iterator[Part]:
    """What accounts knows about somebody."""
    user = User.objects.get(pk=user_id)
    yield Document("profile", _profile(user))
    yield Document("addresses", [_address(address) for address in user.addresses.order_by("pk")])
    yield Document("sessions", list(user.sessions.order_by("created_at", "pk").values(*_SESSION, *_SESSION_END)))
    yield Document("known_devices", _rows(user.known_devices, "created_at", "last_used_at", "expires_at"))
    yield Document("recovery_codes", _rows(user.recovery_codes, "created_at", "used_at"))
    second_factors = Authenticator.objects.filter(user=user)
    yield Document("second_factors", _rows(second_factors, "type", "created_at", "last_used_at"))
    identities = SocialAccount.objects.filter(user=user)
    yield Document("identities", _rows(identities, "provider", "uid", "extra_data", "date_joined", "last_login"))
    yield Document("email_addresses", _rows(EmailAddress.objects.filter(user=user), "email", "verified", "primary"))
    events = DomainEvent.objects.filter(aggregate=USER, aggregate_id=str(user_id)).order_by("seq")
    yield Document("history", list(events.values("seq", "name", "occurred_at", "data")))
    if user.avatar:
        yield Upload("avatar", str(user.avatar.name))


def _profile(user: User) -> dict[str, Any]:
    groups = sorted(user.groups.values_list("name", flat=True))
    permissions = sorted(user.user_permissions.values_list("codename", flat=True))
    own = {name: getattr(user, name) for name in _PROFILE}
    return {**own, "role": user.role, "groups": groups, "permissions": permissions}


def _address(address: Any) -> dict[str, Any]:
    return {**model_to_dict(address, exclude=["user"]), "created_at": address.created_at}


def _rows(rows: Any, *names: str) -> list[dict[str, Any]]:
    return list(rows.order_by("pk").values(*names))
