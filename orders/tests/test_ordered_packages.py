"""Packages in orders: one price, the stock of every part, answers about the parts."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.tests.factories import make_user
from catalog.errors import OutOfStockError
from catalog.models import Package, Product, ReviewGrant, StockItem
from catalog.pricing import BreakTerms
from catalog.services.packages import Part, update_package
from catalog.services.price_breaks import add_break
from catalog.services.products import update_product
from catalog.tests.factories import make_offer, make_package, make_product
from fantasize.core import invariants
from fantasize.core.errors import InvalidError
from orders.enums import OrderStatus
from orders.models import Order, OrderLine
from orders.services.baskets import LineRequest
from orders.tests.customized import make_customizable, make_customizable_package, place
from orders.tests.factories import move

pytestmark = pytest.mark.django_db


def held(*products: Product) -> list[int]:
    return [StockItem.objects.get(pk=product.stock_id).held for product in products]


def test_a_package_costs_its_price_now_and_takes_the_stock_of_its_parts() -> None:
    mug, card = make_product(price="8.00", stock=20), make_product(price="2.00", stock=60)
    package = make_package((mug, 1), (card, 3), percent_off=Decimal(10))
    make_offer(name="Spring", amount="1.00", packages=[package.pk])
    add_break(target=package, terms=BreakTerms(4, Decimal(5), None))
    order = place(make_user(), LineRequest(package_id=package.pk, quantity=4), LineRequest(mug.pk, 2))
    line = OrderLine.objects.get(order=order, package=package)
    # 14.00 singly, 12.60 together, 11.60 by the offer, 11.02 from four on.
    assert [(stage["stage"], stage["rule"], stage["amount"]) for stage in line.stages] == [
        ("list_price", "parts singly", "14.00"),
        ("package", "together: 12.60 each", "12.60"),
        ("offer", "Spring: 1.00 USD off", "11.60"),
        ("bulk_break", "from 4: 5 % off", "11.02"),
    ]
    assert (line.product, line.name, line.sku, line.line_total) == (None, package.name, package.sku, Decimal("44.08"))
    assert [(part["product"], part["name"], part["quantity"]) for part in line.parts] == [
        (mug.pk, mug.name, 1),
        (card.pk, card.name, 3),
    ]
    assert held(mug, card) == [6, 12]
    assert order.total == Decimal("60.08")
    assert not any(invariants.violations().values())


def test_parts_are_answered_priced_and_drawn_by_themselves() -> None:
    mug = make_customizable(price="8.00", stock=20)
    package = make_customizable_package((mug, 2), (make_product(price="2.00"), 1), own_price=Decimal("15.00"))
    answers = {"card": "Happy\nbirthday"}
    parts = {mug.pk: {"colour": "gold", "name": "Grandfather"}}
    order = place(make_user(), LineRequest(package_id=package.pk, quantity=3, answers=answers, parts=parts))
    [line] = OrderLine.objects.filter(order=order)
    # Two lines of the card are 3.00; each of the two mugs is 4.50 and three letters more, 5.10 in all.
    assert (line.unit_price, line.line_total) == (Decimal("28.20"), Decimal("84.60"))
    assert [(each["part"], each["key"], each["amount"]) for each in line.surcharges] == [
        (None, "card", "3.00"),
        (mug.pk, "colour", "9.00"),
        (mug.pk, "name", "1.20"),
    ]
    own, part = line.customizations
    assert (own["part"], own["pieces"], own["proof"]) == (None, 1, None)
    assert (part["part"], part["pieces"], len(part["proof"])) == (mug.pk, 2, 64)
    assert sorted(order.holds.values_list("quantity", flat=True)) == [3, 6, 6]
    assert not any(invariants.violations().values())


def test_faults_about_parts_are_named_by_the_part() -> None:
    mug, plain = make_customizable(), make_product()
    package = make_customizable_package((mug, 1), (plain, 1))
    parts = {mug.pk: {"colour": "blue"}, plain.pk: {"name": "Ada"}, 10**6: {"name": "Ada"}}
    with pytest.raises(InvalidError) as refusal:
        place(make_user(), LineRequest(package_id=package.pk, parts=parts))
    assert {error.location: error.code for error in refusal.value.errors} == {
        f"/lines/0/parts/{mug.pk}/colour": "unknown_choice",
        f"/lines/0/parts/{plain.pk}/name": "no_options",
        "/lines/0/parts/1000000": "unknown_part",
    }
    assert not Order.objects.exists()


def test_a_package_is_sold_whole_or_not_at_all() -> None:
    mug, card = make_product(stock=10), make_product(stock=3)
    package = make_package((mug, 1), (card, 2))
    with pytest.raises(OutOfStockError) as refusal:
        place(make_user(), LineRequest(package_id=package.pk, quantity=2))
    assert refusal.value.extra["available"] == {str(card.pk): 3}
    update_product(product=card, changes={"is_active": False})
    with pytest.raises(OutOfStockError) as hidden:
        place(make_user(), LineRequest(package_id=package.pk))
    assert hidden.value.extra["available"] == {str(card.pk): 0}
    assert held(mug, card) == [0, 0]
    assert not Order.objects.exists()


def test_a_hidden_package_is_not_sold() -> None:
    package = make_package(is_active=False)
    with pytest.raises(InvalidError) as refusal:
        place(make_user(), LineRequest(package_id=package.pk))
    assert [error.location for error in refusal.value.errors] == ["/lines/0/package"]


def test_a_sold_package_counts_itself_and_its_pieces_and_lets_both_be_reviewed() -> None:
    user, mug, card = make_user(), make_product(stock=10), make_product(stock=10)
    package = make_package((mug, 1), (card, 2))
    order = place(user, LineRequest(package_id=package.pk, quantity=2), LineRequest(mug.pk, 1))

    def sold() -> list[int]:
        return [
            *(Product.objects.get(pk=product.pk).sales_count for product in (mug, card)),
            Package.objects.get(pk=package.pk).sales_count,
        ]

    update_package(package=package, changes={}, items=[Part(mug.pk, 1)], actor="user:staff")
    move(order, OrderStatus.DELIVERED)
    assert sold() == [3, 4, 2]
    granted = set(ReviewGrant.objects.filter(user=user).values_list("product", "package"))
    assert granted == {(mug.pk, None), (card.pk, None), (None, package.pk)}
    again = place(user, LineRequest(package_id=package.pk, quantity=2))
    move(again, OrderStatus.PROCESSING)
    move(again, OrderStatus.CANCELLED)
    assert sold() == [3, 4, 2]
    assert not any(invariants.violations().values())


def test_what_nobody_known_received_nobody_reviews() -> None:
    order = place(make_user(), LineRequest(package_id=make_package().pk))
    Order.objects.update(user=None)
    assert move(order, OrderStatus.DELIVERED).status == OrderStatus.DELIVERED
    assert not ReviewGrant.objects.exists()


def test_parts_that_are_deleted_meanwhile_are_reviewed_by_nobody() -> None:
    user, mug, card = make_user(), make_product(stock=10), make_product(stock=10)
    package = make_package(mug, card)
    order = place(user, LineRequest(package_id=package.pk))
    update_package(package=package, changes={}, items=[Part(mug.pk, 1)], actor="user:staff")
    card.delete()
    move(order, OrderStatus.DELIVERED)
    assert set(ReviewGrant.objects.values_list("product", flat=True)) == {mug.pk, None}
    assert [part["name"] for part in OrderLine.objects.get(order=order).parts] == [mug.name, card.name]


def test_a_dozen_packages_cost_as_many_queries_as_one() -> None:
    user = make_user()
    packages = [make_package((make_product(stock=99), 1), (make_product(stock=99), 2)) for _ in range(12)]

    def queries(count: int) -> int:
        lines = [LineRequest(package_id=package.pk) for package in packages[:count]]
        with CaptureQueriesContext(connection) as captured:
            place(user, *lines)
        return len(captured)

    assert queries(1) == queries(3) == queries(12)
