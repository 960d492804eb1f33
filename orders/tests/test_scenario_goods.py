"""A shop made to order: packages, templates, offers, coupons and price breaks, however often they are asked for."""

from copy import deepcopy
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError

from accounts.models import User
from catalog.models import Coupon, Offer, Package, PackageItem, PriceBreak, Product
from customizations.models import CustomizationTemplate, TemplateLink, TemplateVersion
from customizations.services import templates
from customizations.tests.factories import COLOUR, make_schema, make_template
from fantasize.core import clock, invariants
from orders.tests.test_scenario import seed

pytestmark = pytest.mark.django_db
DOCUMENT: dict[str, Any] = {
    "products": [
        {"key": "mug", "name": "Mug", "price": "24.00", "stock": 10, "category": "Kitchen", "template": "engraving"},
        {"key": "pen", "name": "Pen", "price": "7.50", "stock": 5},
    ],
    "packages": [
        {"key": "desk", "name": "Desk set", "items": [["mug", 1], ["pen", 2]], "template": "engraving"},
        {"key": "pens", "name": "Three pens", "price": "20.00", "items": [["pen", 3]]},
    ],
    "templates": [{"key": "engraving", "name": "Engraving", "schema": make_schema()}],
    "offers": [
        {"name": "Pens", "percent": 10, "products": ["pen"]},
        {"name": "Kitchen", "amount": "2.00", "categories": ["Kitchen"], "packages": ["pens"]},
        {
            "name": "Later",
            "percent": "50",
            "products": ["mug"],
            "starts_at": "2100-01-01T00:00:00Z",
            "ends_at": "2100-02-01T01:00:00+01:00",
        },
    ],
    "coupons": [
        {"code": "WELCOME", "percent": 10, "max_uses_per_customer": 1},
        {"code": "FIVE", "amount": 5, "min_total": "40.00", "max_uses": 100, "ends_at": "2100-01-01T00:00:00Z"},
    ],
    "price_breaks": [
        {"product": "mug", "min_quantity": 5, "percent": 5},
        {"package": "pens", "min_quantity": 2, "unit_price": "19.00"},
        {"product": "mug", "min_quantity": 10, "percent": 12.5},
    ],
}
MODELS: tuple[Any, ...] = (
    *(Product, Package, PackageItem, Offer, Coupon, PriceBreak),
    *(CustomizationTemplate, TemplateLink, TemplateVersion),
)


def everything() -> list[Any]:
    rows = [list(model.objects.order_by("pk").values()) for model in MODELS]
    return [*rows, *(list(getattr(Offer, name).through.objects.values()) for name in ("products", "categories"))]


def changed(where: str, index: int, /, **changes: Any) -> dict[str, Any]:
    """The document with one item otherwise; None takes a member away."""
    document = deepcopy(DOCUMENT)
    item = {**document[where][index], **changes}
    document[where][index] = {key: value for key, value in item.items() if value is not None}
    return document


def links() -> set[tuple[str, str]]:
    """What has which template."""
    rows = TemplateLink.objects.filter(is_live=True).values_list("template__name", "product__sku", "package__sku")
    return {(template, product or package or "") for template, product, package in rows}


def test_packages_cost_what_their_parts_do_or_what_is_said(tmp_path: Path) -> None:
    ids = seed(tmp_path, DOCUMENT)
    desk, pens = (Package.objects.get(pk=ids["packages"][key]) for key in ("desk", "pens"))
    assert (desk.sku, desk.name, desk.list_price) == ("desk", "Desk set", Decimal("39.00"))
    parts = desk.items.order_by("position").values_list("product_id", "quantity")
    assert list(parts) == [(ids["products"]["mug"], 1), (ids["products"]["pen"], 2)]
    assert (pens.own_price, pens.list_price, pens.price) == (Decimal("20.00"), Decimal("20.00"), Decimal("18.00"))
    assert not any(invariants.violations().values())


def test_templates_are_published_for_what_names_them(tmp_path: Path) -> None:
    ids = seed(tmp_path, DOCUMENT)
    template = CustomizationTemplate.objects.get(pk=ids["templates"]["engraving"])
    assert (template.name, template.state, template.schema) == ("Engraving", "published", make_schema())
    assert links() == {("Engraving", "mug"), ("Engraving", "desk")}
    assert list(Product.objects.filter(has_options=True).values_list("sku", flat=True)) == ["mug"]


def test_offers_coupons_and_price_breaks_are_as_described(tmp_path: Path) -> None:
    seed(tmp_path, DOCUMENT)
    assert dict(Product.objects.values_list("sku", "price")) == {"mug": Decimal("22.00"), "pen": Decimal("6.75")}
    later = Offer.objects.get(name="Later")
    assert later.ends_at is not None
    assert (later.starts_at.isoformat(), later.ends_at.isoformat()) == (
        "2100-01-01T00:00:00+00:00",
        "2100-02-01T00:00:00+00:00",
    )
    columns = ("code", "percent", "amount", "min_total", "max_uses", "max_uses_per_customer")
    assert list(Coupon.objects.order_by("pk").values_list(*columns)) == [
        ("WELCOME", Decimal(10), None, Decimal(0), None, 1),
        ("FIVE", None, Decimal(5), Decimal(40), 100, None),
    ]
    breaks = PriceBreak.objects.order_by("min_quantity")
    assert list(breaks.values_list("product__sku", "package__sku", "min_quantity", "percent", "unit_price")) == [
        (None, "pens", 2, None, Decimal("19.00")),
        ("mug", None, 5, Decimal(5), None),
        ("mug", None, 10, Decimal("12.5"), None),
    ]


