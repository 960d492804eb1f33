"""Writes of price breaks: whoever takes more never pays more a piece."""

import threading
from decimal import Decimal
from typing import Any

import pytest

from catalog.models import PriceBreak, Product
from catalog.pricing import BreakTerms, bulk_price
from catalog.selectors.prices import attach
from catalog.services import price_breaks
from catalog.services.price_breaks import add_break, remove_break, set_breaks, update_break
from catalog.services.products import update_product
from catalog.tests.factories import make_package, make_product
from catalog.tests.races import at_once
from fantasize.core import clock
from fantasize.core.errors import InvalidError, NotFoundError

pytestmark = pytest.mark.django_db


def terms(min_quantity: int, percent: str | None = None, unit_price: str | None = None) -> BreakTerms:
    return BreakTerms(min_quantity, Decimal(percent) if percent else None, Decimal(unit_price) if unit_price else None)


def faults_of(work: Any) -> dict[str, str]:
    with pytest.raises(InvalidError) as refusal:
        work()
    return {error.location: error.code for error in refusal.value.errors}


def stored() -> list[tuple[int, str | None, str | None]]:
    rows = PriceBreak.objects.order_by("pk")
    return [
        (row.min_quantity, str(row.percent) if row.percent else None, str(row.unit_price) if row.unit_price else None)
        for row in rows
    ]


@pytest.fixture
def product() -> Product:
    return make_product(price="10.00")


@pytest.mark.parametrize(
    ("wrong", "faults"),
    [
        (terms(10), {"/percent": "required", "/unit_price": "required"}),
        (terms(10, "5", "9.00"), {"/percent": "only_one", "/unit_price": "only_one"}),
        (BreakTerms(10, Decimal(0), None), {"/percent": "out_of_range"}),
        (terms(10, "100.01"), {"/percent": "out_of_range"}),
        (terms(10, unit_price="-0.01"), {"/unit_price": "out_of_range"}),
        (terms(10, unit_price="0.001"), {"/unit_price": "out_of_range"}),
        (terms(1, "5"), {"/min_quantity": "out_of_range"}),
        (terms(1_000_001, "5"), {"/min_quantity": "out_of_range"}),
        (terms(10, unit_price="10.01"), {"/unit_price": "price_cliff"}),
    ],
)
def test_what_cannot_be_is_refused(product: Product, wrong: BreakTerms, faults: dict[str, str]) -> None:
    assert faults_of(lambda: add_break(target=product, terms=wrong)) == faults
    assert stored() == []


def test_shoppers_pay_by_them(product: Product) -> None:
    box = make_package(product, own_price=Decimal("20.00"))
    add_break(target=product, terms=terms(10, "5"))
    add_break(target=box, terms=terms(2, unit_price="15.00"))
    attach([product], at=clock.now())
    attach([box], at=clock.now())
    assert product.current_price.breaks == (terms(10, "5.00"),)
    assert box.current_price.breaks == (terms(2, unit_price="15.00"),)


def test_a_rung_fits_into_the_ladder_or_is_refused(product: Product) -> None:
    add_break(target=product, terms=terms(10, "10"))
    add_break(target=product, terms=terms(50, unit_price="8.00"))
    assert faults_of(lambda: add_break(target=product, terms=terms(10, "15"))) == {"/min_quantity": "duplicate"}
    assert faults_of(lambda: add_break(target=product, terms=terms(20, "5"))) == {"/percent": "price_cliff"}
    assert faults_of(lambda: add_break(target=product, terms=terms(20, "30"))) == {"/percent": "price_cliff"}
    assert faults_of(lambda: add_break(target=product, terms=terms(99, unit_price="8.01"))) == {
        "/unit_price": "price_cliff"
    }
    add_break(target=product, terms=terms(20, "15"))
    assert stored() == [(10, "10.00", None), (50, None, "8.00"), (20, "15.00", None)]


