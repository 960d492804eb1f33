import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from fantasize.api import document
from fantasize.core.api.versioning import LATEST
from fantasize.core.tests.api_client import assert_problem

pytestmark = pytest.mark.django_db

METHODS = {"get", "put", "post", "patch", "delete"}

FILES = {"application/pdf", "application/zip", "image/jpeg", "image/png", "image/webp"}


@pytest.fixture(scope="module")
def openapi() -> dict[str, Any]:
    return document.build_document()


def operations(openapi: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, item in openapi["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    ]


def resolve(openapi: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in node:
        _, *parts = node["$ref"].split("/")
        node = openapi
        for part in parts:
            node = node[part]
    return node


def test_every_success_is_documented_in_the_envelope(openapi: dict[str, Any]) -> None:
    for path, method, operation in operations(openapi):
        for status, answer in operation["responses"].items():
            content = answer.get("content", {})
            # Files come as they are.
            is_file = content and set(content) <= FILES
            if status.startswith("2") and content and not is_file:
                schema = content["application/json"]["schema"]
                assert schema["required"] == ["success", "data", "meta"], (path, method)


def test_every_refusal_is_documented_as_a_problem(openapi: dict[str, Any]) -> None:
    for path, method, operation in operations(openapi):
        refusals = {status: answer for status, answer in operation["responses"].items() if status >= "400"}
        assert {"400", "401", "404", "406", "422", "429", "503"} <= set(refusals), (path, method)
        for answer in refusals.values():
            content = resolve(openapi, answer)["content"]
            assert set(content) == {"application/problem+json"}
            assert content["application/problem+json"]["schema"] == {"$ref": "#/components/schemas/Problem"}


def test_lists_are_pages_of_their_rows(openapi: dict[str, Any]) -> None:
    schema = openapi["paths"]["/api/v2/products"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    rows = resolve(openapi, schema["properties"]["data"])
    assert rows["type"] == "array"
    assert "pagination" in resolve(openapi, schema["properties"]["meta"])["properties"]
    parameters = {one["name"]: one for one in openapi["paths"]["/api/v2/products"]["get"]["parameters"]}
    assert parameters["page_size"]["schema"]["maximum"] == 100


def test_headers_that_v2_requires_are_required(openapi: dict[str, Any]) -> None:
    place = openapi["paths"]["/api/v2/orders"]["post"]
    (key,) = [one for one in place["parameters"] if one["name"] == "Idempotency-Key"]
    assert (key["in"], key["required"]) == ("header", True)
    login = openapi["paths"]["/api/v2/auth/login"]["post"]
    assert all(one["name"] != "Idempotency-Key" for one in login.get("parameters", []))


def test_who_may_call_without_signing_in_is_documented(openapi: dict[str, Any]) -> None:
    assert {} in openapi["paths"]["/api/v2/products"]["get"]["security"]
    assert {} not in openapi["paths"]["/api/v2/products"]["post"]["security"]
    assert {} not in openapi["paths"]["/api/v2/orders"]["get"]["security"]
    assert openapi["components"]["securitySchemes"]["Bearer"]["scheme"] == "bearer"


def test_input_is_closed_and_money_is_text(openapi: dict[str, Any]) -> None:
    write = openapi["paths"]["/api/v2/products"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    schema = resolve(openapi, write)
    assert schema["additionalProperties"] is False
    assert schema["properties"]["price"]["type"] == ["string", "number"]
    assert schema["properties"]["price"]["pattern"]
    answer = openapi["components"]["schemas"]["Product"]["properties"]["price"]
    assert (answer["type"], answer["format"]) == ("string", "decimal")


def test_every_header_and_amount_of_the_base_classes_is_documented() -> None:
    generator = document.ShopSchemaGenerator(urlconf="fantasize.core.tests.sample_api")  # type: ignore[no-untyped-call]
    sample = generator.get_schema(public=True)
    place = sample["paths"]["/api/v2/versioned/{id}"]["put"]
    assert {"Idempotency-Key", "If-Match"} <= {one["name"] for one in place["parameters"]}
    assert {"412", "428"} <= set(place["responses"])
    assert "/api/v2/closed" not in sample["paths"]
    echo = sample["components"]["schemas"]["EchoInputRequest"]["properties"]
    assert echo["yen"]["pattern"] == "^[0-9]{1,11}$"
    assert echo["price"]["pattern"] == r"^[0-9]{1,11}(\.[0-9]{1,2})?$"
    assert "number" not in echo


def test_v1_is_documented_bare() -> None:
    openapi = document.build_document("v1")
    assert all(path.startswith("/api/v1/") for path in openapi["paths"])
    schema = openapi["paths"]["/api/v1/brands"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert set(schema["properties"]) == {"count", "next", "previous", "results"}
    one = openapi["paths"]["/api/v1/products/{id}"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert one == {"$ref": "#/components/schemas/Product"}


@pytest.mark.parametrize(
    ("query", "accept", "media_type"),
    [
        ("", "*/*", "application/vnd.oai.openapi+json"),
        ("?format=yaml", "*/*", "application/vnd.oai.openapi"),
        ("?format=json", "application/vnd.oai.openapi", "application/vnd.oai.openapi+json"),
        ("", "application/vnd.oai.openapi", "application/vnd.oai.openapi"),
        ("", "application/json; charset=utf-8", "application/vnd.oai.openapi+json"),
    ],
)
def test_the_document_is_served(client: Client, query: str, accept: str, media_type: str) -> None:
    response = client.get(f"/api/schema{query}", headers={"Accept": accept})
    assert (response.status_code, response["Content-Type"]) == (200, media_type)
    written = document.as_json if media_type.endswith("json") else document.as_yaml
    assert response.content == written(LATEST)


def test_either_form_says_the_same(openapi: dict[str, Any]) -> None:
    assert openapi["openapi"].startswith("3.1")
    assert json.loads(document.as_json(LATEST)) == yaml.load(document.as_yaml(LATEST), Loader=yaml.CSafeLoader)


def test_the_document_is_served_by_version_and_not_in_just_any_form(client: Client) -> None:
    bare = json.loads(client.get("/api/v1/schema/").content)
    assert "/api/v1/products" in bare["paths"]
    assert_problem(client.get("/api/schema", headers={"Accept": "text/csv"}), 406, "not_acceptable")
    refused = client.post("/api/schema")
    assert_problem(refused, 405, "method_not_allowed")
    assert refused["Allow"] == "GET, HEAD"


def test_the_document_in_the_repository_is_current() -> None:
    call_command("openapi", "--check")


def test_a_document_that_is_not_current_is_noticed_and_can_be_written(settings: Settings, tmp_path: Path) -> None:
    repository = settings.BASE_DIR
    settings.BASE_DIR = tmp_path
    (tmp_path / "docs").mkdir()
    with pytest.raises(CommandError, match="not current"):
        call_command("openapi", "--check")
    call_command("openapi", "--write", stdout=StringIO())
    call_command("openapi", "--check")
    ours, theirs = (base / "docs" / "openapi.yaml" for base in (tmp_path, repository))
    assert ours.read_bytes() == theirs.read_bytes()


def test_what_cannot_be_documented_fails_the_check(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "complaints", lambda: ["a field of no type"])
    with pytest.raises(CommandError, match="a field of no type"):
        call_command("openapi", "--check")
