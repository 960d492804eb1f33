"""A shop made to order: exactly what a document says, however often it is said."""

import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from catalog.models import Category, Product, StockMovement
from fantasize.core import invariants
from orders.enums import OrderStatus
from orders.tests.factories import make_order, move

pytestmark = pytest.mark.django_db
SCENARIO: dict[str, Any] = {
    "users": [
        {"email": "Ada@example.com", "password": "correct-horse-battery", "role": "customer", "verified": True},
        {"email": "boss@example.com", "password": "correct-horse-battery", "role": "administrator"},
        {"email": "new@example.com", "password": "correct-horse-battery", "verified": False},
    ],
    "products": [
        {"key": "mug", "name": "Engraved Mug", "price": "24.00", "stock": 10, "category": "Kitchen"},
        {"key": "pen", "name": "Pen", "price": 7.5, "stock": 0},
    ],
    "packages": [],
}


def seed(tmp_path: Path, document: Any) -> dict[str, dict[str, Any]]:
    path = tmp_path / "scenario.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    output = io.StringIO()
    call_command("seed_scenario", "--json", str(path), stdout=output)
    ids: dict[str, dict[str, Any]] = json.loads(output.getvalue())
    return ids


def test_people_are_made_as_described(tmp_path: Path) -> None:
    ids = seed(tmp_path, SCENARIO)
    ada, boss, new = (User.objects.get(pk=UUID(ids["users"][person["email"]])) for person in SCENARIO["users"])
    assert (ada.email, ada.role, ada.is_staff) == ("ada@example.com", "customer", False)
    assert ada.check_password("correct-horse-battery")
    assert ada.email_verified_at is not None
    assert (boss.role, boss.is_staff) == ("administrator", True)
    assert boss.email_verified_at is not None
    assert boss.has_perm("orders.change_order")
    assert (new.role, new.email_verified_at) == ("customer", None)


def test_products_are_made_as_described(tmp_path: Path) -> None:
    ids = seed(tmp_path, SCENARIO)
    assert list(ids) == ["users", "products", "packages", "templates"]
    assert (ids["packages"], ids["templates"]) == ({}, {})
    mug = Product.objects.select_related("category", "stock").get(pk=ids["products"]["mug"])
    assert (mug.name, mug.list_price, mug.stock.on_hand, str(mug.category)) == (
        "Engraved Mug",
        Decimal("24.00"),
        10,
        "Kitchen",
    )
    pen = Product.objects.get(pk=ids["products"]["pen"])
    assert (pen.list_price, pen.stock.on_hand, pen.category) == (Decimal("7.50"), 0, None)
    assert not any(invariants.violations().values())


def test_saying_it_again_changes_nothing(tmp_path: Path) -> None:
    ids = seed(tmp_path, SCENARIO)
    before = [list(model.objects.order_by("pk").values()) for model in (User, Product, Category, StockMovement)]
    assert seed(tmp_path, SCENARIO) == ids
    after = [list(model.objects.order_by("pk").values()) for model in (User, Product, Category, StockMovement)]
    assert after == before


def test_what_exists_becomes_what_is_said_and_keeps_its_id(tmp_path: Path) -> None:
    ids = seed(tmp_path, SCENARIO)
    changed = {
        "users": [
            {"email": "ada@example.com", "password": "another-one-entirely", "role": "manager", "verified": False}
        ],
        "products": [{"key": "mug", "name": "Mug", "price": "20.00", "stock": 3, "category": "Gifts"}],
    }
    again = seed(tmp_path, changed)
    assert again["users"] == {"ada@example.com": ids["users"]["Ada@example.com"]}
    assert again["products"] == {"mug": ids["products"]["mug"]}
    ada = User.objects.get(email="ada@example.com")
    assert (ada.role, ada.email_verified_at, ada.check_password("another-one-entirely")) == ("manager", None, True)
    mug = Product.objects.select_related("category", "stock").get(sku="mug")
    assert (mug.name, mug.list_price, str(mug.category), mug.stock.on_hand) == ("Mug", Decimal("20.00"), "Gifts", 3)
    deltas = StockMovement.objects.filter(stock_item=mug.stock).order_by("pk").values_list("delta", "reason")
    assert list(deltas) == [(10, "opening"), (-7, "correction")]


