"""What was given back: any way to do it ends at what came in, and every check notices when it does not hold."""

import random
from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.tests.factories import make_package, make_product
from fantasize.core.tests.planting import plant
from fantasize.tests.standing import Standing
from orders.models import CreditNote, CreditNoteLine, Order
from orders.services import credit_notes
from orders.services.baskets import LineRequest
from orders.services.credit_notes import LineCredit
from orders.tests.refunds import broken, give, make_paid, money_of, on_hand

pytestmark = pytest.mark.django_db


def anything_left(order: Order, dice: random.Random) -> LineCredit | None:
    """Some pieces that can still go back."""
    sold = credit_notes.sold_lines(order)
    things = [(line, part) for line, each in sold.items() for part in (None, *(one.product for one in each[1].parts))]
    left = [(line, part, sold[line][1].left(part)) for line, part in things]
    if not (some := [each for each in left if each[2]]):
        return None
    line, part, many = dice.choice(some)
    return LineCredit(line, dice.randint(1, many), part)


@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.randoms(use_true_random=False), st.booleans())
def test_any_sequence_of_refunds_ends_at_exactly_what_came_in(dice: random.Random, restock: bool) -> None:  # noqa: FBT001 - drawn
    mug, card = make_product(price="3.33", stock=50), make_product(price="1.01", stock=50)
    package = make_package((mug, 1), (card, 3), percent_off=Decimal(7))
    order = make_paid(LineRequest(mug.pk, 3), LineRequest(package_id=package.pk, quantity=2))
    total = money_of(order)[0]
    while credit_notes.refundable(order):
        wanted = anything_left(order, dice) if dice.random() < 0.8 else None
        back = credit_notes.refundable(order)
        if wanted and credit_notes.sold_lines(order)[wanted.line][1].worth(wanted.quantity, wanted.part) <= back:
            give(order, wanted, restock=restock)
        else:
            give(order, amount=str(min(back, Decimal(dice.randint(1, 300)) / 100)))
        captured, refunded, left = money_of(order)
        assert (captured, refunded + left) == (total, total)
    assert money_of(order) == (total, total, 0)
    assert sum(CreditNote.objects.filter(order=order).values_list("amount", flat=True)) == total
    assert all(number <= 50 for number in on_hand(mug, card))
    assert not broken()


def build_credits() -> CreditNoteLine:
    """Half of an order's mugs given back for, and one mug of a package in it, on the shelf again."""
    mug = make_product(price="10.00", stock=10)
    package = make_package((mug, 1), (make_product(), 1), own_price=Decimal(12))
    order = make_paid(LineRequest(mug.pk, 4), LineRequest(package_id=package.pk, quantity=2))
    first, second = order.lines.order_by("position")
    give(order, LineCredit(first.pk, 2), LineCredit(second.pk, 1, mug.pk), restock=True)
    give(order, amount="1.00")
    assert not broken()
    return CreditNoteLine.objects.get(line=second)


@pytest.fixture(scope="module")
def built(standing: Standing) -> Callable[[], CreditNoteLine]:
    return standing(build_credits)


@pytest.fixture
def credited(built: Callable[[], CreditNoteLine]) -> CreditNoteLine:
    return built()


@pytest.mark.parametrize(
    ("table", "statement", "names"),
    [
        ("orders_creditnote", "SET amount = amount + 1", {"orders.credit_notes_follow_refunds"}),
        ("orders_creditnote", "SET amount = 1", {"orders.credit_notes_follow_refunds"}),
        ("orders_creditnoteline", "SET amount = 21", {"orders.credit_notes_follow_refunds"}),
        ("orders_creditnoteline", "SET quantity = 5", {"orders.credits_are_within_sold"}),
        (
            "orders_creditnoteline",
            "SET quantity = 3 WHERE part IS NOT NULL",
            {"orders.credits_are_within_sold"},
        ),
        ("orders_hold", "SET restocked = quantity", {"orders.goods_back_follow_ledger"}),
        ("orders_refund", "SET key = 'credit note nobody' WHERE amount = 1", {"orders.credit_notes_follow_refunds"}),
        ("catalog_stockmovement", "SET reference = 'x' WHERE delta > 0", {"orders.goods_back_follow_ledger"}),
    ],
)
def test_what_does_not_hold_is_noticed(credited: CreditNoteLine, table: str, statement: str, names: set[str]) -> None:
    plant(table, f"UPDATE {table} {statement}")
    assert broken() == names
