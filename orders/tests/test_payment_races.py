"""Payments that arrive while the goods are being given back: each order is made, or its money goes back."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection
from django.db.models import QuerySet
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.tests.factories import make_user
from catalog.models import StockItem
from catalog.tests.factories import make_product
from fantasize.core import clock, invariants
from fantasize.core.errors import DomainError
from fantasize.tests.waiting import PATIENCE_SECONDS
from orders.models import Order, Payment, PaymentSession, SandboxSession, WebhookEvent
from orders.services import checkout_sessions, expiry, holds, webhooks
from orders.tests.payment_shop import (
    encoded,
    make_unpaid,
    names_of,
    open_page,
    paid_event,
    post,
    signed,
    standing,
    tell,
)

pytestmark = pytest.mark.django_db(transaction=True)

ORDERS = 24


def all_at_once(*jobs: Callable[[], Any]) -> None:
    """Run the jobs in threads that begin together; what the domain refuses is an answer, all else a fault."""
    barrier, faults = threading.Barrier(len(jobs)), []

    def run(job: Callable[[], Any]) -> None:
        try:
            barrier.wait(PATIENCE_SECONDS)
            job()
        except DomainError:
            pass
        except Exception as error:  # noqa: BLE001 - shown to whoever reads the test's failure
            faults.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []


def broken() -> dict[str, int]:
    return {name: found for name, found in invariants.violations().items() if found and name.startswith(_ABOUT)}


_ABOUT = ("orders.", "stock.")


def expire() -> None:
    with clock.frozen_at(clock.now() + timedelta(hours=2)):
        expiry.cancel_expired_orders()


def test_goods_that_are_given_back_while_they_are_paid_for_have_one_outcome_each() -> None:
    product = make_product(stock=ORDERS)
    orders = [make_unpaid(product=product) for _ in range(ORDERS)]
    events = [{**paid_event(open_page(order)), "id": f"evt_{order.pk}"} for order in orders]
    buyers = [make_user() for _ in range(4)]

    def pay(part: int) -> None:
        for event in events[part::4]:
            tell(event)

    all_at_once(
        *(lambda part=part: pay(part) for part in range(4)),
        expire,
        expire,
        *(lambda user=user: [make_unpaid(user=user, product=product) for _ in range(3)] for user in buyers),
    )
    outcomes = Counter(standing(order) for order in orders)
    assert set(outcomes) <= {("processing", "paid"), ("cancelled", "refunded")}
    assert outcomes.total() == Payment.objects.captured().count() == ORDERS
    assert not broken()
    item = StockItem.objects.get(pk=product.stock_id)
    assert item.on_hand == ORDERS - outcomes["processing", "paid"]


def test_without_the_lock_money_is_taken_for_an_order_that_is_called_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: whoever gives the goods back has looked before the payment came, and writes after it."""
    order = make_unpaid(product=make_product(stock=5))
    event, is_paid = paid_event(open_page(order)), threading.Event()
    release = holds.release

    def release_late(late: Order) -> None:
        is_paid.wait(PATIENCE_SECONDS)
        release(late)

    def pay() -> None:
        tell(event)
        is_paid.set()

    monkeypatch.setattr(holds, "release", release_late)
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_: rows.all())
    all_at_once(expire, pay)
    assert broken()


def test_fifty_clicks_open_one_page() -> None:
    order = make_unpaid()
    all_at_once(*(lambda: [checkout_sessions.open_page(order_id=order.pk) for _ in range(5)] for _ in range(10)))
    assert PaymentSession.objects.count() == SandboxSession.objects.count() == Payment.objects.count() == 1


def test_without_the_lock_a_second_page_is_only_kept_away_by_the_database() -> None:
    """The negative control: both look, neither sees a page, both write one down; the constraint refuses one."""
    order = make_unpaid()
    barrier = threading.Barrier(2)
    find = checkout_sessions._find_open

    def find_together(row: Order) -> Payment | None:
        found = find(row)
        barrier.wait(PATIENCE_SECONDS)
        return found

    with (
        patch.object(checkout_sessions, "_find_open", find_together),
        patch.object(QuerySet, "select_for_update", lambda rows, **_: rows.all()),
        pytest.raises(AssertionError, match="payment_session_one_open"),
    ):
        all_at_once(*[lambda: checkout_sessions.open_page(order_id=order.pk)] * 2)
    assert PaymentSession.objects.count() == 1


def test_two_hundred_at_once_have_one_effect() -> None:
    order = make_unpaid(product=make_product(stock=5), quantity=2)
    event = encoded(paid_event(open_page(order)))
    barrier = threading.Barrier(20)

    def send(_: int) -> int:
        barrier.wait(PATIENCE_SECONDS)
        try:
            return sum(post(event, signed(event)).status == 200 for _ in range(10))
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        answered = sum(pool.map(send, range(20)))
    assert answered == 200
    assert names_of(order) == ["placed", "paid", "processing"]
    assert Payment.objects.captured().count() == WebhookEvent.objects.count() == 1
    assert StockItem.objects.values_list("on_hand", "held").get(holds__order=order) == (3, 0)
    assert ProcrastinateJob.objects.filter(task_name=webhooks.PROCESS_TASK).count() == 1
    assert not {name for name, found in invariants.violations().items() if found}
