"""Special requests: approved, sent back or rejected; one decision each, and the order goes on with the last."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.services import erasure
from accounts.tests.factories import make_user
from catalog.models import CouponRedemption, StockItem, TaxClass
from catalog.services.coupons import NewCoupon, create_coupon
from fantasize.core import clock, invariants
from fantasize.core.errors import InvalidError, NotFoundError, PreconditionFailedError
from fantasize.core.models import DomainEvent
from orders.enums import Decision, OrderStatus, PaymentMethod, ReviewState
from orders.errors import (
    ApprovalBoundError,
    ApprovalMissingError,
    PriceChangedError,
    QuoteNotAcceptedError,
    ReviewClosedError,
)
from orders.models import LineReview, Order, OrderLine, TaxRate
from orders.services import checkout_sessions, reviews
from orders.services.quoting import Wishes
from orders.tests.factories import move
from orders.tests.special import (
    REVIEWER,
    WISH,
    answer_otherwise,
    decide,
    lines_of,
    make_special,
    order_special,
    review_of,
)
from orders.tests.terms import make_class, make_rate

pytestmark = pytest.mark.django_db
S, D = OrderStatus, Decision


def fresh(order: Order) -> Order:
    return Order.objects.get(pk=order.pk)


def told(order: Order) -> list[str]:
    events = DomainEvent.objects.filter(aggregate_id=str(order.pk)).order_by("pk")
    return list(events.values_list("name", flat=True))


def everything(order: Order) -> Any:
    rows = (Order.objects.filter(pk=order.pk), order.lines.order_by("pk"), LineReview.objects.order_by("pk"))
    return [list(row.values()) for row in rows], told(order)


def assert_all_holds() -> None:
    broken = {name: count for name, count in invariants.violations().items() if count}
    assert broken == {}


def test_what_needs_approval_waits_and_what_does_not_has_no_review() -> None:
    order = order_special(lines=2, plain=1)
    special, other, plain = lines_of(order)
    assert order.status == S.UNDER_REVIEW
    assert [review_of(line).state for line in (special, other)] == [ReviewState.WAITING] * 2
    assert not LineReview.objects.filter(line=plain).exists()
    assert special.customizations[0]["needs_approval"] == ["special"]


def test_the_last_approval_lets_the_order_go_on_and_keeps_its_goods_for_as_long_again() -> None:
    order = order_special(lines=2)
    first, last = lines_of(order)
    assert decide(first, note="Nice").status == S.UNDER_REVIEW
    with clock.frozen_at(clock.now() + timedelta(hours=5)):
        approved = decide(last)
        assert approved.hold_expires_at == clock.now() + timedelta(hours=settings.REVIEW_HOLD_HOURS)
    review = review_of(first)
    assert (approved.status, approved.awaits_acceptance) == (S.PENDING, False)
    assert (review.state, review.decided_by, review.note) == (ReviewState.APPROVED, REVIEWER, "Nice")
    assert told(order) == [
        "order.placed",
        "order_staff.line_reviewed",
        "order_staff.line_reviewed",
        "order.approved",
    ]
    assert_all_holds()


def test_a_change_is_asked_for_and_what_comes_back_is_looked_at_again() -> None:
    order = order_special()
    (line,) = lines_of(order)
    asked = decide(line, D.REQUEST_CHANGE, reason="Gold is out.", note="Ask for silver")
    assert (asked.status, review_of(line).state) == (S.UNDER_REVIEW, ReviewState.CHANGE_REQUESTED)
    event = DomainEvent.objects.get(name="order.change_requested")
    assert event.data["details"] == {"line": line.pk, "name": line.name, "reason": "Gold is out."}
    assert "Ask for silver" not in str(event.data)
    answer_otherwise(line)
    reviews.after_edit(fresh(order), lines_of(order), actor="user:shopper")
    review = review_of(line)
    assert (review.state, review.reason, review.is_voided) == (ReviewState.WAITING, "Gold is out.", False)
    assert told(order)[-1] == "order.resubmitted"
    assert decide(line).status == S.PENDING
    assert_all_holds()


def test_a_rejection_ends_the_order_and_gives_the_goods_back() -> None:
    order = order_special(lines=2)
    (line, _) = lines_of(order)
    assert decide(line, D.REJECT, reason="We do not print that.").status == S.REJECTED
    assert review_of(line).state == ReviewState.REJECTED
    assert StockItem.objects.get().held == 0
    rejected = DomainEvent.objects.get(name="order.rejected")
    assert rejected.data["details"]["reason"] == "We do not print that."
    assert_all_holds()


@pytest.mark.parametrize(
    ("decision", "more", "pointer"),
    [
        (D.REQUEST_CHANGE, {}, "/reason"),
        (D.REJECT, {"reason": " "}, "/reason"),
        (D.REJECT, {"reason": "No", "extra_charge": "1"}, "/extra_charge"),
        (D.APPROVE, {"extra_charge": "-1"}, "/extra_charge"),
        (D.APPROVE, {"extra_charge": "99999999999"}, "/extra_charge"),
    ],
)
def test_an_incomplete_verdict_changes_nothing(decision: Decision, more: dict[str, Any], pointer: str) -> None:
    order = order_special()
    before = everything(order)
    with pytest.raises(InvalidError) as refused:
        decide(lines_of(order)[0], decision, **more)
    assert refused.value.errors[0].location == pointer
    assert everything(order) == before


def test_who_comes_second_changes_nothing() -> None:
    order = order_special(lines=2)
    line, plain = lines_of(order)
    decide(line, note="first")
    before = everything(order)
    for decision in D:
        with pytest.raises(ReviewClosedError):
            decide(line, decision, reason="second")
        with pytest.raises(PreconditionFailedError):
            decide(plain, decision, reason="second", expected_version=order.version)
    assert everything(order) == before


def test_what_waits_for_its_shopper_is_decided_by_who_has_seen_that_it_does() -> None:
    order = order_special()
    (line,) = lines_of(order)
    version = decide(line, D.REQUEST_CHANGE, reason="Why?").version
    with pytest.raises(ReviewClosedError):
        decide(line)
    assert decide(line, expected_version=version).status == S.PENDING


def test_there_is_nothing_to_decide_about_other_lines_and_orders() -> None:
    order, other = order_special(plain=1), order_special()
    special, plain = lines_of(order)
    plain.order_id = order.pk
    foreign = lines_of(other)[0]
    foreign.order_id = order.pk
    for line in (plain, foreign):
        with pytest.raises(InvalidError):
            decide(line)
    special.order_id = type(special.order_id)(int=0)
    with pytest.raises(NotFoundError):
        decide(special)
    move(order, S.CANCELLED)
    with pytest.raises(ReviewClosedError):
        decide(lines_of(order)[0])


def test_an_extra_charge_is_agreed_to_before_anything_is_paid() -> None:
    order = order_special(lines=2, plain=1)
    first, last, _ = lines_of(order)
    decide(first, extra_charge="4.50")
    approved = decide(last)
    assert (approved.total, approved.awaits_acceptance) == (Decimal("34.50"), True)
    assert DomainEvent.objects.get(name="order.approved").data["details"] == {"to_accept": "34.50"}
    with pytest.raises(QuoteNotAcceptedError) as refused:
        checkout_sessions.open_page(order_id=order.pk)
    assert refused.value.extra == {"total": "34.50"}
    with pytest.raises(PriceChangedError):
        reviews.accept_quote(order_id=order.pk, expected_total=Decimal("30.00"), actor="user:1")
    assert fresh(order).awaits_acceptance
    for _ in range(2):
        reviews.accept_quote(order_id=order.pk, expected_total=Decimal("34.50"), actor="user:1")
    assert told(order).count("order.quote_accepted") == 1
    assert checkout_sessions.open_page(order_id=order.pk).amount == Decimal("34.50")
    assert_all_holds()


def test_cash_does_not_go_round_the_shoppers_yes() -> None:
    order = order_special(method=PaymentMethod.CASH_ON_DELIVERY)
    decide(lines_of(order)[0], extra_charge="1.00")
    with pytest.raises(QuoteNotAcceptedError):
        move(order, S.PROCESSING)
    assert fresh(order).status == S.PENDING


def test_a_charge_is_under_the_coupon_and_the_taxes_of_then() -> None:
    tax = TaxClass.objects.create(code="standard", name="Standard", is_default=True)
    rate = TaxRate.objects.create(tax_class=tax, country="GB", name="VAT", percent=Decimal(20), is_included=False)
    coupon = create_coupon(new=NewCoupon(code="TENTH", percent=Decimal(10)))
    order = order_special(plain=1, wishes=Wishes("tenth"))
    type(coupon).objects.update(percent=Decimal(90))
    TaxRate.objects.filter(pk=rate.pk).update(percent=Decimal(1))
    approved = decide(lines_of(order)[0], extra_charge="5.00")
    # 25.00 less a tenth, and a fifth of that on top.
    assert (approved.items_total, approved.discount_total) == (Decimal("25.00"), Decimal("2.50"))
    assert (approved.tax_total, approved.total) == (Decimal("4.50"), Decimal("27.00"))
    assert CouponRedemption.objects.get().amount == Decimal("2.50")
    special = lines_of(order)[0]
    assert (special.line_total, special.extra_charge) == (Decimal("15.00"), Decimal("5.00"))
    assert_all_holds()


def test_a_charge_for_what_cost_nothing_is_taxed_all_the_same() -> None:
    make_rate(make_class(), "20")
    order = order_special(product=make_special(price="0.00"))
    assert order.taxes == []
    approved = decide(lines_of(order)[0], extra_charge="100.00")
    assert (approved.tax_total, approved.total) == (Decimal(20), Decimal(120))
    assert_all_holds()


@pytest.mark.parametrize("place", [0, 1])
def test_what_is_pending_cannot_come_to_need_another_approval(place: int) -> None:
    order = order_special(plain=1)
    special, plain = lines_of(order)
    decide(special)
    reviews.after_edit(fresh(order), lines_of(order))
    line = (special, plain)[place]
    things = [{"part": None, "answers": {"special": "Otherwise"}, "needs_approval": ["special"]}]
    OrderLine.objects.filter(pk=line.pk).update(customizations=things)
    with pytest.raises(ApprovalBoundError) as refused:
        reviews.after_edit(fresh(order), lines_of(order))
    assert refused.value.extra == {"lines": [line.pk]}


def test_a_line_that_an_edit_brings_is_looked_at_too() -> None:
    order = order_special(plain=1)
    plain = lines_of(order)[1]
    things = [{"part": None, "answers": {"special": WISH}, "needs_approval": ["special"]}]
    OrderLine.objects.filter(pk=plain.pk).update(customizations=things)
    reviews.after_edit(fresh(order), lines_of(order))
    assert review_of(plain).state == ReviewState.WAITING
    assert "order.resubmitted" not in told(order)


def test_every_way_on_is_refused_with_a_reason_while_something_waits() -> None:
    order = order_special(method=PaymentMethod.CASH_ON_DELIVERY)
    before = everything(order)
    for target in (S.PENDING, S.PROCESSING, S.SHIPPED):
        with pytest.raises(ApprovalMissingError) as refused:
            move(order, target)
        assert refused.value.extra == {"lines": [lines_of(order)[0].pk]}
    assert everything(order) == before


def test_who_is_forgotten_leaves_the_decision_without_its_words() -> None:
    user = make_user()
    order = order_special(user, method=PaymentMethod.CASH_ON_DELIVERY)
    decide(lines_of(order)[0], note="For Ada's 80th")
    move(order, S.DELIVERED)
    erasure.erase(user=user)
    (line,) = lines_of(order)
    review = review_of(line)
    assert line.erased_at is not None
    assert (review.state, review.note, review.decided_by) == (ReviewState.APPROVED, "", REVIEWER)
    assert_all_holds()


def test_the_invariant_sees_what_was_changed_behind_everybodys_back() -> None:
    order = order_special()
    (line,) = lines_of(order)
    decide(line)
    assert invariants.violations()["orders.special_requests_are_approved"] == 0
    answer_otherwise(line)
    assert invariants.violations()["orders.special_requests_are_approved"] == 1


def test_placing_asks_as_much_for_many_special_lines_as_for_one() -> None:
    product, counts = make_special(), []
    for lines in (1, 9):
        user = make_user()
        with CaptureQueriesContext(connection) as captured:
            order_special(user, lines=lines, product=product)
        counts.append(len(captured))
    assert counts[0] == counts[1]
