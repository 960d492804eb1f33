"""What lists of products ask of the database, however long they are."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Brand, Category, Material, Product, Tag
from catalog.services.materials import Share
from catalog.tests.factories import make_offer, make_product
from fantasize.tests.client import ApiClient

LISTS = (
    "/products?",
    "/products?facets=1&",
    "/products?category=home&material=oak&tag=t&on_offer=true&rating_min=1&facets=1&",
    "/products/category/home?facets=1&",
    "/products?q=gift&facets=1&",
)


def add(*, home: Category, oak: Material, tag: Tag, number: int) -> None:
    """A product with something of everything that a list shows or counts."""
    brand = Brand.objects.create(name=f"B{number}", slug=f"b{number}")
    shares = [Share(oak.pk, Decimal(100))]
    product = make_product(category=home, brand=brand, materials=shares, tags=[tag.pk])
    make_offer(percent="10", products=[product.pk])
    Product.objects.filter(pk=product.pk).update(rating_sum=5, rating_count=1)


def queries(path: str, spelling: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert ApiClient().get(f"{path}{spelling}").status == 200
    return len(captured)


@pytest.mark.django_db
def test_a_list_costs_the_same_for_few_products_and_for_many() -> None:
    home = Category.objects.create(name="Home", slug="home")
    oak, tag = Material.objects.create(name="Oak", slug="oak"), Tag.objects.create(name="T", slug="t")
    for number in range(3):
        add(home=home, oak=oak, tag=tag, number=number)
    for path in LISTS:
        queries(path, "page_size=49")  # what every list wants of the tree and the vocabulary is kept
    few = {path: queries(path, "page_size=50") for path in LISTS}
    for number in range(3, 12):
        add(home=home, oak=oak, tag=tag, number=number)
    assert {path: queries(path, "page_size=51") for path in LISTS} == few