def test_a_rung_is_changed_within_the_ladder(product: Product) -> None:
    ten = add_break(target=product, terms=terms(10, "10"))
    fifty = add_break(target=product, terms=terms(50, "20"))
    assert faults_of(lambda: update_break(price_break=ten, changes={"percent": Decimal(30)})) == {
        "/percent": "price_cliff"
    }
    assert faults_of(lambda: update_break(price_break=ten, changes={"min_quantity": 50})) == {
        "/min_quantity": "duplicate"
    }
    assert faults_of(lambda: update_break(price_break=ten, changes={"unit_price": Decimal(9)})) == {
        "/percent": "only_one",
        "/unit_price": "only_one",
    }
    update_break(price_break=ten, changes={"percent": None, "unit_price": Decimal("8.50")})
    assert stored() == [(10, None, "8.50"), (50, "20.00", None)]
    remove_break(price_break=fifty)
    assert stored() == [(10, None, "8.50")]


def test_what_somebody_has_deleted_is_not_there(product: Product) -> None:
    row = add_break(target=product, terms=terms(10, "10"))
    PriceBreak.objects.all().delete()
    with pytest.raises(NotFoundError):
        update_break(price_break=row, changes={"min_quantity": 5})
    with pytest.raises(NotFoundError):
        add_break(target=Product(pk=10**9), terms=terms(10, "10"))
    assert stored() == []


def test_a_whole_ladder_is_set_or_not_at_all(product: Product) -> None:
    set_breaks(target=product, breaks=[terms(50, "20"), terms(10, "10")])
    assert stored() == [(50, "20.00", None), (10, "10.00", None)]
    wrong = [terms(2, unit_price="11.00"), terms(10, "5"), terms(10, "6"), terms(1, "5"), terms(99)]
    assert faults_of(lambda: set_breaks(target=product, breaks=wrong)) == {
        "/0/unit_price": "price_cliff",
        "/1/min_quantity": "duplicate",
        "/2/min_quantity": "duplicate",
        "/3/min_quantity": "out_of_range",
        "/4/percent": "required",
        "/4/unit_price": "required",
    }
    assert stored() == [(50, "20.00", None), (10, "10.00", None)]
    set_breaks(target=product, breaks=[])
    assert stored() == []


def test_a_rung_is_not_blamed_for_what_a_lower_list_price_did(product: Product) -> None:
    add_break(target=product, terms=terms(50, unit_price="8.00"))
    update_product(product=product, changes={"list_price": Decimal("7.00")})
    add_break(target=product, terms=terms(10, "5"))
    product.refresh_from_db()
    attach([product], at=clock.now())
    assert bulk_price(product.current_price, 50, currency="USD") == (Decimal("6.65"), terms(10, "5.00"))


@pytest.mark.django_db(transaction=True)
def test_of_two_rungs_that_do_not_fit_together_one_is_refused() -> None:
    product = make_product(price="10.00")
    outcomes = at_once(
        lambda: add_break(target=product, terms=terms(10, "50")),
        lambda: add_break(target=product, terms=terms(20, "10")),
    )
    assert sorted(type(each).__name__ for each in outcomes) == ["InvalidError", "PriceBreak"]
    assert PriceBreak.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_both_are_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each has seen the ladder without the other's rung before either is stored."""
    product, seen = make_product(price="10.00"), threading.Barrier(2)
    checked = price_breaks.faults

    def check_together(*ladder: Any) -> Any:
        found = list(checked(*ladder))
        seen.wait()
        return found

    monkeypatch.setattr(price_breaks, "_lock", lambda target: target)
    monkeypatch.setattr(price_breaks, "faults", check_together)
    outcomes = at_once(
        lambda: add_break(target=product, terms=terms(10, "50")),
        lambda: add_break(target=product, terms=terms(20, "10")),
    )
    assert [type(each) for each in outcomes] == [PriceBreak, PriceBreak]
