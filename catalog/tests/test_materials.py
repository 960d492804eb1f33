"""What a product is made of: the rules alone."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from catalog.services.materials import WHOLE, Share, faults

hundredths = st.integers(min_value=1, max_value=10_000).map(lambda number: Decimal(number) / 100)


@st.composite
def whole(draw: st.DrawFn) -> list[Share]:
    """Shares of different materials that come to 100 per cent."""
    cuts = sorted(draw(st.sets(st.integers(1, 9_999), max_size=8)))
    parts = [Decimal(end - start) / 100 for start, end in zip([0, *cuts], [*cuts, 10_000], strict=True)]
    ids = draw(st.lists(st.integers(1, 10**6), min_size=len(parts), max_size=len(parts), unique=True))
    return [Share(material, percent) for material, percent in zip(ids, parts, strict=True)]


@given(whole())
def test_shares_that_come_to_a_whole_have_no_fault(shares: list[Share]) -> None:
    assert faults(shares) == []


@given(whole(), hundredths)
def test_one_more_share_is_too_much(shares: list[Share], more: Decimal) -> None:
    assert [fault.location for fault in faults([*shares, Share(10**7, more)])] == ["/materials"]


@given(whole(), st.data())
def test_naming_a_material_twice_is_told_where_it_is(shares: list[Share], data: st.DataObject) -> None:
    twice = data.draw(st.sampled_from(shares))
    halves = [share for share in shares if share != twice] + [Share(twice.material, twice.percent / 2)] * 2
    codes = {(fault.location, fault.code) for fault in faults(halves)}
    assert (f"/materials/{len(halves) - 1}/material", "duplicate") in codes
    assert ("/materials", "percent_sum") not in codes


@given(st.lists(st.tuples(st.integers(1, 5), st.decimals(-200, 200, places=3)), max_size=6))
def test_what_has_no_fault_is_what_the_database_takes(pairs: list[tuple[int, Decimal]]) -> None:
    shares = [Share(*pair) for pair in pairs]
    percents = [share.percent for share in shares]
    fits = all(0 < each <= WHOLE and each == round(each, 2) for each in percents)
    is_whole = not shares or sum(percents) == WHOLE
    is_once = len({share.material for share in shares}) == len(shares)
    assert (faults(shares) == []) == (fits and is_whole and is_once)


def test_nothing_is_said_of_no_materials() -> None:
    assert faults([]) == []


def test_every_fault_is_named() -> None:
    found = faults([Share(1, Decimal(0)), Share(2, Decimal("33.333")), Share(1, Decimal(120))])
    assert {(fault.location, fault.code) for fault in found} == {
        ("/materials/0/percent", "out_of_range"),
        ("/materials/1/percent", "out_of_range"),
        ("/materials/2/percent", "out_of_range"),
        ("/materials/2/material", "duplicate"),
        ("/materials", "percent_sum"),
    }
