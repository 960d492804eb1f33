"""Staff who give back at the same moment: together no more than what came in."""

import threading
from decimal import Decimal
from unittest.mock import patch

import pytest
from django.db.models import QuerySet

from catalog.tests.factories import make_product
from fantasize.tests.waiting import PATIENCE_SECONDS
from orders.models import CreditNote, Payment, Refund
from orders.payments.base import GatewayRefusedError
from orders.payments.sandbox import SandboxGateway
from orders.services import payments, refunding
from orders.services.baskets import LineRequest
from orders.tests.refunds import broken, give, make_paid, money_of
from orders.tests.test_payment_races import all_at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_twenty_refunds_at_once_give_back_no_more_than_came_in() -> None:
    order = make_paid(LineRequest(make_product(price="20.00").pk, 1))
    all_at_once(*[lambda: give(order, amount="3.00")] * 20)
    assert (CreditNote.objects.count(), money_of(order)) == (6, (20, 18, 2))
    assert not broken()


def test_of_many_who_give_again_what_was_refused_one_does() -> None:
    order = make_paid(LineRequest(make_product(price="20.00").pk, 1))
    give(order, amount="15.00")
    with patch.object(SandboxGateway, "refund", side_effect=GatewayRefusedError("no")):
        refunding.execute(Refund.objects.get().pk)
    all_at_once(*[lambda: refunding.give_again(order_id=order.pk, actor="user:staff")] * 8)
    assert sorted(Refund.objects.values_list("state", flat=True)) == ["failed", "pending"]
    assert money_of(order) == (20, 15, 5)
    assert not broken()


def test_without_the_lock_more_goes_back_than_came_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: both have seen that 20.00 are left when they write down that 15.00 go back."""
    order = make_paid(LineRequest(make_product(price="20.00").pk, 1))
    barrier, book = threading.Barrier(2), payments.book

    def book_together(payment: Payment, back: Decimal) -> None:
        barrier.wait(PATIENCE_SECONDS)
        book(payment, back)

    monkeypatch.setattr(payments, "book", book_together)
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_: rows.all())
    all_at_once(*[lambda: give(order, amount="15.00")] * 2)
    assert sum(Refund.objects.values_list("amount", flat=True)) == 30
    assert "orders.payments_follow_refunds" in broken()
