"""What was sold comes to the same again, by what it keeps of its terms; with more for a line, to that much more."""

from collections.abc import Hashable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from catalog.pricing import CurrentPrice
from orders.enums import ShippingKind
from orders.pricing import (
    CouponTerms,
    Item,
    ShippingTerms,
    TaxTerms,
    Terms,
    quote,
    quote_again,
    read_reduction,
)
from orders.pricing.lines import reduction

D = Decimal
POST = ShippingTerms("post", "Post: by day", ShippingKind.FLAT, price=D("4.90"), tax_class="standard")
RATES: dict[Hashable, TaxTerms] = {
    "standard": TaxTerms("VAT", "standard", D(20), is_included=False),
    "books": TaxTerms("Reduced", "books", D("5.5"), is_included=True),
}


def items(*extra: str) -> list[Item]:
    """A lantern, a book and something that is not taxed, for as much more each."""
    prices = (("lantern", "12.99", "standard"), ("book", "7.35", "books"), ("stamp", "0.85", None))
    return [
        Item(thing, CurrentPrice(D(price), D(price)), 3, extra=D(more), tax_class=tax_class)
        for (thing, price, tax_class), more in zip(prices, extra, strict=True)
    ]


@pytest.mark.parametrize(
    ("percent", "amount", "currency"),
    [("10", None, "USD"), ("12.5", None, "USD"), (None, "5.00", "USD"), (None, "500", "JPY"), (None, "1.250", "KWD")],
)
def test_a_rule_says_what_it_takes_off(percent: str | None, amount: str | None, currency: str) -> None:
    terms = (percent and D(percent)) or None, (amount and D(amount)) or None
    assert read_reduction(f"CODE-7: {reduction(*terms, currency)}") == terms


@pytest.mark.parametrize("coupon", [None, CouponTerms("TENTH", D(10), None), CouponTerms("ALL", None, D(900))])
@pytest.mark.parametrize("method", [None, POST])
def test_more_for_a_line_is_what_it_would_have_cost_at_once(coupon: Any, method: Any) -> None:
    terms = Terms(coupon, (method,) if method else (), rates=RATES)
    sold = quote(items("0", "0", "0"), currency="USD", terms=terms)
    lines = [replace(line, discount=D(0), tax=D(0), tax_included=D(0)) for line in sold.lines]
    known: Any = {"coupon": coupon, "method": sold.method, "rates": RATES, "currency": "USD"}
    assert quote_again(lines, **known) == sold
    dearer = [replace(line, extra=D("2.50"), total=line.total + D("2.50")) for line in lines]
    at_once = quote(items("2.50", "2.50", "2.50"), currency="USD", terms=terms)
    assert quote_again(dearer, **known) == at_once
    assert at_once.items == sold.items + D("7.50")
