"""Categories, brands, materials and tags over HTTP."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.tests.factories import make_user
from catalog.models import Brand, Category, Material, Tag
from catalog.tests.factories import make_product
from fantasize.tests.client import ApiClient

pytestmark = pytest.mark.django_db
LABELS: dict[str, Any] = {"brands": Brand, "materials": Material, "tags": Tag}


def staff() -> ApiClient:
    return ApiClient(make_user(role="manager"))


@pytest.fixture
def tree() -> dict[str, Category]:
    rows: dict[str, Category] = {}
    for name, parent in (("Home", ""), ("Candles", "Home"), ("Scented", "Candles"), ("Garden", "")):
        rows[name] = Category.objects.create(name=name, slug=name.lower(), parent=rows.get(parent))
    return rows


def names_in(nodes: list[dict[str, Any]]) -> list[Any]:
    return [[node["name"], names_in(node["children"])] if node["children"] else node["name"] for node in nodes]


class TestTree:
    """The categories at the top, each with everything below it."""

    def test_it_is_nested(self, tree: dict[str, Category]) -> None:
        reply = ApiClient().get("/categories")
        assert names_in(reply.data) == ["Garden", ["Home", [["Candles", ["Scented"]]]]]
        assert reply.body["meta"]["pagination"] | {"next": None} == {
            "page": 1,
            "page_size": 100,
            "total_items": 2,
            "total_pages": 1,
            "next": None,
            "previous": None,
        }
        home = reply.data[1]
        assert home.keys() == {"id", "slug", "name", "parent", "position", "is_active", "image", "children"}
        assert (home["parent"], home["image"], home["children"][0]["parent"]) == (None, None, home["id"])

    def test_the_older_version_has_the_same_in_its_own_shape(self, tree: dict[str, Category]) -> None:
        body = ApiClient(prefix="/api/v1").get("/categories").body
        assert (body["count"], names_in(body["results"])) == (2, ["Garden", ["Home", [["Candles", ["Scented"]]]]])

    @pytest.mark.parametrize("named_by", ["pk", "slug"])
    def test_one_comes_with_everything_below_it(self, tree: dict[str, Category], named_by: str) -> None:
        reply = ApiClient().get(f"/categories/{getattr(tree['Candles'], named_by)}")
        assert names_in([reply.data]) == [["Candles", ["Scented"]]]

    @pytest.mark.parametrize("lookup", ["0", "-1", "9" * 30, "no-such-slug", "%00", "1.0"])
    def test_one_that_is_not_there_is_not_found(self, tree: dict[str, Category], lookup: str) -> None:
        assert ApiClient().get(f"/categories/{lookup}").status == 404

    def test_what_is_below_a_hidden_one_is_for_staff(self, tree: dict[str, Category]) -> None:
        Category.objects.filter(slug="home").update(is_active=False)
        assert names_in(ApiClient().get("/categories").data) == ["Garden"]
        for name in ("home", "candles"):
            assert ApiClient().get(f"/categories/{name}").status == 404
            assert staff().get(f"/categories/{name}").status == 200

    def test_a_long_tree_costs_as_much_as_a_short_one(self, tree: dict[str, Category]) -> None:
        def queries(path: str) -> int:
            with CaptureQueriesContext(connection) as captured:
                assert ApiClient().get(path).status == 200
            return len(captured)

        paths = ("/categories?page_size=99", "/categories/home")
        few = [queries(path) for path in paths]
        for number in range(8):
            Category.objects.create(name=f"{number}", slug=f"c{number}", parent=tree["Candles"] if number % 2 else None)
        assert [queries(f"{path}{'&' if '?' in path else '?'}version=v2") for path in paths] == few


class TestCategories:
    """What staff write."""

    def test_they_make_one_below_another(self, tree: dict[str, Category]) -> None:
        reply = staff().post("/categories", {"name": "Wall art", "parent": tree["Home"].pk})
        assert (reply.status, reply.data["slug"], reply.data["parent"]) == (201, "wall-art", tree["Home"].pk)
        assert names_in(ApiClient().get("/categories").data) == [
            "Garden",
            ["Home", [["Candles", ["Scented"]], "Wall art"]],
        ]

    def test_they_move_it_with_everything_below_it(self, tree: dict[str, Category]) -> None:
        reply = staff().call("PATCH", "/categories/candles", {"parent": tree["Garden"].pk})
        assert names_in([reply.data]) == [["Candles", ["Scented"]]]
        assert names_in(ApiClient().get("/categories").data) == [["Garden", [["Candles", ["Scented"]]]], "Home"]

    def test_they_replace_it(self, tree: dict[str, Category]) -> None:
        Category.objects.filter(slug="candles").update(is_active=False, position=7)
        reply = staff().call("PUT", "/categories/candles", {"name": "Lights"})
        seen = {name: reply.data[name] for name in ("name", "slug", "parent", "position", "is_active")}
        assert seen == {"name": "Lights", "slug": "candles", "parent": None, "position": 7, "is_active": True}

    @pytest.mark.parametrize("below", ["Home", "Candles", "Scented"])
    @pytest.mark.parametrize("method", ["PUT", "PATCH"])
    def test_a_circle_is_refused(self, tree: dict[str, Category], below: str, method: str) -> None:
        reply = staff().call(method, "/categories/home", {"name": "New", "parent": tree[below].pk})
        assert (reply.status, reply.body["code"], reply.faults) == (
            422,
            "category_cycle",
            {"/parent": "category_cycle"},
        )
        home = Category.objects.get(slug="home")
        assert (home.name, home.parent) == ("Home", None)

    @pytest.mark.parametrize(
        ("field", "value", "code"),
        [
            ("name", "", "blank"),
            ("name", "x" * 121, "max_length"),
            ("name", None, "null"),
            ("parent", 10**9, "does_not_exist"),
            ("parent", "x", "incorrect_type"),
            ("parent", 1.5, "incorrect_type"),
            ("parent", True, "incorrect_type"),
            ("slug", "home", "duplicate"),
            ("slug", "with space", "invalid"),
            ("position", -1, "min_value"),
            ("position", 10**12, "max_value"),
            ("is_active", "yes", "invalid"),
            ("depth", 1, "unknown_field"),
            ("id", 1, "unknown_field"),
            ("children", [], "unknown_field"),
        ],
    )
    def test_bad_fields_are_named(self, tree: dict[str, Category], field: str, value: Any, code: str) -> None:
        before = list(Category.objects.order_by("pk").values())
        for method, path in (("POST", "/categories"), ("PUT", "/categories/garden")):
            reply = staff().call(method, path, {"name": "New", field: value})
            assert (reply.status, reply.faults) == (422, {f"/{field}": code}), method
        assert list(Category.objects.order_by("pk").values()) == before

    def test_what_is_in_use_stays(self, tree: dict[str, Category]) -> None:
        make_product(category=tree["Scented"])
        for name, why in (("home", "1 category below it"), ("scented", "1 product")):
            reply = staff().call("DELETE", f"/categories/{name}")
            assert (reply.status, reply.body["code"]) == (409, "in_use")
            assert reply.body["detail"] == f"It is still used: {why}."
        assert staff().call("DELETE", "/categories/garden").status == 204
        assert set(Category.objects.values_list("slug", flat=True)) == {"home", "candles", "scented"}


@pytest.mark.parametrize("path", LABELS)
class TestLabels:
    """Brands, materials and tags."""

    def test_they_are_written_and_read(self, path: str) -> None:
        made = staff().post(f"/{path}", {"name": "Öko Holz"})
        assert (made.status, made.data["slug"], made.data["position"]) == (201, "oko-holz", 0)
        assert made.data.keys() == {"id", "slug", "name", "position"}
        assert (
            ApiClient().get(f"/{path}/oko-holz").data == ApiClient().get(f"/{path}/{made.data['id']}").data == made.data
        )
        changed = staff().call("PATCH", f"/{path}/oko-holz", {"position": 4})
        assert (changed.status, changed.data["position"], changed.data["name"]) == (200, 4, "Öko Holz")
        assert staff().call("PUT", f"/{path}/oko-holz", {"name": "Oak"}).data["name"] == "Oak"
        assert staff().call("DELETE", f"/{path}/oko-holz").status == 204
        assert not LABELS[path].objects.exists()

    def test_they_come_in_the_order_of_the_staff(self, path: str) -> None:
        for position, name in ((2, "A"), (1, "C"), (1, "B")):
            LABELS[path].objects.create(name=name, slug=name, position=position)
        assert [row["name"] for row in ApiClient().get(f"/{path}").data] == ["B", "C", "A"]

    @pytest.mark.parametrize(
        ("field", "value", "code"),
        [
            ("name", "Taken", "unique"),
            ("slug", "taken", "unique"),
            ("name", "", "blank"),
            ("position", -1, "min_value"),
        ],
    )
    def test_bad_fields_are_named(self, path: str, field: str, value: Any, code: str) -> None:
        LABELS[path].objects.create(name="Taken", slug="taken")
        reply = staff().post(f"/{path}", {"name": "New", field: value})
        assert (reply.status, reply.faults) == (422, {f"/{field}": code})
        assert LABELS[path].objects.count() == 1

    @pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
    def test_shoppers_write_nothing(self, path: str, method: str) -> None:
        LABELS[path].objects.create(name="Oak", slug="oak")
        where = f"/{path}" if method == "POST" else f"/{path}/oak"
        assert ApiClient(make_user(role="customer")).call(method, where, {"name": "Hacked"}).status == 403
        assert ApiClient().call(method, where, {"name": "Hacked"}).status == 401
        assert list(LABELS[path].objects.values_list("name", flat=True)) == ["Oak"]
