"""The quote: to the cent, and recomputable from its own answer."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.pricing import BreakTerms, CurrentPrice, OfferTerms, current_price
from catalog.tests.test_pricing import examples, read_breaks, read_offers
from orders.pricing import Item, QuotedLine, exact_prices, quote

NOW = datetime(2026, 5, 1, tzinfo=UTC)
CENT = Decimal("0.01")

PRICES = st.decimals(min_value=0, max_value=10_000, places=2)
PERCENTS = st.decimals(min_value=Decimal("0.01"), max_value=100, places=2)


def listed(price: str) -> CurrentPrice:
    return CurrentPrice(Decimal(price), Decimal(price))


def offered(price: str, *, percent: str | None = None, amount: str | None = None) -> CurrentPrice:
    terms = OfferTerms(
        1, "Spring", Decimal(percent) if percent else None, Decimal(amount) if amount else None, NOW, None
    )
    return current_price(Decimal(price), [terms], BREAKS, at=NOW, currency="USD")


BREAKS = (BreakTerms(10, Decimal(10), None), BreakTerms(50, None, Decimal("5.00")))


@st.composite
def currents(draw: st.DrawFn) -> CurrentPrice:
    list_price = draw(PRICES)
    percent, amount = draw(st.one_of(st.tuples(PERCENTS, st.none()), st.tuples(st.none(), PRICES.filter(bool))))
    offers = draw(st.sampled_from([[], [OfferTerms(1, "Offer", percent, amount, NOW, None)]]))
    steps = draw(st.lists(st.tuples(st.integers(2, 50), PERCENTS), max_size=3, unique_by=lambda step: step[0]))
    breaks = [BreakTerms(quantity, off, None) for quantity, off in steps]
    return current_price(list_price, offers, breaks, at=NOW, currency="USD")


MORE = st.decimals(min_value=0, max_value=100, places=3)
ITEMS = st.lists(
    st.builds(
        Item,
        thing=st.integers(1, 5),
        current=currents(),
        quantity=st.integers(min_value=1, max_value=1000),
        parts_total=st.one_of(st.none(), PRICES),
        per_unit=st.one_of(st.just(Decimal(0)), MORE),
        once=st.one_of(st.just(Decimal(0)), PRICES),
    ),
    min_size=1,
    max_size=20,
)


def recompute(line: QuotedLine) -> Decimal:
    """A line's total from nothing but its stages, step by step as the documentation says."""
    amount = line.stages[0].amount
    for stage in line.stages[1:]:
        terms = stage.rule.rpartition(": ")[2]
        if terms.endswith(" % off"):
            amount = amount * (100 - Decimal(terms.removesuffix(" % off"))) / 100
        elif terms.endswith(" more"):
            amount += Decimal(terms.split()[0])
        elif terms.endswith(" off"):
            amount = max(amount - Decimal(terms.split()[0]), Decimal(0))
        else:
            amount = Decimal(terms.removesuffix(" each"))
    return amount.quantize(CENT, ROUND_HALF_UP) * line.quantity + line.once


@given(ITEMS)
def test_a_total_can_be_recomputed_from_the_answer(items: list[Item]) -> None:
    price = quote(items, currency="USD")
    assert price.items == sum(line.stages[-1].amount * line.quantity + line.once for line in price.lines)
    assert price.total == price.items - price.discounts + price.shipping + price.tax
    assert price.total == sum(recompute(line) for line in price.lines)
    assert all(line.unit_price == line.unit_price.quantize(CENT) >= 0 for line in price.lines)
    exact = exact_prices(items, currency="USD")
    for line, item, before in zip(price.lines, items, exact, strict=True):
        assert before <= item.current.exact_price
        assert line.unit_price == (before + item.per_unit).quantize(CENT, ROUND_HALF_UP)


def test_unit_prices_are_rounded_half_up_to_the_minor_unit() -> None:
    price = quote([Item("lantern", listed("1.005"), 3)], currency="USD")
    assert price.lines[0].unit_price == Decimal("1.01")
    assert price.total == Decimal("3.03")