def test_stock_is_filled_up_after_sales(tmp_path: Path) -> None:
    ids = seed(tmp_path, SCENARIO)
    mug = Product.objects.get(pk=ids["products"]["mug"])
    move(make_order(product=mug, quantity=4), OrderStatus.PROCESSING)
    seed(tmp_path, SCENARIO)
    mug.stock.refresh_from_db()
    assert (mug.stock.on_hand, mug.stock.held) == (10, 0)


def test_stock_is_not_taken_from_open_orders(tmp_path: Path) -> None:
    ids = seed(tmp_path, SCENARIO)
    make_order(product=Product.objects.get(pk=ids["products"]["mug"]), quantity=4)
    with pytest.raises(CommandError, match="reserved"):
        seed(tmp_path, {"products": [{"key": "mug", "name": "Other", "price": "1.00", "stock": 3}]})
    assert Product.objects.get(sku="mug").name == "Engraved Mug"


def test_categories_of_one_name_are_one_and_slugs_stay_free(tmp_path: Path) -> None:
    Category.objects.create(name="Kitchen!", slug="kitchen")
    seed(tmp_path, {"products": [{**SCENARIO["products"][0], "key": key} for key in ("a", "b")]})
    assert list(Category.objects.order_by("pk").values_list("name", "slug")) == [
        ("Kitchen!", "kitchen"),
        ("Kitchen", "kitchen-2"),
    ]


@pytest.mark.parametrize("document", [{}, {"users": None, "templates": []}])
def test_every_list_is_optional(tmp_path: Path, document: dict[str, Any]) -> None:
    assert seed(tmp_path, document) == {"users": {}, "products": {}, "packages": {}, "templates": {}}


def person(**changes: Any) -> dict[str, Any]:
    return {"users": [{**SCENARIO["users"][0], **changes}]}


def good(**changes: Any) -> dict[str, Any]:
    return {"products": [SCENARIO["products"][1], {**SCENARIO["products"][0], **changes}]}


@pytest.mark.parametrize(
    ("document", "place"),
    [
        ([], "/"),
        ({"user": []}, "/user"),
        ({"users": {"email": "a@example.com"}}, "/users"),
        ({"users": ["a@example.com"]}, "/users/0"),
        ({"users": [{"email": "a@example.com"}]}, "/users/0/password"),
        (person(email="ada"), "/users/0/email"),
        (person(email=7), "/users/0/email"),
        (person(password=""), "/users/0/password"),
        (person(role="king"), "/users/0/role"),
        (person(verified="yes"), "/users/0/verified"),
        (person(is_staff=True), "/users/0/is_staff"),
        (good(key="k" * 65), "/products/1/key"),
        (good(name=" "), "/products/1/name"),
        (good(name="a\x00b"), "/products/1/name"),
        (good(price="1.001"), "/products/1/price"),
        (good(price="-1"), "/products/1/price"),
        (good(price="free"), "/products/1/price"),
        (good(price=True), "/products/1/price"),
        (good(price=None), "/products/1/price"),
        (good(price="Infinity"), "/products/1/price"),
        (good(price="1e400"), "/products/1/price"),
        (good(stock=-1), "/products/1/stock"),
        (good(stock="10"), "/products/1/stock"),
        (good(stock=True), "/products/1/stock"),
        (good(category=[]), "/products/1/category"),
        (good(template="engraving"), "/products/1/template"),
        (good(template=7), "/products/1/template"),
        (good(key="pen"), "/products/1/key"),
        (good(id=1), "/products/1/id"),
    ],
)
def test_a_faulty_document_is_refused_whole_and_the_place_named(tmp_path: Path, document: Any, place: str) -> None:
    with pytest.raises(CommandError, match=rf"^{place}: "):
        seed(tmp_path, document)
    assert not User.objects.exists()
    assert not Product.objects.exists()


@pytest.mark.parametrize("text", ["", "{", "\x00"])
def test_what_is_no_json_is_said(tmp_path: Path, text: str) -> None:
    with pytest.raises(CommandError, match="is not JSON"):
        seed(tmp_path, text)


def test_an_absent_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("seed_scenario", "--json", str(tmp_path / "absent.json"))
