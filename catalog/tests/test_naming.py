"""Addresses that the shop makes of names."""

import pytest

from catalog.models import Brand
from catalog.services import taxonomy
from catalog.tests.factories import make_package, make_product
from catalog.tests.transfers import apply
from fantasize.tests.client import ApiClient

pytestmark = pytest.mark.django_db


def test_what_is_named_like_a_number_is_not_taken_for_an_id() -> None:
    """A book called "1984" would be at the address of the product that has this id."""
    other = make_product(name="Lamp")
    book, again = (make_product(name=str(other.pk)) for _ in range(2))
    assert (book.slug, again.slug) == (f"product-{other.pk}", f"product-{other.pk}-2")
    assert ApiClient().get(f"/products/{other.pk}").data["name"] == "Lamp"
    assert ApiClient().get(f"/products/{book.slug}").data["id"] == book.pk
    assert make_package(other, name="7").slug == "package-7"
    assert taxonomy.create_category(values={"name": "\u0661\u0662"}).slug == "category"
    assert taxonomy.create_label(model=Brand, values={"name": "4711"}).slug == "brand-4711"


@pytest.mark.usefixtures("own_files")
def test_imports_name_them_alike() -> None:
    apply("product", b"sku,name,list_price,on_hand\nA,1984,4,3\nB,1984,4,3\nC,!,4,3\n")
    slugs = {ApiClient().get(f"/products/{slug}").data["sku"] for slug in ("product-1984", "product-1984-b", "product")}
    assert slugs == {"A", "B", "C"}
