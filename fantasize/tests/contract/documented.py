"""What the OpenAPI document says, and whether an answer is just that."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import jsonschema_rs

from fantasize.api.document import build_document

METHODS = ("get", "post", "put", "patch", "delete")
DOCUMENT = build_document()
PREFIX = "/api/v2"
# ``GET /orders/{id}`` and what the document says of it.
OPERATIONS: dict[str, dict[str, Any]] = {
    f"{method.upper()} {path.removeprefix(PREFIX)}": operation
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
    if method in METHODS
}
PROBLEM_SCHEMA = {"$ref": "#/components/schemas/Problem"}


def nodes(node: Any) -> Iterator[dict[str, Any]]:
    """Every object within a JSON value."""
    if isinstance(node, dict):
        yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from nodes(child)


def faults(schema: dict[str, Any], value: Any) -> list[str]:
    """Where ``value`` is not what the schema says; members that it does not name are faults too."""
    return [f"{error.instance_path}: {error.message}" for error in _validator(json.dumps(schema)).iter_errors(value)]


@cache
def _validator(schema: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(_closed(json.loads(schema)) | _components(), validate_formats=True)


@cache
def _components() -> dict[str, Any]:
    return {"components": {"schemas": _closed(DOCUMENT["components"]["schemas"])}}


def _closed(node: Any) -> Any:
    """The schema, allowing no members but those that it names."""
    if isinstance(node, list):
        return [_closed(item) for item in node]
    if not isinstance(node, dict):
        return node
    is_open = "properties" in node and "additionalProperties" not in node
    rest = {"additionalProperties": False} if is_open else {}
    return {name: _closed(value) for name, value in node.items()} | rest
