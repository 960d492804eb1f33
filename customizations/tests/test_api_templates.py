"""Templates over HTTP: who reads what, versions, conditions, filters and what things ask."""

from typing import Any

import pytest

from accounts.models import User
from accounts.tests.factories import make_user
from catalog.models import Product
from catalog.tests.factories import make_package, make_product
from customizations import engine
from customizations.json_schema import build
from customizations.models import CustomizationTemplate, TemplateVersion
from customizations.services import presets, templates
from customizations.tests.factories import COLOUR, NAME, SCHEMA, make_schema, make_template
from fantasize.core.models import DomainEvent
from fantasize.tests.client import ApiClient, Reply

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager() -> User:
    return make_user(role="manager")


@pytest.fixture
def staff(manager: User) -> ApiClient:
    return ApiClient(manager)


ANYBODY = ApiClient()


def replaced(**changes: Any) -> dict[str, Any]:
    return {"name": "Engraving", "schema": SCHEMA, **changes}


def test_a_template_is_made_published_replaced_and_retired(staff: ApiClient, manager: User) -> None:
    product = make_product()
    made = staff.post("/customizations", replaced(products=[product.pk]))
    assert (made.status, made.data["state"], made.data["version"]) == (201, "draft", 1)
    path = f"/customizations/{made.data['id']}"
    assert ANYBODY.get(path).status == 404
    published = staff.call("PATCH", path, {"state": "published"}, If_Match=made.headers["ETag"])
    assert (published.status, published.data["version"], published.data["products"]) == (200, 2, [product.pk])
    shown = ANYBODY.get(path)
    assert shown.data["schema"] == SCHEMA
    assert shown.data["stock"] == [{"option": "colour", "value": "gold", "available": 12}]
    assert not {"products", "packages"} & shown.data.keys()
    changed = staff.call("PUT", path, replaced(schema=make_schema(options=[NAME])))
    assert (changed.status, changed.data["version"], changed.data["state"]) == (200, 3, "published")
    assert changed.data["products"] == [product.pk]
    assert staff.call("DELETE", path).status == 204
    assert ANYBODY.get(path).status == 404
    assert staff.get(path).data["state"] == "retired"
    assert set(DomainEvent.objects.filter(aggregate="customization_template").values_list("actor", flat=True)) == {
        manager.actor
    }


def test_old_versions_can_be_read_by_their_number(staff: ApiClient) -> None:
    template = make_template()
    presets.add_preset(template=template, name="For Ada", answers={"name": "Ada"})
    templates.update_template(template=template, changes={"schema": make_schema(options=[NAME])}, actor="user:1")
    path = f"/customizations/{template.pk}"
    old, new = (ANYBODY.get(f"{path}?template_version={number}") for number in (1, 2))
    assert (old.data["version"], old.data["schema"], old.data["presets"]) == (1, SCHEMA, [])
    assert old.data["stock"] == [{"option": "colour", "value": "gold", "available": 12}]
    assert new.data == ANYBODY.get(path).data
    assert (new.data["stock"], len(new.data["presets"])) == ([], 1)
    assert old.headers["ETag"] != new.headers["ETag"]
    assert ANYBODY.get(f"{path}/schema?template_version=1").data == build(
        engine.parse(SCHEMA), schema_id=f"http://localhost:5000/api/v2{path}/schema?template_version=1"
    )
    assert set(ANYBODY.get(f"{path}/schema").data["properties"]) == {"name"}
    assert ANYBODY.get(f"{path}?template_version=3").status == 404
    for text in ("0", "x", "-1", "1.5", "٣", "9" * 30, ""):
        reply = ANYBODY.get(f"{path}?template_version={text}")
        assert (reply.status, reply.faults) == (422, {"template_version": "out_of_range"})


@pytest.mark.parametrize(("method", "body"), [("PUT", replaced()), ("PATCH", {"name": "X"}), ("DELETE", None)])
def test_whoever_names_an_older_version_changes_nothing(staff: ApiClient, method: str, body: Any) -> None:
    template = make_template()
    templates.publish(template=template, actor="user:1")
    before = CustomizationTemplate.objects.values().get()
    reply = staff.call(method, f"/customizations/{template.pk}", body, If_Match='"1"')
    assert (reply.status, reply.body["current_version"]) == (412, 2)
    assert CustomizationTemplate.objects.values().get() == before
    assert staff.call(method, f"/customizations/{template.pk}", body, If_Match='"2"').status in (200, 204)


