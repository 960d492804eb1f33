"""More units that cost less together: none is missed, none made up, and whoever opens the page reads it."""

from decimal import Decimal
from itertools import pairwise
from random import Random

import pytest

from catalog.models import Package, Product
from catalog.pricing import BreakTerms, CurrentPrice, bulk_price, undercuts
from catalog.services.price_breaks import add_break
from catalog.tests.factories import make_package, make_product
from fantasize.tests.staff import signed_in

D = Decimal


def ladder_of(dice: Random) -> tuple[Decimal, list[BreakTerms]]:
    """A list price and up to four price breaks that grow cheaper."""
    price = D(dice.randint(50, 5000)) / 100
    rungs, off = [], 0
    for quantity in sorted(dice.sample(range(2, 40), dice.randint(1, 4))):
        off = min(off + dice.randint(1, 25), 95)
        share = price * (100 - off) / 100
        is_fixed = dice.random() < 0.5
        fixed = share.quantize(D("0.01")) if is_fixed else None
        rungs.append(BreakTerms(quantity, None if is_fixed else D(off), fixed))
    return price, rungs


def totals_fall(price: Decimal, rungs: list[BreakTerms]) -> bool:
    """Whether any number of units costs less than a smaller one does; every pair of neighbours is asked."""
    current = CurrentPrice(price, price, breaks=tuple(rungs))
    totals = [number * bulk_price(current, number, currency="USD")[0] for number in range(1, 60)]
    return any(more < fewer for fewer, more in pairwise(totals))


def test_no_cliff_of_a_thousand_ladders_is_missed() -> None:
    dice, found = Random(7), 0  # noqa: S311 - the same ladders each time
    for _ in range(1000):
        price, rungs = ladder_of(dice)
        is_told = bool(undercuts(price, rungs, currency="USD"))
        assert is_told == totals_fall(price, rungs), (price, rungs)
        found += is_told
    assert 200 < found < 1000


@pytest.mark.parametrize(
    ("price", "rungs", "cliffs"),
    [
        ("10.00", [(10, 5, None)], []),
        ("10.00", [(10, 10, None)], []),
        ("10.00", [(10, 11, None)], [10]),
        ("10.00", [(10, None, "8.99"), (50, None, "8.90")], [10]),
        ("10.00", [(10, 5, None), (12, None, "8.00"), (40, 30, None)], [12, 40]),
        ("0.01", [(2, 50, None)], []),
        ("0.02", [(2, 60, None), (3, 100, None)], [3]),
        ("5.00", [(2, 51, None)], [2]),
    ],
)
def test_each_cliff_is_where_it_is(
    price: str, rungs: list[tuple[int, int | None, str | None]], cliffs: list[int]
) -> None:
    breaks = [BreakTerms(many, D(off) if off else None, D(each) if each else None) for many, off, each in rungs]
    assert [each.quantity for each in undercuts(D(price), breaks, currency="USD")] == cliffs


@pytest.mark.django_db
def test_the_page_says_so_as_long_as_it_is_so() -> None:
    product, package = make_product(price="10.00"), make_package((make_product(price="10.00"), 1))
    client = signed_in()

    def note_on(thing: Product | Package) -> str:
        page = client.get(f"/admin/catalog/{thing._meta.model_name}/{thing.pk}/change/").content.decode()
        return page.partition("data-cliffs")[2].partition("</section>")[0]

    for thing in (product, package):
        add_break(target=thing, terms=BreakTerms(10, D(5), None))
        assert not note_on(thing)
        add_break(target=thing, terms=BreakTerms(50, D(20), None))
        assert "50 pieces cost 400.00 USD in all, less than 49 do: 465.50 USD." in note_on(thing)
    assert "data-cliffs" not in client.get("/admin/catalog/product/add/").content.decode()
