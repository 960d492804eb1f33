"""Money: minor units, rounding, and parts that add up."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fantasize.core.money import allocate, exponent, quantize


@pytest.mark.parametrize(("currency", "decimals"), [("USD", 2), ("JPY", 0), ("KWD", 3)])
def test_each_currency_has_its_minor_unit(currency: str, decimals: int) -> None:
    assert exponent(currency) == decimals


@pytest.mark.parametrize(
    ("amount", "rounded"), [("0.005", "0.01"), ("0.004", "0.00"), ("-0.005", "-0.01"), ("2.5", "2.50")]
)
def test_amounts_are_rounded_half_up(amount: str, rounded: str) -> None:
    assert str(quantize(Decimal(amount), "USD")) == rounded


@given(
    st.integers(min_value=0, max_value=10**8),
    st.lists(st.decimals(min_value=0, max_value=1000, places=2), min_size=1, max_size=30),
)
def test_parts_add_up_and_are_fair_to_the_minor_unit(cents: int, weights: list[Decimal]) -> None:
    total = Decimal(cents) / 100
    parts = allocate(total, weights, "USD")
    assert sum(parts) == total
    whole = sum(weights)
    if whole:
        assert all(
            abs(part - total * weight / whole) < Decimal("0.01") for part, weight in zip(parts, weights, strict=True)
        )


def test_weights_that_are_all_zero_share_evenly() -> None:
    assert allocate(Decimal("0.05"), [Decimal(0)] * 3, "USD") == [Decimal("0.02"), Decimal("0.02"), Decimal("0.01")]


def test_nothing_is_spread_over_nobody() -> None:
    assert allocate(Decimal("1.00"), [], "USD") == []


def test_of_equal_remainders_the_first_gets_the_coin() -> None:
    # 8/6 and 2/6 of a coin are left with a third each, which no decimal number is.
    assert allocate(Decimal("0.02"), [Decimal(4), Decimal(1), Decimal(1)], "USD") == [
        Decimal("0.02"),
        Decimal("0.00"),
        Decimal("0.00"),
    ]
