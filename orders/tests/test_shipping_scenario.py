"""A shop made to order: what it costs to send things, and how they are taxed."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError

from catalog.models import Product, TaxClass
from orders.models import ShippingBand, ShippingMethod, TaxRate
from orders.tests.test_scenario import seed

pytestmark = pytest.mark.django_db
DOCUMENT: dict[str, Any] = {
    "taxes": [
        {"country": "GB", "percent": "20", "is_included": True, "name": "VAT"},
        {"country": "us", "region": "New York", "percent": 8.875},
        {"country": "GB", "percent": 0, "tax_class": "books"},
    ],
    "shipping_methods": [
        {"code": "post", "kind": "by_weight", "bands": [[0, "3.90"], [1000, "5.90"], [2000, None]], "free_above": 50},
        {"code": "courier", "name": "Courier", "price": "9.00", "countries": ["gb"], "tax_class": "books"},
    ],
    "products": [
        {"key": "mug", "name": "Mug", "price": 10, "stock": 1, "weight_grams": 400, "tax_class": "books"},
        {"key": "pen", "name": "Pen", "price": 5, "stock": 1},
    ],
}


def rates() -> list[tuple[str, str, str, str, bool]]:
    rows = TaxRate.objects.order_by("tax_class__code", "country", "region")
    facts = rows.values_list("tax_class__code", "country", "region", "percent", "is_included")
    return [(*place, f"{percent.normalize():f}", included) for *place, percent, included in facts]  # type: ignore[misc] # Django's rows


def methods() -> list[tuple[Any, ...]]:
    facts = ("code", "name", "kind", "price", "countries", "free_above", "tax_class__code")
    return list(ShippingMethod.objects.order_by("code").values_list(*facts))


def test_methods_and_rates_are_made_as_described_however_often(tmp_path: Path) -> None:
    for _ in range(2):
        seed(tmp_path, DOCUMENT)
        assert rates() == [
            ("books", "GB", "", "0", False),
            ("standard", "GB", "", "20", True),
            ("standard", "US", "New York", "8.875", False),
        ]
        assert methods() == [
            ("courier", "Courier", "flat", Decimal("9.00"), ["GB"], None, "books"),
            ("post", "post", "by_weight", None, [], Decimal("50.00"), None),
        ]
        bands = ShippingBand.objects.order_by("minimum").values_list("minimum", "price")
        assert [(int(minimum), price) for minimum, price in bands] == [
            (0, Decimal("3.90")),
            (1000, Decimal("5.90")),
            (2000, None),
        ]
    assert TaxClass.objects.get(is_default=True).code == "standard"
    mug, pen = Product.objects.order_by("name")
    assert (mug.weight_grams, mug.tax_class and mug.tax_class.code) == (400, "books")
    assert (pen.weight_grams, pen.tax_class) == (0, None)


def test_what_the_document_says_later_takes_its_place(tmp_path: Path) -> None:
    seed(tmp_path, DOCUMENT)
    mug = {**DOCUMENT["products"][0], "weight_grams": 500}
    del mug["tax_class"]
    later = {
        "taxes": [{"country": "US", "region": "new york", "percent": 9}],
        "shipping_methods": [{"code": "post", "price": 0}],
        "products": [mug],
    }
    seed(tmp_path, later)
    assert rates()[-1] == ("standard", "US", "new york", "9", False)
    assert methods()[-1] == ("post", "post", "flat", Decimal("0.00"), [], None, None)
    assert not ShippingBand.objects.exists()
    product = Product.objects.get(sku="mug")
    assert (product.weight_grams, product.tax_class and product.tax_class.code) == (500, "books")


def way(**changes: Any) -> dict[str, Any]:
    return {"shipping_methods": [{"code": "post", "price": "5.00", **changes}]}


def levy(**changes: Any) -> dict[str, Any]:
    return {"taxes": [{"country": "GB", "percent": 20, **changes}]}


@pytest.mark.parametrize(
    ("document", "place"),
    [
        ({"shipping_methods": [{"price": 1}]}, "/shipping_methods/0/code"),
        ({"shipping_methods": [{"code": "a", "price": 1}] * 2}, "/shipping_methods/1/code"),
        (way(kind="by_mood"), "/shipping_methods/0/kind"),
        (way(price=None), "/shipping_methods/0/price"),
        (way(price=-1), "/shipping_methods/0/price"),
        (way(kind="by_total"), "/shipping_methods/0/price"),
        (way(bands=[[0, 1]]), "/shipping_methods/0/bands"),
        (way(kind="by_total", price=None), "/shipping_methods/0/bands"),
        (way(kind="by_total", price=None, bands=[[0, 1], [0, 2]]), "/shipping_methods/0/bands"),
        (way(kind="by_total", price=None, bands=[[0]]), "/shipping_methods/0/bands/0"),
        (way(kind="by_total", price=None, bands=[[0, "x"]]), "/shipping_methods/0/bands/0/1"),
        (way(kind="by_total", price=None, bands=[[-1, 1]]), "/shipping_methods/0/bands/0/0"),
        (way(countries=["England"]), "/shipping_methods/0/countries/0"),
        (way(countries=["1A"]), "/shipping_methods/0/countries/0"),
        (way(tax_class="nothing"), "/shipping_methods/0/tax_class"),
        (way(rate=1), "/shipping_methods/0/rate"),
        ({"taxes": [{"percent": 1}]}, "/taxes/0/country"),
        (levy(percent=-1), "/taxes/0/percent"),
        (levy(percent=101), "/taxes/0/percent"),
        (levy(percent="8.8755"), "/taxes/0/percent"),
        (levy(percent=None), "/taxes/0/percent"),
        (levy(is_included="yes"), "/taxes/0/is_included"),
        ({"taxes": [*levy()["taxes"], *levy(percent=1)["taxes"]]}, "/taxes/1/country"),
        ({"products": [{**DOCUMENT["products"][0]}]}, "/products/0/tax_class"),
        ({"products": [{**DOCUMENT["products"][1], "weight_grams": -1}]}, "/products/0/weight_grams"),
    ],
)
def test_a_faulty_rule_is_refused_and_the_place_named(tmp_path: Path, document: Any, place: str) -> None:
    with pytest.raises(CommandError, match=rf"^{place}: "):
        seed(tmp_path, document)
    left = (ShippingMethod.objects.count(), TaxRate.objects.count(), Product.objects.count())
    assert left == (0, 0, 0)
