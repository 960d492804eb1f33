"""Who acts in drills, and what they want to have: made inside the shop, all at once."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from accounts.models import Session, User
from accounts.tests.factories import make_user
from accounts.tokens import issue_access
from catalog.tests.factories import make_package, make_product
from fantasize.core import clock


def print_cast(*, buyers: int, products: Mapping[str, int], packages: Mapping[str, Mapping[str, int]]) -> None:
    """Make them; as a line of JSON, the buyers' access tokens, a manager's, and ids by name."""
    things = {name: make_product(name=name, stock=pieces) for name, pieces in products.items()}
    boxes = {
        name: make_package(*((things[part], count) for part, count in parts.items()), name=name)
        for name, parts in packages.items()
    }
    manager = make_user(email="manager@example.com", password="", role="manager")
    made: dict[str, Any] = {
        "buyers": [issue_access(session) for session in _sign_in(_make_buyers(buyers))],
        "manager": issue_access(_sign_in([manager])[0]),
        "products": {name: product.pk for name, product in things.items()},
        "stock": {name: product.stock_id for name, product in things.items()},
        "packages": {name: package.pk for name, package in boxes.items()},
    }
    print(json.dumps(made))  # noqa: T201 - how the shop's process tells the test's


def _make_buyers(count: int) -> list[User]:
    """Without passwords, whose hashes would take longest."""
    moment = clock.now()
    people = (User(email=f"buyer{number}@example.com", email_verified_at=moment) for number in range(count))
    made: list[User] = User.objects.bulk_create(people)
    return made


def _sign_in(people: list[User]) -> list[Session]:
    expires_at = clock.now() + timedelta(days=1)
    return Session.objects.bulk_create(Session(user=user, expires_at=expires_at) for user in people)
