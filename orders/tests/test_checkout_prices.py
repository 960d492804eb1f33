"""What an order costs: offers and price breaks as they are at that moment, frozen, and never by halves."""

import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.tests.factories import make_user
from catalog.models import Category, Offer, PriceBreak, Product
from catalog.pricing import BreakTerms
from catalog.services import stock
from catalog.services.offers import remove_offer, update_offer
from catalog.services.price_breaks import add_break
from catalog.tests.factories import make_offer, make_product
from catalog.tests.races import at_once
from fantasize.core import clock, invariants
from fantasize.tests.client import ApiClient
from orders.enums import PaymentMethod
from orders.errors import PriceChangedError
from orders.models import Hold, Order, OrderLine
from orders.services import customers
from orders.services.baskets import LineRequest
from orders.services.checkout import place_order
from orders.tests.factories import ADDRESS

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def place(*lines: tuple[Product, int], user: User | None = None, expected_total: str | None = None) -> Order:
    return place_order(
        customer=customers.of(user or make_user()),
        lines=[LineRequest(product.pk, quantity) for product, quantity in lines],
        payment_method=PaymentMethod.CASH_ON_DELIVERY,
        shipping_address=ADDRESS,
        expected_total=Decimal(expected_total) if expected_total else None,
    )


def stages(order: Order) -> list[list[tuple[str, str, str]]]:
    rows = OrderLine.objects.filter(order=order).order_by("position")
    return [[(stage["stage"], stage["rule"], stage["amount"]) for stage in row.stages] for row in rows]


def test_offers_and_price_breaks_are_applied_and_frozen() -> None:
    product = make_product(price="9.99", stock=100)
    offer = make_offer(name="Spring", percent="15", products=[product.pk])
    add_break(target=product, terms=BreakTerms(10, Decimal(10), None))
    order = place((product, 4), (product, 6))
    remove_offer(offer=offer)
    PriceBreak.objects.all().delete()
    expected = [
        ("list_price", "list price", "9.99"),
        ("offer", "Spring: 15 % off", "8.4915"),
        ("bulk_break", "from 10: 10 % off", "7.64"),
    ]
    assert stages(order) == [expected, expected]
    kept = Order.objects.get(pk=order.pk)
    assert (kept.items_total, kept.discount_total, kept.total) == (Decimal("76.40"), Decimal(0), Decimal("76.40"))
    assert not any(found for name, found in invariants.violations().items() if name.startswith(("orders.", "prices.")))


def test_an_offer_on_a_category_above_counts() -> None:
    top = Category.objects.create(name="Top", slug="top")
    below = Category.objects.create(name="Below", slug="below", parent=top)
    product, beside = make_product(price="10.00", category=below), make_product(price="10.00")
    make_offer(name="All of it", amount="2.50", categories=[top.pk])
    assert stages(place((product, 1), (beside, 1))) == [
        [("list_price", "list price", "10.00"), ("offer", "All of it: 2.50 USD off", "7.50")],
        [("list_price", "list price", "10.00")],
    ]


@pytest.mark.parametrize(("at", "total"), [(-SECOND, "10.00"), (timedelta(0), "5.00"), (SECOND, "10.00")])
def test_the_price_is_that_of_the_moment_to_the_second(at: timedelta, total: str) -> None:
    with clock.frozen_at(NOON - timedelta(days=1)):
        product = make_product(price="10.00")
        make_offer(percent="50", products=[product.pk], starts_at=NOON, ends_at=NOON + SECOND)
    with clock.frozen_at(NOON + at):
        order = place((product, 1))
    assert (order.total, order.placed_at) == (Decimal(total), NOON + at)


def test_a_price_that_changed_since_is_told_and_nothing_is_placed() -> None:
    product = make_product(price="10.00")
    offer = make_offer(percent="50", products=[product.pk])
    with pytest.raises(PriceChangedError) as refusal:
        place((product, 2), expected_total="20.00")
    assert (refusal.value.extra["total"], refusal.value.extra["quote"]["total"]) == ("10.00", "10.00")
    assert (Order.objects.count(), Hold.objects.count()) == (0, 0)
    update_offer(offer=offer, changes={"percent": Decimal(20)})
    assert place((product, 2), expected_total="16.00").total == Decimal("16.00")


