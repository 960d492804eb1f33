"""What pieces are worth: however they go back, all of them come to what was paid."""

from collections import Counter
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from orders.pricing.credits import SoldLine, SoldPart, spread

CENTS = st.integers(0, 10_000).map(lambda cents: Decimal(cents) / 100)


def test_every_piece_gets_its_share_and_the_odd_cents_go_back_too() -> None:
    line = SoldLine(3, Decimal("10.00"), "USD")
    worths = []
    for _ in range(3):
        worths.append(line.worth(1))
        line = line.without(1)
    assert worths == [Decimal("3.33"), Decimal("3.34"), Decimal("3.33")]
    assert (line.left(), line.is_all_credited) == (0, True)


def test_a_part_is_worth_its_share_of_the_package_by_list_prices() -> None:
    box = SoldLine(2, Decimal("18.00"), "USD", (SoldPart(7, 1, Decimal(8)), SoldPart(9, 2, Decimal(1))))
    assert (box.worth(2, 7), box.worth(4, 9), box.worth(1)) == (Decimal("14.40"), Decimal("3.60"), Decimal("9.00"))
    box = box.without(1, 9)
    assert (box.left(), box.left(7), box.left(9), box.left(5)) == (1, 2, 3, 0)
    box = box.without(1)
    assert (box.left(), box.left(9), box.is_all_credited) == (0, 1, False)
    assert box.without(1, 7).without(1, 9).is_all_credited


def test_parts_that_cost_nothing_count_alike() -> None:
    box = SoldLine(1, Decimal("5.00"), "USD", (SoldPart(7, 1, Decimal(0)), SoldPart(9, 3, Decimal(0))))
    assert [box.worth(1, 7), box.worth(3, 9)] == [Decimal("2.50")] * 2


def test_where_less_is_left_everything_gets_its_part_of_that() -> None:
    worths = [Decimal(6), Decimal(3)]
    assert spread(Decimal(9), worths, "USD") == spread(Decimal(12), worths, "USD") == worths
    assert spread(Decimal("1.00"), worths, "USD") == [Decimal("0.67"), Decimal("0.33")]


@given(CENTS, st.integers(1, 9), st.lists(st.tuples(st.integers(1, 4), CENTS), max_size=3), st.data())
def test_all_ways_to_give_back_come_to_what_was_paid(
    paid: Decimal, quantity: int, parts: list[tuple[int, Decimal]], data: st.DataObject
) -> None:
    sold_parts = tuple(SoldPart(number, each, price) for number, (each, price) in enumerate(parts, start=1))
    line, back = SoldLine(quantity, paid, "USD", sold_parts, Counter()), Decimal(0)
    while not line.is_all_credited:
        keys = [part for part in [None, *(each.product for each in sold_parts)] if line.left(part)]
        key = data.draw(st.sampled_from(keys))
        many = data.draw(st.integers(1, line.left(key)))
        worth = line.worth(many, key)
        assert worth >= 0
        back += worth
        line = line.without(many, key)
    assert back == paid
