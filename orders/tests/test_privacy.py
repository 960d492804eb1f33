"""What orders tell of people and forget about them; and orders placed while somebody is being forgotten."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.services import erasure
from accounts.tests.factories import make_user
from catalog.tests.factories import make_product
from fantasize.core import clock, invariants, privacy
from fantasize.core.errors import DomainError, UnauthenticatedError
from fantasize.core.models import DomainEvent
from fantasize.core.privacy import Document
from fantasize.tests.waiting import PATIENCE_SECONDS
from orders.enums import OrderStatus, PaymentMethod, Role
from orders.errors import OrdersOpenError
from orders.models import Order
from orders.services import checkout, customers
from orders.services import privacy as orders_privacy
from orders.services.baskets import LineRequest
from orders.services.customers import Customer
from orders.services.transitions import Move, move_order
from orders.tests.factories import ADDRESS, make_order, move

pytestmark = pytest.mark.django_db


def forget(user: User) -> None:
    with transaction.atomic():
        orders_privacy.forget(user.pk)


@pytest.mark.parametrize("is_verified", [True, False])
def test_orders_without_an_account_belong_to_whoever_has_proven_the_address(is_verified: bool) -> None:  # noqa: FBT001 - a parameter
    user = make_user(email="ada@example.com", email_verified_at=clock.now() if is_verified else None)
    order = move(make_order(user=make_user()), OrderStatus.CANCELLED)
    Order.objects.update(user=None, email="ada@example.com")
    orders, *_ = orders_privacy.parts_of(user.pk)
    assert isinstance(orders, Document)
    assert [row["number"] for row in orders.data] == ([order.number] if is_verified else [])
    forget(user)
    assert Order.objects.get().email == ("" if is_verified else "ada@example.com")


def test_what_a_guest_ordered_is_not_called_the_accounts_to_cancel() -> None:
    user = make_user(email="ada@example.com", email_verified_at=clock.now())
    order = make_order(user=user)
    with pytest.raises(OrdersOpenError) as caught:
        forget(user)
    assert caught.value.detail.startswith(f"Some orders have not come to their end: {order.number}. ")
    assert "as a guest" not in caught.value.detail
    Order.objects.update(user=None)
    with pytest.raises(OrdersOpenError) as caught:
        forget(user)
    assert "as a guest" in caught.value.detail
    assert caught.value.extra == {"orders": [order.number]}


def test_words_of_the_customer_are_told_and_words_among_staff_are_not() -> None:
    user = make_user()
    order = make_order(user=user)
    move(order, OrderStatus.PROCESSING, note="Staff say this.")
    mine = make_order(user=user)
    said = Move(target=OrderStatus.CANCELLED, actor=user.actor, role=Role.OWNER, note="I say this.")
    move_order(order_id=mine.pk, move=said)
    _orders, events, *_ = orders_privacy.parts_of(user.pk)
    assert isinstance(events, Document)
    told = list(events.data)
    assert [event["name"] for event in told] == [
        "order.placed",
        "order.processing",
        "order.placed",
        "order.cancelled",
        "order_staff.note_added",
    ]
    assert "I say this." in str(told)
    assert "Staff say this." not in str(told)


def test_words_of_a_guest_are_told_too() -> None:
    user = make_user(email="ada@example.com", email_verified_at=clock.now())
    order = make_order(user=user)
    Order.objects.update(user=None, email="ada@example.com")
    said = Move(target=OrderStatus.CANCELLED, actor=f"link:{uuid4()}", role=Role.OWNER, note="A guest says this.")
    move_order(order_id=order.pk, move=said)
    _orders, events, *_ = orders_privacy.parts_of(user.pk)
    assert isinstance(events, Document)
    assert "A guest says this." in str(list(events.data))


def test_every_status_but_the_last_ones_keeps_its_customer() -> None:
    user = make_user()
    order = make_order(user=user)
    for status in (OrderStatus.PROCESSING, OrderStatus.PROCESSED, OrderStatus.SHIPPED):
        with pytest.raises(OrdersOpenError) as caught:
            forget(user)
        assert caught.value.extra == {"orders": [order.number]}
        move(order, status)
    move(order, OrderStatus.DELIVERED)
    forget(user)
    kept = Order.objects.get()
    assert (kept.email, kept.shipping_address, kept.total) == ("", {}, order.total)
    assert not any(invariants.violations().values())


def test_forgetting_costs_the_same_for_many_orders() -> None:
    user, counts = make_user(), []
    for _ in range(2):
        move(make_order(user=user), OrderStatus.CANCELLED)
        move(make_order(user=user), OrderStatus.CANCELLED)
        with CaptureQueriesContext(connection) as queries:
            forget(user)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def race(user: User) -> list[str]:
    """Twenty orders and an erasure at once; how each went."""
    product, callers = make_product(stock=100), 20
    start = threading.Barrier(callers + 1)

    def place() -> str:
        checkout.place_order(
            customer=customers.of(user),
            lines=[LineRequest(product.pk, 1)],
            payment_method=PaymentMethod.CASH_ON_DELIVERY,
            shipping_address=ADDRESS,
        )
        return "placed"

    def erase() -> str:
        erasure.erase(user=user)
        return "erased"

    def run(work: Any) -> str:
        start.wait(PATIENCE_SECONDS)
        try:
            return str(work())
        except DomainError as error:
            return error.code
        finally:
            connection.close()

    with ThreadPoolExecutor(callers + 1) as pool:
        futures = [pool.submit(run, work) for work in [*[place] * (callers // 2), erase, *[place] * (callers // 2)]]
        return [future.result() for future in futures]


@pytest.mark.django_db(transaction=True)
def test_nobody_who_is_forgotten_gets_an_order_that_knows_them() -> None:
    for _ in range(5):
        user = make_user()
        outcomes = race(user)
        known = Order.objects.filter(user=user).exclude(email="").count()
        is_erased = User.objects.get(pk=user.pk).erased_at is not None
        assert known == (0 if is_erased else outcomes.count("placed"))
        assert ("erased" in outcomes) == is_erased
        assert set(outcomes) <= {"placed", "erased", "orders_open", "not_authenticated"}


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_an_erased_person_gets_an_order() -> None:
    """The erasure commits between the question whether the account is open and the order's insert."""
    user, product = make_user(), make_product()
    held, erased = threading.Event(), threading.Event()

    def late(_: Customer) -> None:
        held.set()
        assert erased.wait(PATIENCE_SECONDS)

    def place() -> None:
        try:
            with patch.object(checkout, "require_customer", late):
                checkout.place_order(
                    customer=customers.of(user),
                    lines=[LineRequest(product.pk, 1)],
                    payment_method=PaymentMethod.CASH_ON_DELIVERY,
                    shipping_address=ADDRESS,
                )
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        placed = pool.submit(place)
        assert held.wait(PATIENCE_SECONDS)
        erasure.erase(user=user)
        erased.set()
        placed.result()
    assert Order.objects.get().email == user.email, "this is what the lock is there for"
    with pytest.raises(UnauthenticatedError):
        make_order(user=user)


def test_apps_are_registered_below_each_other() -> None:
    assert list(privacy._holders) == ["accounts", "catalog", "customizations", "orders"]
    assert DomainEvent.objects.count() == 0
