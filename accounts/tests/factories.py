"""Ready-made people for tests."""

from itertools import count
from typing import Any

from django.contrib.auth.models import Group

from accounts.enums import Role
from accounts.models import Address, User
from fantasize.core import clock

PASSWORD = "correct-horse-battery"

_numbers = count(1)


def make_user(*, email: str = "", role: str = "customer", password: str = PASSWORD, **fields: Any) -> User:
    """A saved user who can sign in with ``password``; staff are in their built-in group, with its grants."""
    standing = {} if role == Role.CUSTOMER else {"is_staff": True, "rights_version": 1}
    fields = {"email_verified_at": clock.now(), **standing, **fields}
    user = User.objects.create_user(email or f"person{next(_numbers)}@example.com", password, **fields)
    if role != Role.CUSTOMER:
        # As assigning the role leaves them, in a quarter of its queries: most tests begin with somebody on the staff.
        User.groups.through.objects.create(user=user, group=Group.objects.get(name=Role(role)))
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