def test_a_currency_without_minor_unit_has_no_decimals() -> None:
    price = quote([Item("lantern", listed("149.5"), 2)], currency="JPY")
    assert str(price.total) == "300"


def test_a_price_is_rounded_once_when_it_is_complete() -> None:
    [line] = quote([Item("lantern", offered("9.99", percent="15"), 10)], currency="USD").lines
    assert [(stage.stage, stage.rule, str(stage.amount)) for stage in line.stages] == [
        ("list_price", "list price", "9.99"),
        ("offer", "Spring: 15 % off", "8.4915"),
        ("bulk_break", "from 10: 10 % off", "7.64"),
    ]
    assert (line.unit_price, line.total) == (Decimal("7.64"), Decimal("76.40"))


def test_an_amount_off_and_a_price_in_its_place_are_stages_too() -> None:
    [line] = quote([Item("lantern", offered("9.99", amount="2.00"), 50)], currency="USD").lines
    assert [(stage.stage, stage.rule, str(stage.amount)) for stage in line.stages] == [
        ("list_price", "list price", "9.99"),
        ("offer", "Spring: 2.00 USD off", "7.99"),
        ("bulk_break", "from 50: 5.00 each", "5.00"),
    ]


@pytest.mark.parametrize(("quantities", "unit_price"), [((4, 5), "9.99"), ((4, 6), "8.99"), ((49, 1), "5.00")])
def test_lines_of_one_thing_reach_its_price_breaks_together(quantities: tuple[int, ...], unit_price: str) -> None:
    current = CurrentPrice(Decimal("9.99"), Decimal("9.99"), None, BREAKS)
    items = [*(Item("lantern", current, quantity) for quantity in quantities), Item("mug", current, 1)]
    lines = quote(items, currency="USD").lines
    assert [str(line.unit_price) for line in lines] == [unit_price] * len(quantities) + ["9.99"]


def test_answers_are_added_before_the_price_is_rounded_and_paid_once_after() -> None:
    item = Item("lantern", offered("9.99", percent="15"), 10, per_unit=Decimal("0.005"), once=Decimal("3.00"))
    [line] = quote([item], currency="USD").lines
    assert [(stage.stage, stage.rule, str(stage.amount)) for stage in line.stages[2:]] == [
        ("bulk_break", "from 10: 10 % off", "7.64235"),
        ("customization", "options: 0.005 USD more", "7.65"),
    ]
    assert (str(line.once), str(line.total)) == ("3.00", "79.50")
    assert exact_prices([item], currency="USD") == [Decimal("7.64235")]


def test_a_package_says_what_its_parts_cost_singly() -> None:
    item = Item("box", listed("12.60"), 1, parts_total=Decimal("14.00"))
    [line] = quote([item], currency="USD").lines
    assert [(stage.stage, stage.rule, str(stage.amount)) for stage in line.stages] == [
        ("list_price", "parts singly", "14.00"),
        ("package", "together: 12.60 each", "12.60"),
    ]


@pytest.mark.parametrize(
    ("full", "terms", "per_unit", "once", "steps", "quantity", "unit_price", "total"),
    examples("list price | offers | per unit"),
)
def test_documented_answers(
    full: str, terms: str, per_unit: str, once: str, steps: str, quantity: str, unit_price: str, total: str
) -> None:
    current = current_price(Decimal(full), read_offers(terms), read_breaks(steps), at=NOW, currency="USD")
    item = Item("lantern", current, int(quantity), once=Decimal(once or 0))
    [exact] = exact_prices([item], currency="USD")
    share = per_unit.removesuffix(" %")
    more = exact * Decimal(share) / 100 if share != per_unit else Decimal(per_unit)
    [line] = quote([replace(item, per_unit=more)], currency="USD").lines
    assert (str(line.unit_price), str(line.total)) == (unit_price, total)
