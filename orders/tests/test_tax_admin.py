"""Tax classes and rates in the admin; and what products, packages say of tax and weight."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from catalog.models import Package, Product, TaxClass
from catalog.tests.factories import make_package, make_product
from fantasize.tests.staff import signed_in
from orders.models import TaxRate
from orders.tests.terms import make_class, make_rate

pytestmark = pytest.mark.django_db
PAGE = "/admin/catalog/taxclass/"
_FIELDS = ("country", "region", "name", "percent", "is_included")


def form(*rates: tuple[str, ...], **fields: Any) -> dict[str, Any]:
    rows = {
        f"rates-{place}-{name}": value
        for place, rate in enumerate(rates)
        for name, value in zip(_FIELDS, rate, strict=False)
    }
    counts = {"rates-TOTAL_FORMS": len(rates), "rates-INITIAL_FORMS": 0}
    return {"name": "Standard", "code": "standard", "is_default": "on", **rows, **counts, **fields}


def faults(answer: Any) -> dict[str, list[str]]:
    assert answer.status_code == 200
    found = {name: list(errors) for name, errors in answer.context["adminform"].form.errors.items()}
    [inline] = answer.context["inline_admin_formsets"]
    rows = inline.formset.errors
    return found | {f"{place}/{name}": list(told) for place, row in enumerate(rows) for name, told in row.items()}


def test_a_class_is_made_with_its_rates() -> None:
    posted = form(("gb", "", "VAT", "20", "on"), ("US", "New York", "Sales tax", "8.875"), ("US", "", "None", "0"))
    assert signed_in().post(f"{PAGE}add/", posted).status_code == 302
    of = TaxClass.objects.get()
    assert (of.name, of.code, of.is_default) == ("Standard", "standard", True)
    rates = of.rates.order_by("country", "region").values_list("country", "region", "percent", "is_included")
    assert list(rates) == [
        ("GB", "", Decimal(20), True),
        ("US", "", Decimal(0), False),
        ("US", "New York", Decimal("8.875"), False),
    ]
    page = signed_in().get(PAGE).content.decode()
    assert "None 0 % (US), Sales tax 8.875 % (US New York), VAT 20 % (GB)" in page


@pytest.mark.parametrize(
    ("posted", "expected"),
    [
        (form(("XX", "", "VAT", "20")), {"0/country": ["There is no such country."]}),
        (form(("", "", "VAT", "20")), {"0/country": ["This field is required."]}),
        (form(("GB", "", "VAT", "101")), {"0/percent": ["A percentage is 0 to 100."]}),
        (form(("GB", "", "VAT", "-1")), {"0/percent": ["A percentage is 0 to 100."]}),
        (
            form(("US", "Ohio", "Tax", "5"), ("US", "ohio", "Tax", "6")),
            {"1/region": ["There is a rate for this place already."]},
        ),
        (
            form(("US", "OH", "Tax", "5"), ("US", "Ohio", "Tax", "6")),
            {"1/region": ["There is a rate for this place already."]},
        ),
    ],
)
def test_what_cannot_be_is_told_where_it_is(
    posted: dict[str, Any], expected: dict[str, list[str]], manager: Client
) -> None:
    assert faults(manager.post(f"{PAGE}add/", posted)) == expected
    assert not TaxClass.objects.exists()


def test_a_place_can_change_hands_in_one_go(manager: Client) -> None:
    rate = make_rate(make_class(), "20")
    page = manager.get(f"{PAGE}{rate.tax_class_id}/change/")
    seen = page.context["adminform"].form["seen"].value()
    rows = {"rates-0-id": rate.pk, "rates-0-DELETE": "on", "rates-INITIAL_FORMS": 1, "seen": seen}
    posted = form(("GB", "", "VAT", "20"), ("GB", "", "VAT", "17.5"), **rows)
    assert manager.post(f"{PAGE}{rate.tax_class_id}/change/", posted).status_code == 302
    assert TaxRate.objects.get().percent == Decimal("17.5")


def test_there_is_one_default_class(manager: Client) -> None:
    make_class("first")
    answer = manager.post(f"{PAGE}add/", form())
    assert list(faults(answer)["__all__"]) == ["Another class is the default one."]
    assert TaxClass.objects.count() == 1


def test_a_class_that_things_are_in_is_not_deleted(manager: Client) -> None:
    of = make_class()
    make_rate(of, "20")
    make_product(tax_class=of)
    manager.post(f"{PAGE}{of.pk}/delete/", {"post": "yes"})
    assert (TaxClass.objects.count(), TaxRate.objects.count()) == (1, 1)


def test_products_and_packages_say_their_class_and_weight(manager: Client) -> None:
    of = make_class("books")
    for thing, address in ((make_product(), "product"), (make_package(), "package")):
        page = f"/admin/catalog/{address}/{thing.pk}/change/"
        opened = manager.get(page)
        fields = {bound.html_name: bound.value() for bound in opened.context["adminform"].form}
        said = {name: value for name, value in fields.items() if value is not None}
        managed: dict[str, Any] = {}
        for inline in opened.context["inline_admin_formsets"]:
            prefix = inline.formset.prefix
            managed |= {f"{prefix}-{name}": value for name, value in inline.formset.management_form.initial.items()}
            for place, row in enumerate(inline.formset.initial_forms):
                bound = {each.html_name: each.value() for each in row if each.value() is not None}
                managed |= bound | {f"{prefix}-{place}-id": row.instance.pk}
        changed = {"tax_class": of.pk, "weight_grams": "250"}
        assert manager.post(page, {**said, **managed, **changed}).status_code == 302
    product, package = Product.objects.earliest("pk"), Package.objects.get()
    assert (product.tax_class, product.weight_grams, package.tax_class) == (of, 250, of)
