"""What carts cost: as many queries for a dozen lines as for five."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.tests.factories import make_user
from catalog.tests.factories import make_product
from fantasize.core import guests
from orders.models import Cart, CartLine
from orders.services import carts
from orders.services.baskets import LineRequest
from orders.tests.customized import make_customizable, make_customizable_package
from orders.tests.shoppers import Shopper

pytestmark = pytest.mark.django_db


def _cost(shopper: Shopper, *call: Any) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert shopper.call(*call).status in {200, 201, 204}
    return len(captured)


def _fill(owner: str, count: int, *things: Any) -> None:
    """``count`` lines with all kinds of answers; but for the first ones, only their rows are made."""
    plain, mug, box = things
    carts.put(owner=owner, wish=LineRequest(plain.pk, 1))
    carts.put(owner=owner, wish=LineRequest(mug.pk, 1, answers={"colour": "red", "name": "Ada"}))
    parts = {mug.pk: {"colour": "red"}}
    carts.put(owner=owner, wish=LineRequest(package_id=box.pk, answers={"card": "Hi"}, parts=parts))
    lines = list(CartLine.objects.filter(cart__in=Cart.objects.of(owner), answers__gt={}))
    for number in range(count - 3):
        line = lines[number % 2]
        line.pk, line.fingerprint = None, f"{number}"
        line.answers = line.answers | {"name" if line.product_id else "card": f"Ada {number}"}
        line.save(force_insert=True)


@pytest.mark.parametrize("is_member", [False, True], ids=["guest", "member"])
def test_a_dozen_lines_cost_as_many_queries_as_five(is_member: bool) -> None:  # noqa: FBT001 - a case
    plain, mug = make_product(stock=1000), make_customizable(stock=1000)
    things = (plain, mug, make_customizable_package((mug, 2), own_price=15))
    costs = []
    for count in (5, 12):
        user = make_user() if is_member else None
        shopper = Shopper(user, token=None if user else guests.new_token())
        owner = user.actor if user else guests.principal_of(str(shopper.token))
        _fill(owner, count, *things)
        line = CartLine.objects.filter(product=mug, cart__in=Cart.objects.of(owner)).earliest("pk")
        costs.append(
            [
                _cost(shopper, "GET", "/cart"),
                _cost(shopper, "POST", "/cart/items", {"product": plain.pk, "quantity": 1}),
                _cost(shopper, "PATCH", f"/cart/items/{line.pk}", {"answers": {"colour": "gold"}}),
                _cost(shopper, "DELETE", f"/cart/items/{line.pk}"),
                _cost(shopper, "DELETE", "/cart"),
            ]
        )
    assert costs[0] == costs[1]
    assert max(costs[0]) < 60
