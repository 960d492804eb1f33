"""What a product weighs and how it is taxed: written over HTTP and by files, and seen by staff only."""

from typing import Any

import pytest

from accounts.tests.factories import make_user
from catalog.models import Product, TaxClass
from catalog.tests.factories import make_product
from catalog.tests.transfers import NEW, apply, check, counts, export, faults, read, sheet, take_back
from fantasize.tests.client import ApiClient

pytestmark = pytest.mark.django_db
BODY = {"name": "Atlas", "price": "24.90"}


@pytest.fixture(autouse=True)
def books() -> TaxClass:
    return TaxClass.objects.create(code="books", name="Books")


def staff() -> ApiClient:
    return ApiClient(make_user(role="manager"))


def kept(product: int | str) -> tuple[int, str | None]:
    return Product.objects.values_list("weight_grams", "tax_class__code").get(pk=product)


class TestOverHttp:
    """The staff API."""

    def test_it_is_made_changed_and_replaced_with_them(self) -> None:
        client = staff()
        made = client.post("/products", {**BODY, "weight_grams": 900, "tax_class": "books"}).data
        path = f"/products/{made['id']}"
        assert (made["weight_grams"], made["tax_class"], kept(made["id"])) == (900, "books", (900, "books"))
        changed = client.call("PATCH", path, {"weight_grams": 850}).data
        assert (changed["weight_grams"], changed["tax_class"]) == (850, "books")
        client.call("PUT", path, BODY)
        assert kept(made["id"]) == (850, "books"), "whoever does not know of them takes nothing away"
        client.call("PUT", path, {**BODY, "weight_grams": 0, "tax_class": None})
        assert kept(made["id"]) == (0, None)

    def test_shoppers_are_not_told(self, books: TaxClass) -> None:
        path = f"/products/{make_product(weight_grams=900, tax_class=books).pk}"
        client = staff()
        for seen in (client.get(path).data, client.get("/products").data[0], client.get("/search?q=gift").data[0]):
            expected = {"weight_grams": 900, "tax_class": "books"} if "type" not in seen else {}
            assert {name: seen[name] for name in ("weight_grams", "tax_class") if name in seen} == expected
        for shopper in (ApiClient(), ApiClient(make_user())):
            for seen in (shopper.get(path).data, shopper.get("/products").data[0]):
                assert not {"weight_grams", "tax_class"} & seen.keys()

    @pytest.mark.parametrize(
        ("said", "code"),
        [
            ({"weight_grams": -1}, "min_value"),
            ({"weight_grams": 2**31}, "max_value"),
            ({"weight_grams": 1.5}, "invalid"),
            ({"weight_grams": "900"}, "invalid"),
            ({"weight_grams": None}, "null"),
            ({"tax_class": "food"}, "does_not_exist"),
            ({"tax_class": ""}, "does_not_exist"),
            ({"tax_class": 1}, "invalid"),
            ({"tax_class": ["books"]}, "invalid"),
        ],
    )
    def test_what_cannot_be_is_refused(self, said: dict[str, Any], code: str, books: TaxClass) -> None:
        product = make_product(weight_grams=7, tax_class=books)
        for reply in (staff().post("/products", BODY | said), staff().call("PATCH", f"/products/{product.pk}", said)):
            assert (reply.status, reply.faults) == (422, {f"/{name}": code for name in said})
        assert (Product.objects.count(), kept(product.pk)) == (1, (7, "books"))


class TestInFiles:
    """Imports and exports."""

    def test_new_products_have_them(self) -> None:
        rows = [NEW | {"sku": "A", "weight_grams": "900", "tax_class": "books"}, NEW | {"sku": "B", "tax_class": ""}]
        rows[1]["weight_grams"] = ""
        assert counts(apply("product", sheet(*rows))) == (2, 0, 0, 0)
        assert [kept(product.pk) for product in Product.objects.order_by("sku")] == [(900, "books"), (0, None)]
        told = [(row["weight_grams"], row["tax_class"]) for row in read(export("product"))]
        assert told == [("900", "books"), ("0", "")]
        assert counts(check("product", export("product"))) == (0, 0, 2, 0)

    def test_an_empty_weight_stays_and_an_empty_class_is_the_default_one(self, books: TaxClass) -> None:
        product = make_product(sku="A", weight_grams=900, tax_class=books)
        done = apply("product", b"sku,weight_grams,tax_class\nA,,\n")
        assert (done.rows.get().before, kept(product.pk)) == ({"tax_class": "books"}, (900, None))
        take_back(done)
        assert kept(product.pk) == (900, "books")

    def test_what_cannot_be_is_refused(self) -> None:
        product = make_product(sku="A", weight_grams=7)
        done = check("product", b"sku,weight_grams,tax_class\nA,-1,food\nB,3000000000,\nC,1.5,\n")
        assert faults(done) == {
            2: {
                "weight_grams": "Ensure this value is greater than or equal to 0.",
                "tax_class": "There is no tax class with the code “food”.",
            },
            3: {
                "weight_grams": "“3000000000” is not a whole number below 1,000,000,000.",
                "name": "A new row needs this.",
                "list_price": "A new row needs this.",
            },
            4: {
                "weight_grams": "“1.5” is not a whole number below 1,000,000,000.",
                "name": "A new row needs this.",
                "list_price": "A new row needs this.",
            },
        }
        assert kept(product.pk) == (7, None)
