"""Ordering again: it works as it was, or says what changed."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.tests.factories import make_user
from catalog.models import Product, StockItem
from catalog.services.packages import Part, update_package
from catalog.services.products import update_product
from catalog.services.stock import hold
from catalog.tests.factories import make_product
from customizations import rendering
from customizations.models import ChoiceStock, CustomizationTemplate
from customizations.services import templates
from customizations.tests.factories import NAME
from fantasize.core import clock
from fantasize.core.errors import UnavailableError
from orders.models import Order
from orders.services import reorders
from orders.services.baskets import LineRequest
from orders.tests.customized import (
    PHOTO,
    PLACED,
    SMALL,
    make_customizable,
    make_customizable_package,
    place,
    send_picture,
    small_schema,
)

pytestmark = pytest.mark.django_db

ANSWERS = {"colour": "gold", "name": "Ada Lovelace"}


def again(order: Order) -> reorders.Reorder:
    return reorders.check(Order.objects.with_lines().get(pk=order.pk))


def changes(order: Order) -> list[tuple[str, str, bool]]:
    return [(change.pointer, change.code, change.blocks) for change in again(order).changes]


def publish(schema: dict[str, Any]) -> None:
    templates.update_template(
        template=CustomizationTemplate.objects.get(), changes={"schema": schema}, actor="user:staff"
    )


def test_what_has_not_changed_can_be_sent_again_as_it_is() -> None:
    user, mug = make_user(), make_customizable(PHOTO, price="8.00")
    package = make_customizable_package((mug, 2), own_price=Decimal(15))
    own = {**ANSWERS, "photo": str(send_picture(user).pk)}
    lines = [
        LineRequest(mug.pk, 2, answers=own),
        LineRequest(package_id=package.pk, answers={"card": "Hello"}, parts={mug.pk: {"colour": "red"}}),
    ]
    found = again(place(user, *lines))
    assert found.changes == []
    assert found.lines == [
        {"product": mug.pk, "quantity": 2, "answers": own, "parts": {}},
        {"package": package.pk, "quantity": 1, "answers": {"card": "Hello"}, "parts": {str(mug.pk): {"colour": "red"}}},
    ]
    assert place(user, *lines).total


def _hide(product: Product) -> None:
    update_product(product=product, changes={"is_active": False})


def _delete(product: Product) -> None:
    product.delete()


def _reprice(product: Product) -> None:
    update_product(product=product, changes={"list_price": Decimal(11)})


def _sell_out(product: Product) -> None:
    hold({product.stock_id: StockItem.objects.get(pk=product.stock_id).available})


def _sell_out_gold(_product: Product) -> None:
    leaf = ChoiceStock.objects.get().stock
    hold({leaf.pk: leaf.available})


def _retire(_product: Product) -> None:
    templates.retire(template=CustomizationTemplate.objects.get(), actor="user:staff")


def _drop_option(_product: Product) -> None:
    publish({**small_schema(), "options": small_schema()["options"][:1]})


def _drop_choice(_product: Product) -> None:
    schema = small_schema()
    schema["options"][0]["choices"].pop()
    publish(schema)


def _ask_more(_product: Product) -> None:
    publish(small_schema({"key": "font", "type": "text", "label": "Motto", "max_length": 9, "required": True}))


def _make_room_tight(_product: Product) -> None:
    colour = small_schema()["options"][0]
    place = {**PLACED, "width": 20, "height": 10, "min_size": 8}
    publish({"options": [colour, {**NAME, "placement": place}], "canvas": SMALL})


def _price_options(_product: Product) -> None:
    schema = small_schema()
    schema["options"][0]["choices"][1]["price"] = "5.00"
    publish(schema)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (_hide, [("", "not_sold", True)]),
        (_delete, [("", "not_sold", True)]),
        (_reprice, [("", "price_changed", False)]),
        (_sell_out, [("/quantity", "out_of_stock", True)]),
        (_sell_out_gold, [("/answers/colour", "out_of_stock", True)]),
        (_retire, [("/answers", "options_gone", True)]),
        (_drop_option, [("/answers/name", "unknown_option", True)]),
        (_drop_choice, [("/answers/colour", "unknown_choice", True)]),
        (_ask_more, [("/answers/font", "required", True)]),
        (_make_room_tight, [("/answers/name", "text_does_not_fit", True)]),
        (_price_options, [("/answers", "template_changed", False), ("", "price_changed", False)]),
    ],
)
def test_what_has_changed_is_named(change: Callable[[Product], None], named: list[tuple[str, str, bool]]) -> None:
    product, other = make_customizable(stock=5), make_product()
    order = place(make_user(), LineRequest(product.pk, 1, answers=ANSWERS), LineRequest(other.pk, 1))
    change(product)
    found = again(order)
    assert [(each.pointer, each.code, each.blocks) for each in found.changes] == named
    is_blocked = any(blocks for *_, blocks in named)
    assert [line["product"] for line in found.lines] == ([] if is_blocked else [product.pk]) + [other.pk]
    assert all(each.detail.endswith(".") and each.line == order.lines.get(position=1).pk for each in found.changes)


def test_where_text_cannot_be_laid_out_nobody_says_that_it_fits() -> None:
    order = place(make_user(), LineRequest(make_customizable().pk, 1, answers=ANSWERS))
    _price_options(make_product())
    with patch.object(rendering, "check_text", side_effect=rendering.UnavailableError), pytest.raises(UnavailableError):
        again(order)


def test_what_is_left_goes_to_the_lines_that_come_first() -> None:
    product = make_product(stock=10)
    order = place(make_user(), LineRequest(product.pk, 3), LineRequest(product.pk, 3))
    assert [line["quantity"] for line in again(order).lines] == [3]
    assert changes(order) == [("/quantity", "out_of_stock", True)]


def test_a_package_that_is_made_of_something_else_says_so() -> None:
    mug, card = make_customizable(stock=9), make_product()
    package = make_customizable_package((mug, 1), (card, 1), own_price=Decimal(15))
    order = place(make_user(), LineRequest(package_id=package.pk, parts={mug.pk: {"colour": "red"}}))
    _hide(card)
    assert changes(order) == [("/package", "out_of_stock", True)]
    update_package(package=package, changes={}, items=[Part(mug.pk, 2)], actor="user:staff")
    assert changes(order) == [("/package", "parts_changed", False)]
    update_package(package=package, changes={}, items=[Part(make_product().pk, 2)], actor="user:staff")
    assert changes(order) == [("/package", "parts_changed", False), (f"/parts/{mug.pk}", "unknown_part", True)]


def test_what_is_forgotten_cannot_be_ordered_again() -> None:
    order = place(make_user(), LineRequest(make_customizable().pk, 1, answers=ANSWERS))
    order.lines.update(erased_at=clock.now())
    assert changes(order) == [("/answers", "erased", True)]
    Order.objects.update(user=None)
    order.lines.update(erased_at=None)
    assert changes(order) == []


def test_a_dozen_lines_cost_as_many_queries_as_one() -> None:
    user: User = make_user()
    products = [make_customizable() for _ in range(12)]

    def queries(count: int) -> int:
        lines = [LineRequest(product.pk, 1, answers={"colour": "red"}) for product in products[:count]]
        order = place(user, *lines)
        with CaptureQueriesContext(connection) as captured:
            assert len(again(order).lines) == count
        return len(captured)

    assert queries(1) == queries(12)
