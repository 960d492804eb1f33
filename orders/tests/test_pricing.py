"""The quote: to the cent, and recomputable from its own answer."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from orders.pricing import Item, quote

ITEMS = st.lists(
    st.builds(
        Item,
        list_price=st.decimals(min_value=0, max_value=10_000, places=2),
        quantity=st.integers(min_value=1, max_value=1000),
    ),
    min_size=1,
    max_size=20,
)


@given(ITEMS)
def test_a_total_can_be_recomputed_from_the_answer(items: list[Item]) -> None:
    price = quote(items, currency="USD")
    assert price.items == sum(line.stages[-1].amount * line.quantity for line in price.lines)
    assert price.total == price.items - price.discounts + price.shipping + price.tax
    assert price.total == sum(item.list_price * item.quantity for item in items)


def test_unit_prices_are_rounded_half_up_to_the_minor_unit() -> None:
    price = quote([Item(Decimal("1.005"), 3)], currency="USD")
    assert price.lines[0].unit_price == Decimal("1.01")
    assert price.total == Decimal("3.03")


def test_a_currency_without_minor_unit_has_no_decimals() -> None:
    price = quote([Item(Decimal("149.5"), 2)], currency="JPY")
    assert str(price.total) == "300"
