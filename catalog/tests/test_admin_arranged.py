"""Bringing categories, brands, materials and tags into order in the admin."""

from typing import Any
from unittest.mock import patch

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from catalog.models import Brand, Category, Material, ProductMedia, Tag
from catalog.services import taxonomy
from catalog.tests.factories import make_product
from fantasize.core.errors import ConflictError
from fantasize.tests.staff import make_viewer, said, signed_in

pytestmark = pytest.mark.django_db
LABELS: dict[str, Any] = {"brand": Brand, "material": Material, "tag": Tag}


def drag(client: Client, path: str, rows: list[Any], **query: str) -> Any:
    """Save the list with its rows in this order; they are posted as the page has them."""
    shown = [row.pk for row in client.get(path, query).context["cl"].result_list]
    data: dict[str, Any] = {"form-TOTAL_FORMS": len(shown), "form-INITIAL_FORMS": len(shown), "_save": "Save"}
    order = [row.pk for row in rows]
    for place, pk in enumerate(shown):
        data |= {f"form-{place}-id": pk, f"form-{place}-position": order.index(pk)}
    return client.post(path, data, query_params=query)


@pytest.mark.parametrize("name", LABELS)
class TestLabels:
    """Brands, materials and tags alike."""

    def test_what_is_dragged_stays_so(self, name: str) -> None:
        a, b, c = (LABELS[name].objects.create(name=letter, slug=letter) for letter in "abc")
        client, path = signed_in(), f"/admin/catalog/{name}/"
        assert drag(client, path, [c, a, b]).status_code == 302
        assert [row.name for row in client.get(path).context["cl"].result_list] == ["c", "a", "b"]
        assert LogEntry.objects.count() > 0

    def test_what_a_search_leaves_out_keeps_its_place(self, name: str) -> None:
        rows = {word: LABELS[name].objects.create(name=word, slug=word) for word in ("ax", "b", "cx", "d", "ex")}
        drag(signed_in(), f"/admin/catalog/{name}/", [rows["ex"], rows["cx"], rows["ax"]], q="x")
        ordered = LABELS[name].objects.order_by("position").values_list("name", flat=True)
        assert list(ordered) == ["ex", "b", "cx", "d", "ax"]

    def test_the_form_asks_for_no_position(self, name: str) -> None:
        LABELS[name].objects.create(name="First", slug="first", position=4)
        client = signed_in()
        client.post(f"/admin/catalog/{name}/add/", {"name": "Second", "slug": "second"})
        assert LABELS[name].objects.get(slug="second").position == 5
        row = LABELS[name].objects.get(slug="first")
        client.post(f"/admin/catalog/{name}/{row.pk}/change/", {"name": "Renamed", "slug": "first"})
        row.refresh_from_db()
        assert (row.name, row.position) == ("Renamed", 4)

    def test_it_is_deleted_by_the_page_and_by_the_action(self, name: str) -> None:
        rows = [LABELS[name].objects.create(name=letter, slug=letter) for letter in "abc"]
        client, path = signed_in(), f"/admin/catalog/{name}/"
        client.post(f"{path}{rows[0].pk}/delete/", {"post": "yes"})
        chosen = [row.pk for row in rows[1:]]
        client.post(path, {"action": "delete_selected", "_selected_action": chosen, "post": "yes"})
        assert not LABELS[name].objects.exists()

    def test_without_the_right_nothing_moves(self, name: str) -> None:
        rows = [LABELS[name].objects.create(name=letter, slug=letter) for letter in "ab"]
        viewer = signed_in(make_viewer(f"catalog.view_{name}"))
        assert drag(viewer, f"/admin/catalog/{name}/", rows[::-1]).status_code in (200, 403)
        assert set(LABELS[name].objects.values_list("position", flat=True)) == {0}

    @pytest.mark.parametrize("query", ["?nonsense=1", ""])
    def test_what_is_no_order_moves_nothing(self, name: str, query: str) -> None:
        row = LABELS[name].objects.create(name="a", slug="a")
        data = {"form-TOTAL_FORMS": 1, "form-INITIAL_FORMS": 1, "_save": "Save", "form-0-id": row.pk}
        answer = signed_in().post(f"/admin/catalog/{name}/{query}", data | {"form-0-position": "x"})
        assert answer.status_code in (200, 302)
        row.refresh_from_db()
        assert row.position == 0

    def test_absurd_numbers_are_passed_over(self, name: str) -> None:
        rows = [LABELS[name].objects.create(name=letter, slug=letter) for letter in "ab"]
        data: dict[str, Any] = {"form-TOTAL_FORMS": 2, "form-INITIAL_FORMS": 2, "_save": "Save"}
        data |= dict.fromkeys(("form-7-position", "form-7-id"), "9" * 5000)
        for place, row in enumerate(rows):
            data |= {f"form-{place}-id": row.pk, f"form-{place}-position": 1 - place}
        path, client = f"/admin/catalog/{name}/", signed_in()
        assert client.post(path, data).status_code == 302
        assert [row.name for row in client.get(path).context["cl"].result_list] == ["b", "a"]


