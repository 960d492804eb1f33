"""What a piece costs: the rules, and every worked example of the documentation."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise, takewhile

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import settings as running
from hypothesis import strategies as st

from catalog.pricing import (
    BreakTerms,
    CurrentPrice,
    OfferTerms,
    Undercut,
    bulk_price,
    cliffs,
    coupon_discount,
    current_price,
    next_change,
    package_list_price,
    reduce,
    undercuts,
)
from fantasize.core.money import allocate

SIXTY = running(max_examples=60)
NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
CENT = Decimal("0.01")
PRICES = st.decimals(min_value=0, max_value=100_000, places=2)
AMOUNTS = st.decimals(min_value=CENT, max_value=100_000, places=2)
PERCENTS = st.decimals(min_value=CENT, max_value=100, places=2)
DISCOUNTS = st.one_of(st.tuples(PERCENTS, st.none()), st.tuples(st.none(), AMOUNTS))
HOURS = st.integers(-48, 48).map(lambda hours: NOW + timedelta(hours=hours))


def offer(number: int = 1, *, percent: object = None, amount: object = None, **window: datetime | None) -> OfferTerms:
    return OfferTerms(
        number,
        f"Offer {number}",
        None if percent is None else Decimal(str(percent)),
        None if amount is None else Decimal(str(amount)),
        window.get("starts_at") or NOW - timedelta(days=1),
        window.get("ends_at"),
    )


def price(list_price: str, *offers: OfferTerms, at: datetime = NOW) -> CurrentPrice:
    return current_price(Decimal(list_price), offers, [], at=at, currency="USD")


@st.composite
def offers(draw: st.DrawFn) -> OfferTerms:
    percent, amount = draw(DISCOUNTS)
    starts, ends = draw(HOURS), draw(st.none() | HOURS)
    return OfferTerms(draw(st.integers(1, 9)), "Offer", percent, amount, starts, ends)


@st.composite
def breaks(draw: st.DrawFn) -> BreakTerms:
    percent, unit_price = draw(st.one_of(st.tuples(PERCENTS, st.none()), st.tuples(st.none(), PRICES)))
    return BreakTerms(draw(st.integers(2, 100)), percent, unit_price)


@SIXTY
@given(PRICES, st.lists(offers(), max_size=6))
def test_the_best_offer_is_one_alone_and_no_other_is_cheaper(list_price: Decimal, terms: list[OfferTerms]) -> None:
    found = current_price(list_price, terms, [], at=NOW, currency="USD")
    alone = [
        reduce(list_price, percent=each.percent, amount=each.amount, currency="USD")
        for each in terms
        if each.holds_at(NOW)
    ]
    assert found.price == min([list_price, *alone])
    assert 0 <= found.price <= list_price
    assert found.price == found.price.quantize(CENT)
    if found.offer is None:
        assert found.price == list_price
    else:
        assert found.offer.holds_at(NOW)
        assert found.price < list_price


@SIXTY
@given(PRICES, st.lists(offers(), max_size=6), st.randoms(use_true_random=False))
def test_the_best_offer_does_not_depend_on_the_order_they_are_read_in(
    list_price: Decimal, terms: list[OfferTerms], dice: object
) -> None:
    shuffled = list(terms)
    dice.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = (current_price(list_price, each, [], at=NOW, currency="USD") for each in (terms, shuffled))
    assert one.price == other.price


def test_the_best_offer_of_equal_ones_lasts_longest() -> None:
    soon, late = offer(1, percent=10, ends_at=NOW + SECOND), offer(2, percent=10, ends_at=NOW + 2 * SECOND)
    forever = offer(3, percent=10)
    assert price("10.00", soon, late).offer == late
    assert price("10.00", soon, forever, late).offer == forever
    assert price("10.00", offer(5, percent=10), offer(4, percent=10)).offer == offer(4, percent=10)
    assert price("0.09", offer(4, percent=10), offer(5, percent=12)).offer == offer(5, percent=12)


def test_the_best_offer_that_takes_off_nothing_does_not_apply() -> None:
    assert price("0.05", offer(percent=10)).offer is None
    assert price("0.00", offer(percent=100)).offer is None


@pytest.mark.parametrize(
    ("at", "runs"), [(-SECOND, False), (timedelta(0), True), (59 * SECOND, True), (60 * SECOND, False)]
)
def test_the_best_offer_runs_from_its_beginning_until_just_before_its_end(at: timedelta, *, runs: bool) -> None:
    terms = offer(percent=50, starts_at=NOW, ends_at=NOW + 60 * SECOND)
    assert price("10.00", terms, at=NOW + at).price == (Decimal("5.00") if runs else Decimal("10.00"))


@SIXTY
@given(st.lists(offers(), max_size=6))
def test_the_best_offer_changes_next_at_the_first_border_to_come(terms: list[OfferTerms]) -> None:
    border = next_change(terms, at=NOW)
    borders = {moment for each in terms for moment in (each.starts_at, each.ends_at) if moment}
    assert border == min((moment for moment in borders if moment > NOW), default=None)


@SIXTY
@given(PRICES, DISCOUNTS)
def test_reducing_is_half_up_and_never_below_nothing(
    full: Decimal, discount: tuple[Decimal | None, Decimal | None]
) -> None:
    percent, amount = discount
    reduced = reduce(full, percent=percent, amount=amount, currency="USD")
    exact = full * (100 - percent) / 100 if percent is not None else max(full - (amount or 0), Decimal(0))
    assert 0 <= reduced <= full
    assert -CENT / 2 <= exact - reduced < CENT / 2 + CENT / 10**6
    assert reduced - exact <= CENT / 2


def test_half_a_cent_is_a_cent() -> None:
    assert reduce(Decimal("0.10"), percent=Decimal(5), amount=None, currency="USD") == Decimal("0.10")
    assert reduce(Decimal("0.30"), percent=Decimal(15), amount=None, currency="USD") == Decimal("0.26")
    assert reduce(Decimal(5), percent=Decimal(50), amount=None, currency="JPY") == Decimal(3)


@SIXTY
@given(PRICES, st.decimals(min_value=0, max_value=100, places=2))
def test_a_package_costs_its_parts_less_a_percentage(parts: Decimal, percent: Decimal) -> None:
    assert 0 <= package_list_price(parts, percent, currency="USD") <= parts


@SIXTY
@given(PRICES, st.lists(offers(), max_size=3), st.lists(breaks(), max_size=5), st.integers(1, 100))
def test_more_pieces_never_cost_more_each(
    list_price: Decimal, terms: list[OfferTerms], steps: list[BreakTerms], quantity: int
) -> None:
    current = current_price(list_price, terms, steps, at=NOW, currency="USD")
    fewer, _ = bulk_price(current, quantity, currency="USD")
    more, applied = bulk_price(current, quantity + 1, currency="USD")
    assert 0 <= more <= fewer <= current.price
    assert more == more.quantize(CENT)
    assert applied is None or applied.min_quantity <= quantity + 1
    assert bulk_price(current, 1, currency="USD") == (current.price, None)


@SIXTY
@given(PRICES, st.lists(breaks(), max_size=5, unique_by=lambda step: step.min_quantity))
def test_without_cliffs_every_step_is_what_its_own_terms_say(list_price: Decimal, steps: list[BreakTerms]) -> None:
    refused = cliffs(list_price, steps, currency="USD")
    sound = sorted((step for step in steps if step not in refused), key=lambda step: step.min_quantity)
    current = CurrentPrice(list_price, list_price, None, tuple(sound))
    rungs = [bulk_price(current, step.min_quantity, currency="USD")[0] for step in sound]
    for step, rung in zip(sound, rungs, strict=True):
        own = step.unit_price
        if step.percent is not None:
            own = reduce(list_price, percent=step.percent, amount=None, currency="USD")
        assert rung == own
    assert all(more <= fewer for fewer, more in pairwise([list_price, *rungs]))
    assert cliffs(list_price, sound, currency="USD") == []


def test_a_dearer_step_is_a_cliff_and_an_equal_one_is_not() -> None:
    ten, fifty = BreakTerms(10, Decimal(10), None), BreakTerms(50, None, Decimal("9.01"))
    assert cliffs(Decimal(10), [fifty, ten], currency="USD") == [fifty]
    assert cliffs(Decimal(10), [ten, BreakTerms(50, None, Decimal("9.00"))], currency="USD") == []
    assert cliffs(Decimal(10), [BreakTerms(2, None, Decimal("10.01"))], currency="USD") != []


def test_more_pieces_may_cost_less_together_and_it_can_be_told() -> None:
    ten, fifty = BreakTerms(10, None, Decimal("8.99")), BreakTerms(50, None, Decimal("8.90"))
    assert undercuts(Decimal(10), [fifty, ten], currency="USD") == [Undercut(10, Decimal(90), Decimal("89.90"))]
    assert undercuts(Decimal(10), [BreakTerms(10, None, Decimal(9))], currency="USD") == []


@SIXTY
@given(PRICES, st.lists(breaks(), max_size=5, unique_by=lambda step: step.min_quantity))
def test_without_undercuts_more_pieces_never_cost_less_together(list_price: Decimal, steps: list[BreakTerms]) -> None:
    undercut = {found.quantity for found in undercuts(list_price, steps, currency="USD")}
    current = CurrentPrice(list_price, list_price, None, tuple(sorted(steps, key=lambda step: step.min_quantity)))
    for step in steps:
        fewer, more = (
            number * bulk_price(current, number, currency="USD")[0]
            for number in (step.min_quantity - 1, step.min_quantity)
        )
        assert (more < fewer) == (step.min_quantity in undercut)


@SIXTY
@given(PRICES, DISCOUNTS)
def test_coupons_take_off_no_more_than_there_is(
    total: Decimal, discount: tuple[Decimal | None, Decimal | None]
) -> None:
    percent, amount = discount
    off = coupon_discount(total, percent=percent, amount=amount, currency="USD")
    assert 0 <= off <= total
    assert off == off.quantize(CENT)
    assert amount is None or off == min(amount, total)


@SIXTY
@given(st.lists(PRICES, min_size=1, max_size=20), DISCOUNTS)
def test_coupons_are_spread_exactly_and_no_line_gets_more_than_it_costs(
    lines: list[Decimal], discount: tuple[Decimal | None, Decimal | None]
) -> None:
    percent, amount = discount
    off = coupon_discount(sum(lines, Decimal(0)), percent=percent, amount=amount, currency="USD")
    shares = allocate(off, lines, "USD")
    assert sum(shares) == off
    assert all(0 <= share <= line for share, line in zip(shares, lines, strict=True))


def examples(heading: str) -> list[list[str]]:
    """The rows of the table in the documentation whose first columns are these."""
    lines = (settings.BASE_DIR / "docs" / "pricing.md").read_text().splitlines()
    [start] = [number for number, line in enumerate(lines) if line.startswith(f"| {heading} |")]
    rows = takewhile(lambda line: line.startswith("|"), lines[start + 2 :])
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def read_offers(text: str) -> list[OfferTerms]:
    return [
        offer(number, percent=each.removesuffix(" %")) if each.endswith("%") else offer(number, amount=each)
        for number, each in enumerate(filter(None, text.split(", ")))
    ]


def read_breaks(text: str) -> Iterator[BreakTerms]:
    for each in filter(None, text.split(", ")):
        quantity, terms = each.removeprefix("from ").split(": ")
        number = Decimal(terms.split()[0])
        yield BreakTerms(int(quantity), *((number, None) if terms.endswith("%") else (None, number)))


@pytest.mark.parametrize(("full", "terms", "expected"), examples("list price | offers | price"))
def test_documented_offers(full: str, terms: str, expected: str) -> None:
    assert str(price(full, *read_offers(terms)).price) == expected


@pytest.mark.parametrize(
    ("full", "terms", "steps", "quantity", "unit_price", "total"), examples("list price | offers | breaks")
)
def test_documented_breaks(full: str, terms: str, steps: str, quantity: str, unit_price: str, total: str) -> None:
    current = current_price(Decimal(full), read_offers(terms), read_breaks(steps), at=NOW, currency="USD")
    found, _ = bulk_price(current, int(quantity), currency="USD")
    assert (str(found), str(found * int(quantity))) == (unit_price, total)


@pytest.mark.parametrize(("items", "terms", "off", "left"), examples("items | coupon"))
def test_documented_coupons(items: str, terms: str, off: str, left: str) -> None:
    [coupon] = read_offers(terms)
    found = coupon_discount(Decimal(items), percent=coupon.percent, amount=coupon.amount, currency="USD")
    assert (str(found), str(Decimal(items) - found)) == (off, left)


@pytest.mark.parametrize(("lines", "off", "spread"), examples("line totals | off"))
def test_documented_spreads(lines: str, off: str, spread: str) -> None:
    shares = allocate(Decimal(off), [Decimal(line) for line in lines.split(", ")], "USD")
    assert ", ".join(map(str, shares)) == spread


def test_the_documentation_has_examples() -> None:
    tables = ("list price | offers | price", "list price | offers | breaks", "items | coupon", "line totals | off")
    assert [len(examples(table)) for table in tables] == [8, 7, 4, 4]
