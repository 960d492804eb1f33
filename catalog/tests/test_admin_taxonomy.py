"""Categories as a tree, brands, and the stock lists."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.admin.tree import category_tree
from catalog.models import Brand, Category, StockMovement
from catalog.selectors.products import list_products
from catalog.selectors.search import search_products
from catalog.services import stock
from catalog.tests.factories import make_product
from fantasize.tests.staff import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def tree() -> dict[str, Category]:
    rows: dict[str, Category] = {}
    for name, parent, position in [("B", None, 2), ("A", None, 1), ("B2", "B", 0), ("A1", "A", 0), ("A11", "A1", 0)]:
        parents = {"parent": rows[parent]} if parent else {}
        rows[name] = Category.objects.create(name=name, slug=name.lower(), position=position, **parents)
    return rows


def save(category: Category, **fields: Any) -> Any:
    data = {"name": category.name, "slug": category.slug, "position": category.position, "is_active": "on", **fields}
    return signed_in().post(f"/admin/catalog/category/{category.pk}/change/", data)


def test_the_list_is_the_tree(tree: dict[str, Category]) -> None:
    answer = signed_in().get("/admin/catalog/category/")
    assert [row.name for row in answer.context["cl"].result_list] == ["A", "A1", "A11", "B", "B2"]
    assert '--depth:2">A11<' in answer.content.decode()


def test_menus_indent_it(tree: dict[str, Category]) -> None:
    assert [(node.name, node.label.count("\N{NO-BREAK SPACE}")) for node in category_tree()][:3] == [
        ("A", 0),
        ("A1", 4),
        ("A11", 8),
    ]


@pytest.mark.parametrize("below", ["A", "A1", "A11"])
def test_a_category_cannot_come_below_itself(tree: dict[str, Category], below: str) -> None:
    answer = save(tree["A"], parent=tree[below].pk)
    assert "A category cannot be below itself." in str(answer.context["errors"])
    tree["A"].refresh_from_db()
    assert tree["A"].parent is None


def test_it_can_move_elsewhere(tree: dict[str, Category]) -> None:
    assert save(tree["A1"], parent=tree["B"].pk).status_code == 302
    assert [node.name for node in category_tree()] == ["A", "B", "A1", "A11", "B2"]


def test_a_new_name_is_searched_at_once(tree: dict[str, Category]) -> None:
    product = make_product(category=tree["A"])
    save(tree["A"], name="Lanterns")
    assert list(search_products(list_products(), "lanterns")) == [product]
    brand = Brand.objects.create(name="Old", slug="old")
    branded = make_product(brand=brand)
    signed_in().post(f"/admin/catalog/brand/{brand.pk}/change/", {"name": "Lumen", "slug": "old"})
    assert list(search_products(list_products(), "lumen")) == [branded]


def test_only_empty_categories_are_deleted(tree: dict[str, Category]) -> None:
    make_product(category=tree["B2"])
    client = signed_in()
    for name in ("B2", "A11"):
        client.post(f"/admin/catalog/category/{tree[name].pk}/delete/", {"post": "yes"})
    assert set(Category.objects.values_list("name", flat=True)) == {"A", "A1", "B", "B2"}


@pytest.mark.parametrize("path", ["category", "brand", "stockitem", "stockmovement"])
def test_lists_take_as_many_queries_for_three_rows_as_for_one(path: str) -> None:
    client, counts = signed_in(), []
    for number in (1, 2, 3):
        category = Category.objects.create(name=f"C{number}", slug=f"c{number}")
        brand = Brand.objects.create(name=f"B{number}", slug=f"b{number}")
        make_product(category=category, brand=brand)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/admin/catalog/{path}/").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[2]


def test_counts_lead_to_the_products(tree: dict[str, Category]) -> None:
    brand = Brand.objects.create(name="Lumen", slug="lumen")
    make_product(category=tree["A"], brand=brand)
    client = signed_in()
    for path, query in (("category", f"category={tree['A'].pk}"), ("brand", f"brand__id__exact={brand.pk}")):
        assert f'href="/admin/catalog/product/?{query}">1</a>' in client.get(f"/admin/catalog/{path}/").content.decode()


def test_the_ledger_names_products_people_and_changes() -> None:
    product = make_product(name="Oak Board", stock=10)
    make_product(name="Mug")
    stock.correct(product.stock_id, delta=-2, reason="correction", reference="Broken", actor="key:factory")  # type: ignore[arg-type]
    client = signed_in()
    answer = client.get("/admin/catalog/stockmovement/?q=oak")
    assert [row.delta for row in answer.context["cl"].result_list] == [-2, 10]
    page = answer.content.decode()
    for text in ("Oak Board", "factory (API key)", 'data-delta="out">-2<', 'data-delta="in">+10<', "Broken"):
        assert text in page
    mine = client.get(f"/admin/catalog/stockmovement/?stock_item__id__exact={product.stock_id}")
    assert {row.stock_item_id for row in mine.context["cl"].result_list} == {product.stock_id}
    assert len(client.get("/admin/catalog/stockmovement/").context["cl"].result_list) == 3


def test_stock_levels_are_found_by_product() -> None:
    product = make_product(name="Oak Board")
    make_product(name="Mug")
    client = signed_in()
    assert [item.pk for item in client.get("/admin/catalog/stockitem/?q=oak").context["cl"].result_list] == [
        product.stock_id
    ]
    assert len(client.get("/admin/catalog/stockitem/").context["cl"].result_list) == 2


def test_levels_and_ledger_are_only_looked_at() -> None:
    product = make_product()
    movement = StockMovement.objects.get(stock_item_id=product.stock_id)
    client = signed_in()
    for path in (f"stockitem/{product.stock_id}", f"stockmovement/{movement.pk}"):
        assert client.get(f"/admin/catalog/{path}/change/").status_code == 200
        assert client.post(f"/admin/catalog/{path}/change/", {"delta": 1, "on_hand": 99}).status_code == 403
        assert client.post(f"/admin/catalog/{path}/delete/", {"post": "yes"}).status_code == 403
    for path in ("stockitem", "stockmovement"):
        assert client.get(f"/admin/catalog/{path}/add/").status_code == 403
