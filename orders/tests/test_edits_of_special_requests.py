"""Changing orders with special requests: what was decided stays with what was decided about."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.conf import settings

from fantasize.core import clock, invariants
from fantasize.core.models import DomainEvent
from orders.enums import Decision, OrderStatus, ReviewState
from orders.errors import ApprovalBoundError, NotPayableError
from orders.models import Order
from orders.services import reviews
from orders.services.order_changes import LineChange
from orders.tests.factories import move
from orders.tests.payment_shop import names_of, open_page
from orders.tests.special import WISH, decide, lines_of, make_special, order_special, review_of
from orders.tests.test_order_edits import edit, everything, line_of

pytestmark = pytest.mark.django_db


def test_a_shopper_changes_what_they_were_asked_to_change() -> None:
    order = order_special(lines=2)
    first, second = lines_of(order)
    decide(second)
    decide(first, Decision.REQUEST_CHANGE, reason="Shorter, please")
    wish = LineChange(first.pk, answers={"special": "Gold leaf"})
    edit(Order.objects.get(pk=order.pk), lines=[wish, LineChange(second.pk, quantity=1)])
    assert [review_of(line).state for line in lines_of(order)] == [ReviewState.WAITING, ReviewState.APPROVED]
    assert names_of(order)[-2:] == ["edited", "resubmitted"]
    assert Order.objects.get(pk=order.pk).status == OrderStatus.UNDER_REVIEW
    decide(lines_of(order)[0])
    assert Order.objects.get(pk=order.pk).status == OrderStatus.PENDING


def test_what_is_asked_more_stays_with_its_line() -> None:
    order = order_special(plain=1)
    special, plain = lines_of(order)
    decide(special, extra_charge="5.00")
    order = Order.objects.get(pk=order.pk)
    assert (order.status, order.total, order.awaits_acceptance) == ("pending", Decimal(25), True)
    edited = edit(order, lines=[LineChange(special.pk), LineChange(plain.pk, quantity=2)])
    assert edited.new_total == 35
    assert (line_of(order).extra_charge, review_of(special).state) == (Decimal(5), ReviewState.APPROVED)
    assert Order.objects.get(pk=order.pk).awaits_acceptance
    edit(order, lines=[LineChange(plain.pk)])
    after = Order.objects.get(pk=order.pk)
    assert (after.total, after.awaits_acceptance) == (Decimal(20), False)


def test_what_was_approved_is_not_changed_and_nothing_new_slips_in() -> None:
    product = make_special()
    order = order_special(plain=1, product=product)
    special, plain = lines_of(order)
    decide(special)
    order = Order.objects.get(pk=order.pk)
    before = everything(order)
    new = LineChange(product_id=product.pk, quantity=1, answers={"special": "Another"})
    for wanted in ([LineChange(special.pk, answers={"special": "Other"})], [LineChange(special.pk), new]):
        for dry_run in (True, False):
            with pytest.raises(ApprovalBoundError):
                edit(order, lines=[*wanted, LineChange(plain.pk)], conditions={"dry_run": dry_run})
    assert everything(order) == before


def test_the_same_answer_spelt_otherwise_costs_what_it_did() -> None:
    order = order_special()
    (special,) = lines_of(order)
    decide(special, extra_charge="5.00")
    order = Order.objects.get(pk=order.pk)
    edited = edit(order, lines=[LineChange(special.pk, answers={"special": f"  {WISH} 0 "})])
    assert (edited.new_total, line_of(order).extra_charge) == (Decimal(15), Decimal(5))
    assert Order.objects.get(pk=order.pk).awaits_acceptance


def test_more_of_what_was_approved_was_not() -> None:
    order = order_special(lines=2)
    first, second = lines_of(order)
    decide(first, extra_charge="5.00")
    edit(Order.objects.get(pk=order.pk), lines=[LineChange(first.pk, quantity=50), LineChange(second.pk)])
    assert review_of(first).state == ReviewState.WAITING
    decide(first, extra_charge="90.00")
    decide(second)
    order = Order.objects.get(pk=order.pk)
    before = everything(order)
    with pytest.raises(ApprovalBoundError):
        edit(order, lines=[LineChange(first.pk, quantity=51), LineChange(second.pk)])
    assert everything(order) == before
    assert edit(order, lines=[LineChange(first.pk, quantity=2), LineChange(second.pk)]).new_total == 120
    assert review_of(first).state == ReviewState.APPROVED


def test_an_order_goes_on_by_itself_once_nothing_of_it_waits_any_more() -> None:
    order = order_special(lines=2, plain=1)
    first, _, plain = lines_of(order)
    decide(first, extra_charge="5.00")
    with clock.frozen_at(clock.now() + timedelta(hours=1)):
        edited = edit(Order.objects.get(pk=order.pk), lines=[LineChange(first.pk), LineChange(plain.pk)])
        kept_until = clock.now() + timedelta(hours=settings.REVIEW_HOLD_HOURS)
    after = Order.objects.get(pk=order.pk)
    assert (after.status, after.awaits_acceptance, after.total) == ("pending", True, Decimal(25))
    assert (after.hold_expires_at, edited.order.version) == (kept_until, after.version)
    event = DomainEvent.objects.get(name="order.approved")
    assert (event.actor, event.data["details"]) == ("system", {"to_accept": "25.00"})
    assert names_of(order)[-2:] == ["edited", "approved"]
    assert not {name for name, found in invariants.violations().items() if found}


def test_without_its_special_line_an_order_is_like_any_other() -> None:
    order = order_special(plain=1)
    edit(order, lines=[LineChange(lines_of(order)[1].pk)])
    after = Order.objects.get(pk=order.pk)
    assert (after.status, after.awaits_acceptance) == (OrderStatus.PENDING, False)
    assert names_of(order) == ["placed", "edited", "approved"]
    assert open_page(after).payment.amount == after.total


def test_an_order_does_not_go_on_while_its_shopper_is_asked_for_something() -> None:
    order = order_special(lines=3)
    first, second, _ = lines_of(order)
    decide(second)
    decide(first, Decision.REQUEST_CHANGE, reason="Shorter, please")
    edit(Order.objects.get(pk=order.pk), lines=[LineChange(first.pk), LineChange(second.pk)])
    assert Order.objects.get(pk=order.pk).status == OrderStatus.UNDER_REVIEW
    edit(Order.objects.get(pk=order.pk), lines=[LineChange(second.pk)])
    assert Order.objects.get(pk=order.pk).status == OrderStatus.PENDING


def test_a_dry_run_leaves_an_order_where_it_is() -> None:
    order = order_special(plain=1)
    before = everything(order)
    edit(order, lines=[LineChange(lines_of(order)[1].pk)], conditions={"dry_run": True})
    assert everything(order) == before


def test_nobody_agrees_to_what_was_called_off() -> None:
    order = order_special()
    decide(lines_of(order)[0], extra_charge="5.00")
    order = move(Order.objects.get(pk=order.pk), OrderStatus.CANCELLED)
    with pytest.raises(NotPayableError):
        reviews.accept_quote(order_id=order.pk, expected_total=order.total, actor="user:somebody")
    assert Order.objects.get(pk=order.pk).version == order.version
    assert not DomainEvent.objects.filter(name="order.quote_accepted").exists()
