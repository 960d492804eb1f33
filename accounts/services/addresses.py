"""People's addresses."""

from typing import Any

from django.db import transaction

from accounts.models import Address, User
from accounts.services.profile import lock_active
from fantasize.core.errors import ConflictError

MAX_ADDRESSES = 100
_DEFAULTS = ("is_default_shipping", "is_default_billing")


@transaction.atomic
def add(*, user: User, **values: Any) -> Address:
    """Add an address; the first one becomes the default for parcels and bills. Locks the user's row.

    Raises:
        ConflictError: ``too_many_addresses``.
        UnauthenticatedError: the account was closed meanwhile.
    """
    lock_active(user)
    count = user.addresses.count()
    if count >= MAX_ADDRESSES:
        raise ConflictError(f"There can be {MAX_ADDRESSES} addresses.", code="too_many_addresses")
    if count == 0:
        values |= dict.fromkeys(_DEFAULTS, True)
    values.setdefault("full_name", user.get_full_name())
    _make_room(user, values)
    return Address.objects.create(user=user, **values)


@transaction.atomic
def change(*, address: Address, **values: Any) -> Address:
    """Change an address; made a default, it takes the place of the one before. Locks the user's row.

    Raises:
        UnauthenticatedError: the account was closed meanwhile.
    """
    lock_active(address.user)
    _make_room(address.user, values)
    for name, value in values.items():
        setattr(address, name, value)
    address.save(update_fields=list(values))
    return address


def remove(*, address: Address) -> None:
    """Delete an address; orders keep their own copy."""
    address.delete()


def _make_room(user: User, values: dict[str, Any]) -> None:
    """Take the defaults that ``values`` claims away from the other addresses."""
    for name in _DEFAULTS:
        if values.get(name):
            user.addresses.filter(**{name: True}).update(**{name: False})