@pytest.mark.parametrize(
    ("body", "status", "faults"),
    [
        ({}, 422, {"/name": "required", "/schema": "required"}),
        (replaced(schema=None), 422, {"/schema": "null"}),
        (replaced(schema=[]), 422, {"/schema": "not_an_object"}),
        (replaced(schema="x"), 422, {"/schema": "not_an_object"}),
        (replaced(schema={"options": [{**COLOUR, "choices": []}]}), 422, {"/schema/options/0/choices": "too_few"}),
        (replaced(version=7, id=1), 422, {"/version": "unknown_field", "/id": "unknown_field"}),
        (replaced(state="sold"), 422, {"/state": "invalid_choice"}),
        (replaced(state="retired"), 409, {}),
        (replaced(products=[0]), 422, {"/products/0": "min_value"}),
        (replaced(products=[10**9]), 422, {"/products/0": "does_not_exist"}),
        (replaced(products="all"), 422, {"/products": "not_a_list"}),
        (replaced(name=" "), 422, {"/name": "blank"}),
    ],
)
def test_what_cannot_be_is_refused_where_it_is(
    staff: ApiClient, body: Any, status: int, faults: dict[str, str]
) -> None:
    reply = staff.post("/customizations", body)
    assert reply.status == status, reply.content
    assert faults.keys() <= reply.faults.keys(), reply.faults
    assert CustomizationTemplate.objects.count() == 0


def test_shoppers_write_nothing() -> None:
    template = make_template()
    preset = presets.add_preset(template=template, name="For Ada", answers={})
    before = CustomizationTemplate.objects.values().get()
    path, one = f"/customizations/{template.pk}", f"/customizations/presets/{preset.pk}"
    for client, status in ((ANYBODY, 401), (ApiClient(make_user()), 403)):
        for method, where, body in (
            ("POST", "/customizations", replaced()),
            ("PUT", path, replaced()),
            ("PATCH", path, {"name": "X"}),
            ("DELETE", path, None),
            ("POST", f"{path}/clone", {}),
            ("POST", f"{path}/presets", {"name": "X", "answers": {}}),
            ("PATCH", one, {"name": "X"}),
            ("DELETE", one, None),
        ):
            assert client.call(method, where, body).status == status, (method, where)
    assert CustomizationTemplate.objects.values().get() == before
    assert list(template.presets.values_list("name", flat=True)) == ["For Ada"]


def names(reply: Reply) -> list[str]:
    assert reply.status == 200, reply.content
    return [row["name"] for row in reply.data]


def test_lists_hold_what_the_caller_may_see_by_name(staff: ApiClient) -> None:
    make_template(name="B")
    make_template(name="A", is_published=False)
    templates.retire(template=make_template(name="C"), actor="user:1")
    assert names(ANYBODY.get("/customizations")) == ["B"]
    assert names(ANYBODY.get("/customizations?state=draft")) == []
    assert names(staff.get("/customizations")) == ["A", "B", "C"]
    assert names(staff.get("/customizations?state=retired")) == ["C"]


def test_staff_find_templates_by_what_is_in_them(staff: ApiClient) -> None:
    product, box = make_product(), make_package()
    make_template(name="All of it", products=[product.pk])
    make_template(name="Colour only", schema=make_schema(options=[COLOUR]), packages=[box.pk])
    for query, expected in (
        ("font=serif", ["All of it"]),
        ("font=sans", []),
        ("option=colour", ["All of it", "Colour only"]),
        ("option=name&choice=gold", ["All of it"]),
        ("choice=blue", []),
        (f"product={product.pk}", ["All of it"]),
        (f"package={box.pk}", ["Colour only"]),
        ("q=COLOUR", ["Colour only"]),
        ("q=%25", []),
    ):
        assert names(staff.get(f"/customizations?{query}")) == expected, query
    reply = staff.get("/customizations?fonts=serif&product=x&state=sold")
    assert (reply.status, reply.faults) == (422, {"fonts": "unknown_parameter"})


