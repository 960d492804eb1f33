"""Writes that name the version they act on: categories, brands, materials, tags, products and price breaks."""

from typing import Any

import pytest

from accounts.tests.factories import make_user
from catalog.models import Brand, Category, Material, PriceBreak, Product, Tag
from catalog.pricing import BreakTerms
from catalog.services import price_breaks, products, taxonomy
from catalog.tests.factories import make_product
from fantasize.core.errors import PreconditionFailedError
from fantasize.tests.client import ApiClient

pytestmark = pytest.mark.django_db
TEN = BreakTerms(10, 5, None)  # type: ignore[arg-type] # a whole number of per cent


def _break() -> PriceBreak:
    return price_breaks.add_break(target=make_product(), terms=TEN)


# How one is made, what is changed of it, and how another change is made of it meanwhile.
ROWS: dict[str, Any] = {
    "categories": (
        lambda: taxonomy.create_category(values={"name": "Home"}),
        {"name": "Mine"},
        lambda row: taxonomy.update_category(category=row, changes={"name": "Theirs"}),
    ),
    "products": (
        lambda: make_product(name="Home", stock=0),
        {"name": "Mine"},
        lambda row: products.update_product(product=row, changes={"name": "Theirs"}),
    ),
    "price-breaks": (
        _break,
        {"percent": "6"},
        lambda row: price_breaks.update_break(price_break=row, changes={"percent": 7}),
    ),
} | {
    path: (
        lambda model=model: taxonomy.create_label(model=model, values={"name": "Home"}),
        {"name": "Mine"},
        lambda row: taxonomy.update_label(label=row, changes={"name": "Theirs"}),
    )
    for path, model in (("brands", Brand), ("materials", Material), ("tags", Tag))
}


@pytest.mark.parametrize("path", ROWS)
class TestVersions:
    """Who saw an older version than there is changes and deletes nothing."""

    def test_what_was_seen_last_is_changed_and_deleted(self, path: str) -> None:
        make, change, _ = ROWS[path]
        where, client = f"/{path}/{make().pk}", ApiClient(make_user(role="manager"))
        seen = client.get(where).headers["ETag"]
        assert seen.startswith('"1')
        changed = client.call("PATCH", where, change, If_Match=seen)
        assert (changed.status, changed.headers["ETag"][:2]) == (200, '"2')
        assert client.call("DELETE", where, If_Match=changed.headers["ETag"]).status == 204

    @pytest.mark.parametrize("method", ["PATCH", "DELETE", "PUT"])
    def test_who_comes_late_is_told(self, path: str, method: str) -> None:
        if (path, method) == ("price-breaks", "PUT"):
            method = "PATCH"
        make, change, change_meanwhile = ROWS[path]
        row, client = make(), ApiClient(make_user(role="manager"))
        where = f"/{path}/{row.pk}"
        seen = client.get(where).headers["ETag"]
        change_meanwhile(row)
        now = client.get(where).data
        late = client.call(method, where, {"price": "1.00", **change} if path == "products" else change, If_Match=seen)
        assert (late.status, late.body["code"], late.body["current_version"]) == (412, "precondition_failed", 2)
        assert client.get(where).data == now

    def test_a_weak_or_foreign_tag_never_fits(self, path: str) -> None:
        make, change, _ = ROWS[path]
        where, client = f"/{path}/{make().pk}", ApiClient(make_user(role="manager"))
        now = client.get(where).data
        for tag in ('W/"1"', '"nonsense"', '"9"'):
            assert client.call("PATCH", where, change, If_Match=tag).status == 412
        assert client.get(where).data == now
        assert client.call("PATCH", where, change, If_Match="*").status == 200


def test_who_loses_a_race_is_told_by_the_service() -> None:
    """The version is compared again under the lock."""
    category, brand = taxonomy.create_category(values={"name": "A"}), Brand.objects.create(name="B", slug="b")
    product, row = make_product(stock=0), _break()
    for attempt in (
        lambda: taxonomy.update_category(category=category, changes={"name": "X"}, expected_version=2),
        lambda: taxonomy.remove_category(category=category, expected_version=2),
        lambda: taxonomy.update_label(label=brand, changes={"name": "X"}, expected_version=2),
        lambda: taxonomy.remove_label(label=brand, expected_version=2),
        lambda: products.remove_product(product=product, expected_version=2),
        lambda: price_breaks.update_break(price_break=row, changes={"min_quantity": 3}, expected_version=2),
        lambda: price_breaks.remove_break(price_break=row, expected_version=2),
    ):
        with pytest.raises(PreconditionFailedError) as refused:
            attempt()
        assert refused.value.extra == {"current_version": 1}
    assert (Category.objects.get().name, Brand.objects.get().name) == ("A", "B")
    assert (Product.objects.filter(pk=product.pk).exists(), PriceBreak.objects.get().min_quantity) == (True, 10)


def test_what_is_dragged_elsewhere_is_another_version() -> None:
    rows = [taxonomy.create_label(model=Tag, values={"name": name, "position": at}) for at, name in enumerate("abc")]
    taxonomy.arrange(Tag, [rows[1].pk, rows[0].pk])
    assert list(Tag.objects.order_by("position").values_list("name", "version")) == [("b", 2), ("a", 2), ("c", 1)]
