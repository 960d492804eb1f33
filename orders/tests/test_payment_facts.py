"""What is known of a payment: the same, whatever the order it was heard in and however often."""

import itertools
import random
from decimal import Decimal
from functools import reduce

import pytest

from orders.enums import PaymentState
from orders.payments.facts import Facts, refund_state, state_of

PAID = Facts(is_completed=True, captured=Decimal("20.00"), payment_ref="pi_1")
NEWS = (
    Facts(is_completed=True, payment_ref="pi_1"),
    PAID,
    Facts(refunded=Decimal("5.00"), payment_ref="pi_1"),
    Facts(refunded=Decimal("20.00"), payment_ref="pi_1"),
    Facts(is_disputed=True, payment_ref="pi_1"),
)


def known(news: list[Facts]) -> Facts:
    return reduce(Facts.joined, news, Facts())


def test_all_orders_of_arrival_with_repetitions_come_to_the_same() -> None:
    dice = random.Random(7)  # noqa: S311 - which of them are repeated
    outcomes = set()
    for order in itertools.permutations(NEWS):
        repeated = [news for news in order for _ in range(dice.randint(1, 3))]
        outcomes.add(known(repeated + dice.choices(repeated, k=3)))
    assert outcomes == {
        Facts(
            is_completed=True,
            captured=Decimal("20.00"),
            refunded=Decimal("20.00"),
            is_disputed=True,
            payment_ref="pi_1",
        )
    }
    assert state_of(outcomes.pop()) is PaymentState.REFUNDED


@pytest.mark.parametrize(
    ("facts", "state", "is_over"),
    [
        (Facts(), PaymentState.PENDING, False),
        (Facts(is_completed=True), PaymentState.PENDING, False),
        (Facts(is_failed=True), PaymentState.FAILED, False),
        (Facts(is_completed=True, is_failed=True), PaymentState.FAILED, True),
        (Facts(is_expired=True), PaymentState.EXPIRED, True),
        (Facts(is_failed=True, is_expired=True), PaymentState.FAILED, True),
        (PAID, PaymentState.PAID, True),
        (PAID.joined(Facts(is_expired=True)), PaymentState.PAID, True),
        (PAID.joined(Facts(is_failed=True)), PaymentState.PAID, True),
        (PAID.joined(Facts(refunded=Decimal("0.01"))), PaymentState.PARTIALLY_REFUNDED, True),
        (PAID.joined(Facts(refunded=Decimal("20.00"))), PaymentState.REFUNDED, True),
        (Facts(is_expired=True, is_completed=True), PaymentState.PENDING, True),
    ],
)
def test_facts_amount_to_one_state(facts: Facts, state: PaymentState, *, is_over: bool) -> None:
    assert (state_of(facts), facts.is_over) == (state, is_over)


def test_a_dispute_ends_when_it_is_closed() -> None:
    opened, closed = Facts(is_disputed=True), Facts(is_disputed=True, is_dispute_closed=True)
    assert opened.is_under_dispute
    assert not closed.joined(opened).is_under_dispute


def test_what_is_stored_is_what_was_known() -> None:
    for facts in (Facts(), *NEWS, known([*NEWS])):
        assert Facts.from_json(facts.as_json()) == facts
    assert Facts().as_json() == {}


@pytest.mark.parametrize(("back", "state"), [("0", "paid"), ("1", "partially_refunded"), ("20", "refunded")])
def test_how_much_went_back_is_a_state(back: str, state: str) -> None:
    assert refund_state(Decimal(20), Decimal(back)) == state