def test_saying_all_of_it_again_changes_nothing(tmp_path: Path) -> None:
    ids, before = seed(tmp_path, DOCUMENT), everything()
    assert seed(tmp_path, DOCUMENT) == ids
    assert everything() == before


def test_what_exists_becomes_what_is_said_and_keeps_its_id(tmp_path: Path) -> None:
    ids = seed(tmp_path, DOCUMENT)
    kept = {model: set(model.objects.values_list("pk", flat=True)) for model in (Offer, Coupon)}
    schema = make_schema(options=[COLOUR])
    again = seed(
        tmp_path,
        {
            "packages": [
                {"key": "desk", "name": "Desk", "price": "30.00", "items": [["pen", 1]]},
                {"key": "pens", "name": "Three pens", "items": [["pen", 3]]},
            ],
            "templates": [{"key": "other-key", "name": "Engraving", "schema": schema}],
            "offers": [{"name": "Pens", "amount": "1.50", "products": ["mug"]}],
            "coupons": [{"code": "welcome", "amount": "3.00"}],
            "price_breaks": [{"product": "mug", "min_quantity": 3, "unit_price": "20.00"}],
        },
    )
    assert again["packages"] == ids["packages"]
    assert again["templates"] == {"other-key": ids["templates"]["engraving"]}
    assert list(Package.objects.order_by("sku").values_list("name", "own_price", "list_price")) == [
        ("Desk", Decimal("30.00"), Decimal("30.00")),
        ("Three pens", None, Decimal("22.50")),
    ]
    assert (CustomizationTemplate.objects.get().schema, links()) == (schema, {("Engraving", "mug")})
    assert kept == {model: set(model.objects.values_list("pk", flat=True)) for model in kept}
    offer, coupon = Offer.objects.get(name="Pens"), Coupon.objects.get(code="welcome")
    assert (offer.percent, offer.amount, offer.products.get().sku) == (None, Decimal("1.50"), "mug")
    assert (coupon.percent, coupon.amount, coupon.max_uses_per_customer) == (None, Decimal(3), None)
    assert set(PriceBreak.objects.values_list("product__sku", "min_quantity")) == {("mug", 3), (None, 2)}


def test_things_change_templates_and_others_keep_theirs(tmp_path: Path) -> None:
    seed(tmp_path, DOCUMENT)
    swapped = changed("products", 0, template=None)
    swapped["products"][1]["template"] = "engraving"
    swapped["packages"][0]["template"] = "colour"
    swapped["templates"].append({"key": "colour", "name": "Colour", "schema": make_schema(options=[COLOUR])})
    seed(tmp_path, swapped)
    assert links() == {("Engraving", "pen"), ("Colour", "desk")}
    seed(tmp_path, {"templates": [DOCUMENT["templates"][0]], "products": [DOCUMENT["products"][0]]})
    assert links() == {("Engraving", "pen"), ("Engraving", "mug"), ("Colour", "desk")}


def test_two_templates_change_places(tmp_path: Path) -> None:
    document = changed("packages", 0, template="colour")
    document["templates"].append({"key": "colour", "name": "Colour", "schema": make_schema(options=[COLOUR])})
    seed(tmp_path, document)
    document["products"][0]["template"], document["packages"][0]["template"] = "colour", "engraving"
    seed(tmp_path, document)
    assert links() == {("Colour", "mug"), ("Engraving", "desk")}


def test_a_template_that_was_retired_is_offered_again(tmp_path: Path) -> None:
    ids = seed(tmp_path, DOCUMENT)
    templates.retire(template=CustomizationTemplate.objects.get(), actor="system")
    assert links() == set()
    assert seed(tmp_path, DOCUMENT) == ids
    assert links() == {("Engraving", "mug"), ("Engraving", "desk")}


def test_a_template_that_staff_made_gives_way(tmp_path: Path) -> None:
    ids = seed(tmp_path, {"products": [DOCUMENT["products"][1]]})
    make_template(name="By hand", products=[ids["products"]["pen"]])
    seed(tmp_path, {**changed("products", 1, template="engraving"), "offers": []})
    assert links() == {("Engraving", "mug"), ("Engraving", "desk"), ("Engraving", "pen")}


def test_an_offer_without_a_beginning_begins_at_once_and_only_once(tmp_path: Path) -> None:
    with clock.frozen_at(clock.now()):
        seed(tmp_path, DOCUMENT)
        begun = clock.now()
    seed(tmp_path, changed("offers", 0, percent=20))
    assert Offer.objects.values_list("starts_at", "percent").get(name="Pens") == (begun, Decimal(20))