def test_over_http_too() -> None:
    user, product = make_user(), make_product(price="10.00")
    make_offer(percent="50", products=[product.pk])
    body: dict[str, Any] = {
        "lines": [{"product": product.pk, "quantity": 2}],
        "payment_method": "cash_on_delivery",
        "shipping_address": ADDRESS,
    }
    stale = ApiClient(user).post("/orders", {**body, "expected_total": "20.00"}, Idempotency_Key="1")
    assert (stale.status, stale.body["code"], stale.body["total"]) == (409, "price_changed", "10.00")
    placed = ApiClient(user).post("/orders", {**body, "expected_total": "10.00"}, Idempotency_Key="2")
    assert (placed.status, placed.data["totals"]["total"]) == (201, "10.00")
    assert placed.data["lines"][0]["unit_price"] == "5.00"


def test_lines_with_offers_and_breaks_cost_as_many_queries_for_a_dozen_as_for_one() -> None:
    user, category = make_user(), Category.objects.create(name="Top", slug="top")
    products = [make_product(stock=100, category=category if number % 2 else None) for number in range(12)]
    make_offer(percent="10", categories=[category.pk])
    for product in products:
        add_break(target=product, terms=BreakTerms(2, Decimal(5), None))

    def queries(count: int) -> int:
        with CaptureQueriesContext(connection) as captured:
            place(*((product, 2) for product in products[:count]), user=user)
        return len(captured)

    assert queries(1) == queries(3) == queries(12)


@pytest.mark.django_db(transaction=True)
def test_an_offer_that_changes_meanwhile_is_the_old_one_or_the_new_one_for_every_line() -> None:
    """An offer moves from a category to its products, and deeper, while people order: no order sees neither or both."""
    category = Category.objects.create(name="Top", slug="top")
    products = [make_product(price="10.00", stock=1000, category=category) for _ in range(4)]
    ids = [product.pk for product in products]
    offer = make_offer(percent="10", categories=[category.pk])
    users = [make_user() for _ in range(4)]
    done = threading.Event()

    def move() -> None:
        for turn in range(20):
            above = bool(turn % 2)
            update_offer(
                offer=offer,
                changes={
                    "percent": Decimal(10 if above else 20),
                    "products": [] if above else ids,
                    "categories": [category.pk] if above else [],
                },
            )
        done.set()

    def buy(user: User) -> list[Decimal]:
        totals: list[Decimal] = []
        while not done.is_set() and len(totals) < 25:
            totals.append(place(*((product, 1) for product in products), user=user).total)
        return totals

    outcomes = at_once(move, *(lambda user=user: buy(user) for user in users))
    assert outcomes[0] is None, outcomes[0]
    totals = {total for bought in outcomes[1:] for total in bought}
    assert totals <= {Decimal("36.00"), Decimal("32.00")}
    assert all(each["prices.column_follows_offers"] == 0 for each in [invariants.violations()])


@pytest.mark.django_db(transaction=True)
def test_offers_read_one_after_the_other_would_be_seen_by_halves() -> None:
    """What the one statement is for: asked for products first and for categories later, the offer is on neither."""
    category = Category.objects.create(name="Top", slug="top")
    product = make_product(price="10.00", category=category)
    offer = make_offer(percent="10", categories=[category.pk])
    own = Offer.objects.filter(products=product.pk, is_active=True).exists()
    at_once(lambda: update_offer(offer=offer, changes={"products": [product.pk], "categories": []}))
    inherited = Offer.objects.filter(categories=category.pk, is_active=True).exists()
    assert not own
    assert not inherited


@pytest.mark.django_db(transaction=True)
def test_an_offer_that_ends_before_the_order_is_committed_leaves_its_price(monkeypatch: pytest.MonkeyPatch) -> None:
    user, product = make_user(), make_product(price="10.00")
    offer = make_offer(percent="50", products=[product.pk])
    hold = stock.hold

    def end_offer_then_hold(demand: Any) -> None:
        at_once(lambda: remove_offer(offer=offer))
        hold(demand)

    monkeypatch.setattr(stock, "hold", end_offer_then_hold)
    order = place((product, 1), user=user, expected_total="5.00")
    assert order.total == Decimal("5.00")
    assert stages(order)[0][-1][2] == "5.00"
    with pytest.raises(PriceChangedError), transaction.atomic():
        place((product, 1), user=user, expected_total="5.00")
