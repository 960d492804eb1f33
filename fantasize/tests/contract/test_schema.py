"""The OpenAPI document: well-formed, complete, and true of what every operation answers."""

import json
import re
from importlib.resources import files
from typing import Any

import jsonschema_rs
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.urls import URLPattern, URLResolver, get_resolver
from pytest_django import Settings

from fantasize.core.api.requests import ORDER_TOKEN_HEADER
from fantasize.tests.contract import social_calls
from fantasize.tests.contract.calls import CALLS
from fantasize.tests.contract.documented import DOCUMENT, METHODS, OPERATIONS, PREFIX, faults, nodes
from fantasize.tests.contract.world import World

pytestmark = pytest.mark.django_db

# The document does not document itself.
UNDOCUMENTED = {f"{PREFIX}/schema"}

KEY = {"Idempotency-Key": "once", "If-Match": "*"}


def test_the_document_is_valid_openapi_31() -> None:
    assert DOCUMENT["openapi"].startswith("3.1")
    rules = json.loads(files("drf_spectacular.validation").joinpath("openapi_3_1_schema.json").read_text())
    assert [error.message for error in jsonschema_rs.Draft202012Validator(rules).iter_errors(DOCUMENT)] == []
    for name, schema in DOCUMENT["components"]["schemas"].items():
        assert jsonschema_rs.meta.is_valid({**schema, "$schema": "https://json-schema.org/draft/2020-12/schema"}), name


def test_the_document_speaks_no_older_dialect() -> None:
    """JSON Schema 2020-12 ignores ``nullable``, and an exclusive limit is a number."""
    for node in nodes(DOCUMENT):
        assert "nullable" not in node
        assert not isinstance(node.get("exclusiveMinimum", node.get("exclusiveMaximum")), bool)


def routes(resolver: URLResolver, prefix: str = "/") -> dict[str, set[str]]:
    """The paths of the URLconf below the API's prefix, as the document writes them, and their methods."""
    found: dict[str, set[str]] = {}
    for entry in resolver.url_patterns:
        path = prefix + str(entry.pattern).removeprefix("^").removesuffix("$").removesuffix("\\Z")
        if isinstance(entry, URLResolver):
            found |= routes(entry, path)
        elif isinstance(entry, URLPattern) and path.startswith(f"{PREFIX}/"):
            named = re.sub(r"\(\?P<(\w+)>[^)]*\)", r"{\1}", path).replace("{pk}", "{id}")
            found[named] = {*getattr(entry.callback, "actions", ["get"])} & {*METHODS}
    return found


def test_every_route_is_documented_with_every_method() -> None:
    served = {path: methods for path, methods in routes(get_resolver()).items() if path not in UNDOCUMENTED}
    documented = {path: set(item) & set(METHODS) for path, item in DOCUMENT["paths"].items()}
    assert served == documented
    assert len(served) > 20


def test_operations_have_names_of_their_own() -> None:
    names = [operation["operationId"] for operation in OPERATIONS.values()]
    assert len(set(names)) == len(names)


def test_what_the_token_of_a_link_opens_says_so() -> None:
    named = {
        name
        for name, operation in OPERATIONS.items()
        if any(parameter["name"] == ORDER_TOKEN_HEADER for parameter in operation.get("parameters", ()))
    }
    order = {"": "GET PUT PATCH DELETE", "/cancel": "POST", "/checkout": "POST", "/accept-quote": "POST"}
    order |= {"/track": "GET", "/links": "GET POST", "/links/{link}": "DELETE", "/documents/invoice": "GET"}
    opened = {f"{method} /orders/{{id}}{path}" for path, methods in order.items() for method in methods.split()}
    assert named == opened | {"GET /orders/proofs/{id}"}


def test_every_operation_is_called_here() -> None:
    assert set(CALLS) == set(OPERATIONS)


@pytest.mark.parametrize("name", CALLS)
def test_what_is_answered_is_what_is_documented_no_more_and_no_less(
    name: str, world: World, settings: Settings
) -> None:
    role, body = CALLS[name]
    method, path = name.split(" ")
    with social_calls.provider_for(name, world, settings):
        sent = body(world) if callable(body) else body
        headers = {**KEY, **world.people[role].headers}
        url = world.path(PREFIX + path, role)
        answer = Client().generic(method, url, *encoded(sent), headers=headers)
    status, documented = next(iter(OPERATIONS[name]["responses"].items()))
    assert str(answer.status_code) == status, answer.content
    if "content" not in documented:
        assert (status, answer.content) == ("204", b"")
        return
    media_type = answer["Content-Type"]
    content = documented["content"][media_type]
    if media_type == "application/json":
        assert faults(content["schema"], answer.json()) == []
    else:
        assert content["schema"] == {"type": "string", "format": "binary"}
        assert answer.getvalue()


def encoded(body: Any) -> tuple[bytes, str]:
    """The body and its media type: JSON, unless it brings a file."""
    if isinstance(body, dict) and any(isinstance(value, SimpleUploadedFile) for value in body.values()):
        return encode_multipart(BOUNDARY, body), MULTIPART_CONTENT
    return b"" if body is None else json.dumps(body).encode(), "application/json"


def test_what_is_not_documented_is_noticed() -> None:
    schema = {"$ref": "#/components/schemas/Brand"}
    brand = {"id": 1, "slug": "us", "name": "Us", "position": 0}
    assert faults(schema, brand) == []
    assert len(faults(schema, {**brand, "password": "x"})) == 1
    assert len(faults(schema, {"id": "1", "slug": "us", "position": 0})) == 2
