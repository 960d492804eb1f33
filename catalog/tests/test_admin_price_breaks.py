"""Price breaks on the page of what they are for."""

from decimal import Decimal
from typing import Any

import pytest

from catalog.models import PriceBreak, Product
from catalog.pricing import BreakTerms
from catalog.services.price_breaks import add_break
from catalog.tests.factories import make_product
from fantasize.tests.staff import said, signed_in

pytestmark = pytest.mark.django_db


def ladder_form(product: Product, *rungs: dict[str, Any], initial: int = 0) -> dict[str, Any]:
    """The product's page as it stands, with these price breaks."""
    page = signed_in().get(f"/admin/catalog/product/{product.pk}/change/")
    form = page.context["adminform"].form
    fields = {bound.html_name: bound.value() for bound in form if bound.value() is not None}
    managed = {
        f"{inline.formset.prefix}-{name}": value
        for inline in page.context["inline_admin_formsets"]
        for name, value in inline.formset.management_form.initial.items()
    }
    posted = {f"price_breaks-{place}-{name}": value for place, rung in enumerate(rungs) for name, value in rung.items()}
    counts = {"price_breaks-TOTAL_FORMS": len(rungs), "price_breaks-INITIAL_FORMS": initial}
    return {**fields, **managed, **posted, **counts}


def ladder() -> list[tuple[int, str | None, str | None]]:
    rows = PriceBreak.objects.order_by("min_quantity")
    return [
        (row.min_quantity, str(row.percent) if row.percent else None, str(row.unit_price) if row.unit_price else None)
        for row in rows
    ]


def post(product: Product, *rungs: dict[str, Any], initial: int = 0) -> Any:
    form = ladder_form(product, *rungs, initial=initial)
    return signed_in().post(f"/admin/catalog/product/{product.pk}/change/", form)


def test_price_breaks_are_written_on_the_page_of_what_they_are_for() -> None:
    product = make_product(price="10.00")
    rungs: list[dict[str, Any]] = [{"min_quantity": 10, "percent": 5}, {"min_quantity": 50, "unit_price": "8.00"}, {}]
    assert post(product, *rungs).status_code == 302
    assert ladder() == [(10, "5.00", None), (50, None, "8.00")]
    first, second = PriceBreak.objects.order_by("min_quantity")
    kept = {"id": first.pk, "min_quantity": 20, "percent": 6}
    gone = {"id": second.pk, "min_quantity": 50, "unit_price": "8.00", "DELETE": "on"}
    assert post(product, kept, gone, initial=2).status_code == 302
    assert ladder() == [(20, "6.00", None)]


def test_a_ladder_that_gets_dearer_is_told_at_its_rung() -> None:
    product = make_product(price="10.00")
    add_break(target=product, terms=BreakTerms(10, Decimal(5), None))
    row = PriceBreak.objects.get()
    kept = {"id": row.pk, "min_quantity": 10, "percent": 5}
    answer = post(product, kept, {"min_quantity": 50, "percent": 4}, {"min_quantity": 1}, initial=1)
    [formset] = [
        inline.formset for inline in answer.context["inline_admin_formsets"] if inline.formset.prefix == "price_breaks"
    ]
    assert [set(errors) for errors in formset.errors] == [set(), {"percent"}, {"min_quantity", "percent", "unit_price"}]
    assert "A piece would cost more than for those who take fewer." in answer.content.decode()
    assert post(product, kept, {"min_quantity": "x"}, initial=1).status_code == 200
    assert ladder() == [(10, "5.00", None)]


def test_a_page_saved_without_touching_them_leaves_price_breaks_alone() -> None:
    product = make_product(price="10.00")
    row = add_break(target=product, terms=BreakTerms(10, Decimal(5), None))
    assert post(product, {"id": row.pk, "min_quantity": 10, "percent": "5.00"}, initial=1).status_code == 302
    assert PriceBreak.objects.get().pk == row.pk


def test_more_pieces_for_less_money_are_allowed_and_told() -> None:
    product = make_product(price="10.00")
    answer = post(product, {"min_quantity": 10, "percent": 5}, {"min_quantity": 50, "unit_price": "8.00"})
    warnings = [text for text in said(answer) if "pieces" in text]
    assert warnings == ["50 pieces cost 400.00 USD in all, less than 49 do: 465.50 USD."]
    assert ladder() == [(10, "5.00", None), (50, None, "8.00")]
