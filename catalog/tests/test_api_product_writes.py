"""Products as staff write them over HTTP: materials, tags, prices, replacing and taking away."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from accounts.tests.factories import make_user
from catalog.models import (
    Brand,
    Category,
    Material,
    Package,
    PriceBreak,
    Product,
    Tag,
)
from catalog.services import products
from catalog.services.materials import Share
from catalog.tests.factories import make_offer, make_package, make_product
from fantasize.core import clock
from fantasize.core.errors import InvalidError
from fantasize.tests.client import ApiClient

pytestmark = pytest.mark.django_db


def staff() -> ApiClient:
    return ApiClient(make_user(role="manager"))


@pytest.fixture
def oak() -> Material:
    return Material.objects.create(name="Oak", slug="oak")


@pytest.fixture
def steel() -> Material:
    return Material.objects.create(name="Steel", slug="steel")


def body(**more: Any) -> dict[str, Any]:
    return {"name": "Oak Board", "price": "24.90", **more}


class TestRepresentation:
    """What everybody may see."""

    def test_it_has_everything_and_nothing_else(self, oak: Material, steel: Material) -> None:
        tag = Tag.objects.create(name="Wedding", slug="wedding")
        shares = [Share(steel.pk, Decimal("12.5")), Share(oak.pk, Decimal("87.5"))]
        product = make_product(price="20.00", materials=shares, tags=[tag.pk])
        until = clock.now() + timedelta(days=1)
        make_offer(name="Summer", percent="25", products=[product.pk], ends_at=until)
        PriceBreak.objects.create(product=product, min_quantity=10, percent=Decimal(10))
        PriceBreak.objects.create(product=product, min_quantity=100, unit_price=Decimal(9))
        PriceBreak.objects.create(product=product, min_quantity=200, unit_price=Decimal(12))
        Product.objects.filter(pk=product.pk).update(rating_sum=9, rating_count=2)
        seen = ApiClient().get(f"/products/{product.pk}").data
        assert (seen["price"], seen["list_price"], seen["currency"]) == ("15.00", "20.00", "USD")
        assert seen["offer"] == {
            "name": "Summer",
            "percent": "25.00",
            "amount": None,
            "until": until.isoformat().replace("+00:00", "Z"),
        }
        assert seen["price_breaks"] == [
            {"min_quantity": 10, "percent": "10.00", "unit_price": None, "price": "13.50"},
            {"min_quantity": 100, "percent": None, "unit_price": "9.00", "price": "9.00"},
        ], "what would be dearer than fewer pieces is none"
        assert seen["materials"] == [
            {"id": oak.pk, "slug": "oak", "name": "Oak", "percent": "87.50"},
            {"id": steel.pk, "slug": "steel", "name": "Steel", "percent": "12.50"},
        ]
        assert seen["tags"] == [{"id": tag.pk, "slug": "wedding", "name": "Wedding"}]
        assert seen["rating"] == {"average": 4.5, "count": 2}
        assert seen["media"] == []
        assert " ".join(seen) == (
            "id sku slug name description price list_price currency offer price_breaks available status category rating"
            " customizable is_active created_at updated_at brand materials tags media"
        )

    def test_without_any_of_it(self) -> None:
        seen = ApiClient().get(f"/products/{make_product().pk}").data
        empty = {name: seen[name] for name in ("offer", "price_breaks", "materials", "tags", "media", "category")}
        assert empty == {
            "offer": None,
            "price_breaks": [],
            "materials": [],
            "tags": [],
            "media": [],
            "category": None,
        }
        assert seen["rating"] == {"average": None, "count": 0}

    def test_who_is_signed_in_sees_their_mark(self) -> None:
        product, client = make_product(), ApiClient(make_user())
        assert "is_favorite" not in ApiClient().get(f"/products/{product.pk}").data
        assert client.get(f"/products/{product.pk}").data["is_favorite"] is False
        client.post("/users/favorites", {"product": product.pk})
        assert client.get("/products").data[0]["is_favorite"] is True


class TestMaterials:
    """They come to 100, or there are none."""

    def test_they_are_stored_and_answered(self, oak: Material, steel: Material) -> None:
        shares = [{"material": oak.pk, "percent": "60.00"}, {"material": steel.pk, "percent": 40}]
        made = staff().post("/products", body(materials=shares))
        assert [(share["slug"], share["percent"]) for share in made.data["materials"]] == [
            ("oak", "60.00"),
            ("steel", "40.00"),
        ]
        path = f"/products/{made.data['id']}"
        one = [{"material": steel.pk, "percent": "100"}]
        changed = staff().call("PATCH", path, {"materials": one}).data["materials"]
        assert [(share["slug"], share["percent"]) for share in changed] == [("steel", "100.00")]
        assert staff().call("PATCH", path, {"name": "Board"}).data["materials"] == changed
        assert staff().call("PATCH", path, {"materials": []}).data["materials"] == []

    def test_every_fault_is_named_and_nothing_changes(self, oak: Material) -> None:
        product = make_product(materials=[Share(oak.pk, Decimal(100))], sku="A")
        make_product(sku="B")
        shares = [
            {"material": oak.pk, "percent": "60"},
            {"material": oak.pk, "percent": "0"},
            {"material": 10**9, "percent": "30.00"},
        ]
        reply = staff().call(
            "PATCH", f"/products/{product.pk}", {"materials": shares, "tags": [7], "sku": "B", "name": "New"}
        )
        assert (reply.status, reply.faults) == (
            422,
            {
                "/materials": "percent_sum",
                "/materials/1/material": "duplicate",
                "/materials/1/percent": "out_of_range",
                "/materials/2/material": "does_not_exist",
                "/tags/0": "does_not_exist",
                "/sku": "duplicate",
            },
        )
        stored = Product.objects.get(pk=product.pk)
        assert (stored.name, stored.version) == (product.name, 1)
        assert list(stored.material_shares.values_list("material", "percent")) == [(oak.pk, Decimal(100))]

    @pytest.mark.parametrize(
        ("shares", "where"),
        [
            ("oak", "/materials"),
            ([1], "/materials/0"),
            ([{"percent": "100"}], "/materials/0/material"),
            ([{"material": 1}], "/materials/0/percent"),
            ([{"material": 1, "percent": "33.333"}], "/materials/0/percent"),
            ([{"material": 1, "percent": "101"}], "/materials/0/percent"),
            ([{"material": 1, "percent": "-1"}], "/materials/0/percent"),
            ([{"material": 1, "percent": "NaN"}], "/materials/0/percent"),
            ([{"material": 1, "percent": True}], "/materials/0/percent"),
            ([{"material": "1", "percent": "100"}], "/materials/0/material"),
            ([{"material": 10**30, "percent": "100"}], "/materials/0/material"),
            ([{"material": 1, "percent": "100", "name": "Oak"}], "/materials/0/name"),
            ([{"material": 1, "percent": "1"}] * 21, "/materials"),
        ],
    )
    def test_what_is_no_share_is_refused(self, shares: Any, where: str) -> None:
        reply = staff().post("/products", body(materials=shares))
        assert (reply.status, list(reply.faults)) == (422, [where])
        assert not Product.objects.exists()

    def test_the_database_refuses_less_than_a_whole_at_the_commit(self, oak: Material) -> None:
        product = make_product(materials=[Share(oak.pk, Decimal(100))])
        product.material_shares.update(percent=Decimal(50))
        with pytest.raises(Exception, match="100 percent together"):
            connection.check_constraints()


def test_tags_are_stored_by_id_once_each() -> None:
    tags = [Tag.objects.create(name=name, slug=name) for name in "ab"]
    made = staff().post("/products", body(tags=[tags[1].pk, tags[0].pk, tags[1].pk]))
    assert [tag["name"] for tag in made.data["tags"]] == ["a", "b"]
    assert staff().call("PATCH", f"/products/{made.data['id']}", {"tags": [tags[0].pk]}).data["tags"] == [
        made.data["tags"][0]
    ]


class TestPrices:
    """No price is absurd, and what goes by it follows."""

    @pytest.mark.parametrize(
        "price", ["-0.01", "1000000000", "99999999999999999999", "1e5", "Infinity", "NaN", "0.001", "", [], True]
    )
    def test_an_absurd_price_is_refused(self, price: Any) -> None:
        product = make_product(price="10.00")
        for reply in (
            staff().post("/products", body(price=price)),
            staff().call("PATCH", f"/products/{product.pk}", {"price": price}),
        ):
            assert (reply.status, list(reply.faults)) == (422, ["/price"])
        assert list(Product.objects.values_list("list_price", flat=True)) == [Decimal(10)]

    @pytest.mark.parametrize("price", ["0", "0.00", "999999999.99", 12.5])
    def test_others_are_not(self, price: Any) -> None:
        assert staff().post("/products", body(price=price)).status == 201

    @pytest.mark.parametrize("price", [Decimal(-1), Decimal(10**9)])
    def test_the_service_refuses_it_too(self, price: Decimal) -> None:
        with pytest.raises(InvalidError):
            products.update_product(product=make_product(), changes={"list_price": price})

    def test_packages_and_offers_follow_a_new_list_price(self) -> None:
        product = make_product(price="10.00")
        package = make_package((product, 2))
        make_offer(percent="50", products=[product.pk])
        changed = staff().call("PATCH", f"/products/{product.pk}", {"price": "30.00"})
        assert (changed.data["price"], changed.data["list_price"]) == ("15.00", "30.00")
        assert Product.objects.get(pk=product.pk).price == Decimal(15)
        assert Package.objects.get(pk=package.pk).list_price == Decimal(60)


def test_replacing_takes_away_what_is_not_said(oak: Material) -> None:
    category = Category.objects.create(name="Home", slug="home")
    brand = Brand.objects.create(name="Lumen", slug="lumen")
    tag = Tag.objects.create(name="T", slug="t")
    product = make_product(
        sku="OAK-1",
        slug="oak",
        description="<p>Old</p>",
        category=category,
        brand=brand,
        tags=[tag.pk],
        materials=[Share(oak.pk, Decimal(100))],
        is_active=False,
        stock=3,
    )
    seen = staff().call("PUT", f"/products/{product.pk}", body()).data
    assert (seen["name"], seen["list_price"], seen["sku"], seen["slug"]) == ("Oak Board", "24.90", "OAK-1", "oak")
    gone = [seen[name] for name in ("description", "category", "brand", "tags", "materials")]
    assert gone == ["", None, None, [], []]
    assert (seen["is_active"], seen["available"]) == (True, 3)
    assert staff().call("PUT", f"/products/{product.pk}", {"name": "Only"}).faults == {"/price": "required"}


def test_a_share_is_named_whole_also_where_a_product_is_changed_in_part(oak: Material) -> None:
    product = make_product(materials=[Share(oak.pk, Decimal(100))])
    path = f"/products/{product.pk}"
    assert staff().call("PATCH", path, {"materials": [{"percent": "100"}]}).faults == {
        "/materials/0/material": "required"
    }
    both = staff().call("PATCH", path, {"materials": [{"material": oak.pk}], "tax_class": "none"})
    assert both.faults == {"/materials/0/percent": "required", "/tax_class": "does_not_exist"}
    assert [share["percent"] for share in staff().get(path).data["materials"]] == ["100.00"]