def schema_of(**changes: Any) -> dict[str, Any]:
    return changed("templates", 0, schema={**make_schema(), **changes})


FAULTS: list[tuple[Any, str]] = [
    (changed("products", 0, template="nothing"), "/products/0/template"),
    (changed("packages", 1, template="nothing"), "/packages/1/template"),
    (changed("packages", 1, key="desk"), "/packages/1/key"),
    (changed("packages", 1, items="pen"), "/packages/1/items"),
    (changed("packages", 1, items=None), "/packages/1/items"),
    (changed("packages", 1, items=[]), "/packages/1/items"),
    (changed("packages", 1, items=[["pen"]]), "/packages/1/items/0"),
    (changed("packages", 1, items=[["pen", 1], ["cup", 1]]), "/packages/1/items/1/0"),
    (changed("packages", 1, items=[["pen", 1], ["pen", 1]]), "/packages/1/items/1/0"),
    (changed("packages", 1, items=[["pen", 0]]), "/packages/1/items/0/1"),
    (changed("packages", 1, items=[["pen", 1.5]]), "/packages/1/items/0/1"),
    (changed("packages", 1, price="1.001"), "/packages/1/price"),
    (changed("packages", 1, stock=1), "/packages/1/stock"),
    (changed("templates", 0, key=7), "/templates/0/key"),
    (changed("templates", 0, schema=None), "/templates/0/schema"),
    (changed("templates", 0, schema=[]), "/templates/0/schema"),
    (schema_of(options=[{**COLOUR, "type": "smell"}]), "/templates/0/schema/options/0/type"),
    (schema_of(canvas={"width": float("inf")}), "/templates/0/schema"),
    ({"templates": [{"key": key, "name": "A", "schema": {}} for key in "ab"]}, "/templates/1/name"),
    (changed("offers", 1, name="Pens"), "/offers/1/name"),
    (changed("offers", 0, name=None), "/offers/0/name"),
    (changed("offers", 0, percent=None), "/offers/0/percent"),
    (changed("offers", 0, percent="ten"), "/offers/0/percent"),
    (changed("offers", 0, percent=101), "/offers/0/percent"),
    (changed("offers", 0, amount="1.00"), "/offers/0/percent"),
    (changed("offers", 0, products="pen"), "/offers/0/products"),
    (changed("offers", 0, products=[7]), "/offers/0/products/0"),
    (changed("offers", 0, products=["pen", "cup"]), "/offers/0/products/1"),
    (changed("offers", 1, packages=["pen"]), "/offers/1/packages/0"),
    (changed("offers", 1, categories=["Garden"]), "/offers/1/categories/0"),
    (changed("offers", 2, starts_at="2100-01-01T00:00:00"), "/offers/2/starts_at"),
    (changed("offers", 2, starts_at="soon"), "/offers/2/starts_at"),
    (changed("offers", 2, starts_at="0001-01-01T00:00:00+14:00"), "/offers/2/starts_at"),
    (changed("offers", 2, ends_at=2100), "/offers/2/ends_at"),
    (changed("offers", 2, ends_at="2099-01-01T00:00:00Z"), "/offers/2/ends_at"),
    (changed("coupons", 1, code="Welcome"), "/coupons/1/code"),
    (changed("coupons", 1, code="a b"), "/coupons/1/code"),
    (changed("coupons", 1, code=None), "/coupons/1/code"),
    (changed("coupons", 1, amount="0.00"), "/coupons/1/amount"),
    (changed("coupons", 1, min_total="-1"), "/coupons/1/min_total"),
    (changed("coupons", 1, max_uses=0), "/coupons/1/max_uses"),
    (changed("coupons", 1, max_uses=True), "/coupons/1/max_uses"),
    (changed("price_breaks", 0, product=None), "/price_breaks/0"),
    (changed("price_breaks", 0, package="pens"), "/price_breaks/0"),
    (changed("price_breaks", 0, product="cup"), "/price_breaks/0/product"),
    (changed("price_breaks", 1, package="mug"), "/price_breaks/1/package"),
    (changed("price_breaks", 2, min_quantity=1), "/price_breaks/2/min_quantity"),
    (changed("price_breaks", 2, min_quantity=None), "/price_breaks/2/min_quantity"),
    (changed("price_breaks", 2, unit_price="1.00"), "/price_breaks/2/percent"),
    (changed("price_breaks", 2, percent=1), "/price_breaks/2/percent"),
]


@pytest.mark.parametrize(("document", "place"), FAULTS, ids=[f"{place}-{i}" for i, (_, place) in enumerate(FAULTS)])
def test_a_fault_is_placed_and_nothing_is_made(tmp_path: Path, document: dict[str, Any], place: str) -> None:
    people = [{"email": "ada@example.com", "password": "correct-horse-battery"}]
    with pytest.raises(CommandError, match=rf"^{place}: "):
        seed(tmp_path, {"users": people, **document})
    assert not User.objects.exists()
    assert not any(model.objects.exists() for model in MODELS)