def test_a_copy_and_presets_over_http(staff: ApiClient) -> None:
    template = make_template(name="Engraving")
    path = f"/customizations/{template.pk}"
    preset = staff.post(f"{path}/presets", {"name": "For Ada", "answers": {"name": "Ada", "colour": "gold"}})
    assert (preset.status, preset.data["is_offered"], preset.data["template"]) == (201, True, template.pk)
    seen = {name: preset.data[name] for name in ("id", "name", "answers")}
    assert ANYBODY.get(f"{path}/presets").data == ANYBODY.get(path).data["presets"] == [seen]
    one = f"/customizations/presets/{preset.data['id']}"
    assert staff.get(one).data == preset.data
    assert staff.call("PATCH", one, {"answers": {"colour": "red"}}).data["answers"] == {"colour": "red"}
    refused = staff.call("PATCH", one, {"answers": {"colour": "blue"}, "position": -1})
    assert (refused.status, refused.faults) == (422, {"/position": "min_value"})
    assert staff.call("PATCH", one, {"answers": "red"}).faults == {"/answers": "invalid"}
    assert staff.call("PATCH", one, {"answers": {"colour": "blue"}}).faults == {"/answers/colour": "unknown_choice"}
    copy = staff.post(f"{path}/clone", {"name": "Another"})
    assert (copy.status, copy.data["name"], copy.data["state"]) == (201, "Another", "draft")
    assert [row["answers"] for row in copy.data["presets"]] == [{"colour": "red"}]
    assert staff.post(f"{path}/clone", {}).data["name"] == "Engraving (copy)"
    assert staff.call("DELETE", one).status == 204
    assert ANYBODY.get(f"{path}/presets").data == []
    assert ANYBODY.get(one).status == 401


def test_a_product_and_a_package_say_what_is_asked_about_them() -> None:
    mug, board, plain = make_product(), make_product(), make_product()
    box = make_package((mug, 2), board, plain)
    shared = make_template(products=[mug.pk, board.pk])
    own = make_template(packages=[box.pk], schema=make_schema(options=[NAME]))
    make_template(is_published=False, products=[plain.pk])
    [row] = ANYBODY.get(f"/products/{mug.slug}/customizations").data
    assert (row["id"], row["part"], row["pieces"], row["schema"]) == (shared.pk, None, 1, SCHEMA)
    assert ANYBODY.get(f"/products/{plain.pk}/customizations").data == []
    asked = [(row["id"], row["part"], row["pieces"]) for row in ANYBODY.get(f"/packages/{box.pk}/customizations").data]
    assert asked == [(own.pk, None, 1), (shared.pk, mug.pk, 2), (shared.pk, board.pk, 1)]
    assert ANYBODY.get("/products/0/customizations").status == 404
    assert ANYBODY.get(f"/products/{mug.pk}/customizations?depth=2").faults == {"depth": "unknown_parameter"}
    assert ANYBODY.get(f"/products/{mug.pk}").data["customizable"] is True


def test_what_is_asked_about_hidden_things_only_staff_see(staff: ApiClient) -> None:
    product = make_product(is_active=False)
    make_template(products=[product.pk])
    path = f"/products/{product.pk}/customizations"
    assert (ANYBODY.get(path).status, ApiClient(make_user()).get(path).status) == (404, 404)
    assert len(staff.get(path).data) == 1


def test_the_earlier_systems_addresses_lead_here_too() -> None:
    template = make_template(products=[make_product().pk])
    bare = ApiClient(prefix="")
    assert [row["id"] for row in bare.get("/customizations").body["results"]] == [template.pk]
    assert bare.get(f"/customizations/{template.pk}").body["schema"] == SCHEMA
    assert Product.objects.get().has_options


def test_versions_are_kept_as_they_were_published(staff: ApiClient) -> None:
    made = staff.post("/customizations", replaced(state="published"))
    schema = make_schema(options=[NAME])
    staff.call("PUT", f"/customizations/{made.data['id']}", replaced(name="Another", schema=schema))
    kept = TemplateVersion.objects.order_by("number").values_list("number", "schema")
    assert list(kept) == [(1, SCHEMA), (2, schema)]
