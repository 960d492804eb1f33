"""Facets are counted once for all pages, orders and the filters that are their own, and anew when something changes."""

from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from catalog.models import Category
from catalog.services.products import update_product
from catalog.tests.factories import make_product
from catalog.tests.kept import read, uncached

pytestmark = pytest.mark.django_db(transaction=True)


def facets(query: str) -> tuple[dict[str, Any], int]:
    """What the answer counts, and how many queries of it were counts by a category."""
    with CaptureQueriesContext(connection) as captured:
        answer = read(f"/api/v2/products?facets=1&{query}")
    counted = [
        each
        for each in captured
        if 'GROUP BY "catalog_product"."category_id"' in each["sql"] or " GROUP BY 1" in each["sql"]
    ]
    return answer.json()["meta"]["facets"], len(counted)


def test_a_facet_is_counted_once_for_all_lists_that_differ_elsewhere() -> None:
    home = Category.objects.create(name="Home", slug="home")
    lamp = make_product(name="Lamp", category=home, price="5.00")
    make_product(name="Mug", price="9.00")
    first, anew = facets("")
    assert anew > 0
    for query in ("page_size=1", "ordering=price"):
        assert facets(query) == (first, 0)
    narrowed, _ = facets("category=home")
    assert narrowed["category"] == first["category"]
    assert narrowed["price"] != first["price"]
    update_product(product=lamp, changes={"category": None})
    changed, anew = facets("page_size=2")
    assert (changed["category"], anew > 0) == ([], True)


def test_what_a_transaction_counts_is_its_own() -> None:
    lamp = make_product(name="Lamp", price="5.00")
    kept, _ = facets("")
    with transaction.atomic():
        update_product(product=lamp, changes={"is_active": False})
        inside = uncached("/api/v2/products?facets=1").json()["meta"]["facets"]
        transaction.set_rollback(True)
    assert inside["price"] == []
    assert facets("page_size=3")[0] == kept
