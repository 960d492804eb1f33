"""Ready-made people for tests."""

from itertools import count
from typing import Any

from accounts.enums import Role
from accounts.models import Address, User
from accounts.services import roles
from fantasize.core import clock

PASSWORD = "correct-horse-battery"

_numbers = count(1)


def make_user(*, email: str = "", role: str = "customer", password: str = PASSWORD, **fields: Any) -> User:
    """A saved user who can sign in with ``password``; staff are in their built-in group, with its grants."""
    fields.setdefault("email_verified_at", clock.now())
    user = User.objects.create_user(email or f"person{next(_numbers)}@example.com", password, **fields)
    if role != Role.CUSTOMER:
        roles.assign_role(user=user, role=Role(role))
    return user


def make_address(user: User, **fields: Any) -> Address:
    """A saved address of ``user``."""
    values = {
        "full_name": "Ada Lovelace",
        "line1": "12 St James's Square",
        "city": "London",
        "postal_code": "SW1Y 4JH",
        "country": "GB",
    }
    return Address.objects.create(user=user, **{**values, **fields})