def test_the_tree_is_dragged_among_siblings() -> None:
    one, two = (taxonomy.create_category(values={"name": name}) for name in "12")
    a, b = (taxonomy.create_category(values={"name": f"1{letter}", "parent": one}) for letter in "ab")
    client, path = signed_in(), "/admin/catalog/category/"
    drag(client, path, [two, b, one, a])
    assert [row.name for row in client.get(path).context["cl"].result_list] == ["2", "1", "1b", "1a"]
    assert Category.objects.get(pk=b.pk).parent == one


def test_a_category_is_made_and_moved_by_its_form() -> None:
    home = taxonomy.create_category(values={"name": "Home"})
    client = signed_in()
    new = {"name": "Candles", "slug": "candles", "parent": home.pk, "is_active": "on"}
    assert client.post("/admin/catalog/category/add/", new).status_code == 302
    candles = Category.objects.get(slug="candles")
    assert candles.parent_id == home.pk
    client.post(f"/admin/catalog/category/{candles.pk}/change/", new | {"parent": "", "is_active": ""})
    assert Category.objects.filter(pk=candles.pk, parent=None, is_active=False).exists()


def test_a_move_that_lost_is_told() -> None:
    home = taxonomy.create_category(values={"name": "Home"})
    candles = taxonomy.create_category(values={"name": "Candles", "parent": home})
    data = {"name": "Home", "slug": "home", "parent": candles.pk, "is_active": "on"}
    with patch("catalog.admin.category.branch_ids", return_value=set()):
        answer = signed_in().post(f"/admin/catalog/category/{home.pk}/change/", data)
    assert said(answer) == ["A category cannot be below itself."]
    home.refresh_from_db()
    assert home.parent is None


def test_a_category_goes_with_its_picture() -> None:
    home = taxonomy.create_category(values={"name": "Home"})
    ProductMedia.objects.create(category=home, kind="image", state="ready", file="x.webp", size=1)
    page = signed_in().get(f"/admin/catalog/category/{home.pk}/delete/").content.decode()
    assert "post" in page
    signed_in().post(f"/admin/catalog/category/{home.pk}/delete/", {"post": "yes"})
    assert not Category.objects.exists()


def test_a_category_that_something_is_in_stays() -> None:
    home = taxonomy.create_category(values={"name": "Home"})
    make_product(category=home)
    client, path = signed_in(), "/admin/catalog/category/"
    client.post(f"{path}{home.pk}/delete/", {"post": "yes"})
    client.post(path, {"action": "delete_selected", "_selected_action": [home.pk], "post": "yes"})
    assert Category.objects.filter(pk=home.pk).exists()


def test_what_came_to_be_used_meanwhile_is_told() -> None:
    brand = Brand.objects.create(name="Lumen", slug="lumen")
    client, path = signed_in(), "/admin/catalog/brand/"
    refusal = ConflictError("It is still used: 1 product.", code="in_use")
    with patch("catalog.services.taxonomy.remove_label", side_effect=refusal):
        one = client.post(f"{path}{brand.pk}/delete/", {"post": "yes"})
        assert said(one) == ["It is still used: 1 product."]
        many = client.post(path, {"action": "delete_selected", "_selected_action": [brand.pk], "post": "yes"})
        assert "It is still used: 1 product." in said(many)
    assert Brand.objects.filter(pk=brand.pk).exists()
