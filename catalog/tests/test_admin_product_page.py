"""A product's page in the admin: what it is made of, its tags, what it costs now, and its packages."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Brand, Material, Product, ProductMaterial, Tag
from catalog.services.materials import Share
from catalog.tests.factories import make_offer, make_package, make_product
from catalog.tests.test_admin_products import LIST, form
from fantasize.tests.staff import make_viewer, signed_in

pytestmark = pytest.mark.django_db


def with_shares(*shares: tuple[Any, str], saved: int = 0, **fields: Any) -> dict[str, Any]:
    """The form with these materials; the first ``saved`` of them are there already."""
    data = form(**fields) | {"material_shares-TOTAL_FORMS": len(shares), "material_shares-INITIAL_FORMS": saved}
    for place, (material, percent) in enumerate(shares):
        data |= {f"material_shares-{place}-material": material, f"material_shares-{place}-percent": percent}
    return data


def shares_of(product: Product) -> dict[str, Decimal]:
    return dict(product.material_shares.values_list("material__name", "percent"))


@pytest.fixture
def oak() -> Material:
    return Material.objects.create(name="Oak", slug="oak")


@pytest.fixture
def steel() -> Material:
    return Material.objects.create(name="Steel", slug="steel")


class TestMaterials:
    """They come to 100, or the page says why not."""

    def test_a_new_product_is_made_of_them(self, oak: Material, steel: Material) -> None:
        answer = signed_in().post(f"{LIST}add/", with_shares((oak.pk, "60"), (steel.pk, "40")))
        assert answer.status_code == 302, answer.context["errors"]
        assert shares_of(Product.objects.get()) == {"Oak": Decimal(60), "Steel": Decimal(40)}

    def test_they_change_places(self, oak: Material, steel: Material) -> None:
        product = make_product(materials=[Share(oak.pk, Decimal(60)), Share(steel.pk, Decimal(40))])
        rows = list(ProductMaterial.objects.order_by("-percent"))
        data = with_shares((steel.pk, "60"), (oak.pk, "40"), saved=2, sku=product.sku, slug=product.slug)
        data |= {f"material_shares-{place}-id": row.pk for place, row in enumerate(rows)}
        data |= {f"material_shares-{place}-product": product.pk for place in range(2)}
        answer = signed_in().post(f"{LIST}{product.pk}/change/", data)
        assert answer.status_code == 302, answer.context["errors"]
        assert shares_of(product) == {"Steel": Decimal(60), "Oak": Decimal(40)}

    def test_they_are_taken_away(self, oak: Material) -> None:
        product = make_product(materials=[Share(oak.pk, Decimal(100))])
        row = ProductMaterial.objects.get()
        data = with_shares((oak.pk, "100"), saved=1, sku=product.sku, slug=product.slug)
        data |= {"material_shares-0-id": row.pk, "material_shares-0-DELETE": "on"}
        assert signed_in().post(f"{LIST}{product.pk}/change/", data).status_code == 302
        assert shares_of(product) == {}

    def test_left_alone_they_cost_no_version(self, oak: Material) -> None:
        product = make_product(materials=[Share(oak.pk, Decimal(100))])
        row = ProductMaterial.objects.get()
        data = with_shares((oak.pk, "100.00"), saved=1, sku=product.sku, slug=product.slug)
        data |= {"material_shares-0-id": row.pk, "material_shares-0-product": product.pk}
        signed_in().post(f"{LIST}{product.pk}/change/", data)
        assert Product.objects.get(pk=product.pk).version == 2
        assert ProductMaterial.objects.get() == row

    @pytest.mark.parametrize(
        ("shares", "message"),
        [
            (["60", "30"], "Together they are 100 per cent, not 90."),
            (["0", "100"], "Ensure this value is greater than or equal to 0.01."),
            (["60", "x"], "Enter a number."),
            (["60.001", "39.999"], "Ensure that there are no more than 2 decimal places."),
        ],
    )
    def test_what_they_cannot_be_is_said(self, oak: Material, steel: Material, shares: list[str], message: str) -> None:
        data = with_shares(*zip((oak.pk, steel.pk), shares, strict=True))
        answer = signed_in().post(f"{LIST}add/", data)
        assert answer.status_code == 200
        assert message in answer.content.decode()
        assert not Product.objects.exists()

    def test_naming_one_twice_is_said(self, oak: Material) -> None:
        answer = signed_in().post(f"{LIST}add/", with_shares((oak.pk, "50"), (oak.pk, "50")))
        assert "This material is named already." in answer.content.decode()
        assert not Product.objects.exists()

    def test_who_may_only_look_sees_them(self, oak: Material) -> None:
        product = make_product(materials=[Share(oak.pk, Decimal(100))])
        viewer = signed_in(make_viewer("catalog.view_product"))
        assert "Oak" in viewer.get(f"{LIST}{product.pk}/change/").content.decode()


def test_tags_are_stored() -> None:
    tags = [Tag.objects.create(name=name, slug=name) for name in "ab"]
    client = signed_in()
    client.post(f"{LIST}add/", form(tags=[tags[0].pk]))
    product = Product.objects.get()
    assert list(product.tags.all()) == [tags[0]]
    data = form(tags=[tag.pk for tag in tags], sku=product.sku, slug=product.slug)
    client.post(f"{LIST}{product.pk}/change/", data)
    assert set(product.tags.all()) == set(tags)
    client.post(f"{LIST}{product.pk}/change/", form(sku=product.sku, slug=product.slug))
    assert list(product.tags.all()) == []


def test_an_absurd_price_is_refused() -> None:
    answer = signed_in().post(f"{LIST}add/", form(list_price="1000000000"))
    assert "A price is 0 or more, and less than 1,000,000,000." in answer.content.decode()
    assert not Product.objects.exists()


def test_the_list_says_what_is_reduced() -> None:
    product = make_product(price="20.00")
    make_product(price="5.00")
    make_offer(percent="50", products=[product.pk])
    page = signed_in().get(LIST).content.decode()
    assert "10.00 USD <s>20.00 USD</s>" in page
    assert page.count('data-offer="running"') == 1


def test_the_page_says_what_it_costs_and_where_it_is_a_part() -> None:
    product = make_product(price="20.00")
    offer = make_offer(name="Summer", percent="50", products=[product.pk])
    package = make_package((product, 3), name="Picnic box")
    client = signed_in()
    page = client.get(f"{LIST}{product.pk}/change/").content.decode()
    assert 'data-price="now">10.00 USD<' in page
    assert 'data-price="list">20.00 USD<' in page
    assert f'href="/admin/catalog/offer/{offer.pk}/change/">Summer</a>' in page
    assert f'href="/admin/catalog/package/{package.pk}/change/">Picnic box</a>' in page
    viewer = signed_in(make_viewer("catalog.view_product")).get(f"{LIST}{product.pk}/change/").content.decode()
    assert "Picnic box" in viewer
    assert f"/admin/catalog/package/{package.pk}/" not in viewer


def test_many_packages_and_materials_cost_no_more_queries(oak: Material) -> None:
    product, client, counts = make_product(materials=[Share(oak.pk, Decimal(100))]), signed_in(), []
    make_package(product)
    for more in (0, 5):
        for _ in range(more):
            make_package(product)
        client.get(f"{LIST}{product.pk}/change/")
        with CaptureQueriesContext(connection) as queries:
            client.get(f"{LIST}{product.pk}/change/")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_list_is_narrowed_by_brand_material_and_tag(oak: Material) -> None:
    brand, tag = Brand.objects.create(name="Lumen", slug="lumen"), Tag.objects.create(name="T", slug="t")
    product = make_product(brand=brand, tags=[tag.pk], materials=[Share(oak.pk, Decimal(100))])
    make_product()
    client = signed_in()
    for model, query in (
        ("brand", f"brand__id__exact={brand.pk}"),
        ("material", f"materials__id__exact={oak.pk}"),
        ("tag", f"tags__id__exact={tag.pk}"),
    ):
        link = f'href="/admin/catalog/product/?{query}">1</a>'
        assert link in client.get(f"/admin/catalog/{model}/").content.decode()
        assert list(client.get(f"{LIST}?{query}").context["cl"].result_list) == [product]
