"""No rights by what a call asks for: not by members of the body that are not its own, and not by the query."""

import hashlib
import json
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client

from fantasize.tests.contract import cast
from fantasize.tests.contract.documented import DOCUMENT, OPERATIONS, PREFIX
from fantasize.tests.contract.test_policy_table import Walk, undone
from fantasize.tests.contract.world import build_world

pytestmark = pytest.mark.django_db

OURS = ("accounts", "catalog", "customizations", "orders", "notifications", "core")
WRITES = [name for name in OPERATIONS if not name.startswith("GET ")]
READS = [name for name in OPERATIONS if name.startswith("GET ")]
CALLERS = ("nobody", "customer", "manager", "administrator", "working")
COVETED = {
    *("is_staff", "is_superuser", "role", "groups", "user", "user_id", "owner", "status", "total", "price", "stock"),
    *("paid_at", "stripe_id", "stripe_customer_id", "stripe_payment_intent", "rights_version", "email_verified", "pk"),
}
# Every column and relation of every model of ours.
FIELDS = COVETED | {
    field.name
    for label in OURS
    for model in apps.get_app_config(label).get_models()
    for field in model._meta.get_fields()
}


@pytest.fixture
def walk(settings: Any, tmp_path: Path) -> Walk:
    settings.API_KEYS, settings.MEDIA_ROOT = cast.API_KEYS, tmp_path
    return Walk(build_world())


def batched(names: list[str]) -> list[list[str]]:
    """As many at once as a refusal lists."""
    return [names[start : start + 40] for start in range(0, len(names), 40)]


def input_of(operation: str) -> dict[str, Any] | None:
    """The schema of the JSON that an operation takes; None for one that takes none."""
    content = OPERATIONS[operation].get("requestBody", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema")
    return None if schema is None else resolved(schema)


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = DOCUMENT["components"]["schemas"][name] if name else schema
    return found


def digest() -> str:
    """What the tables of ours hold, as one hash."""
    models = [model for label in OURS for model in apps.get_app_config(label).get_models()]
    rows = "SELECT coalesce(string_agg(t::text, ',' ORDER BY t::text), '') FROM {} t"
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(rows.format(model._meta.db_table) for model in models))
        return hashlib.sha256(repr(cursor.fetchall()).encode()).hexdigest()


def ask(walk: Walk, operation: str, caller: str, extra: dict[str, Any]) -> tuple[Any, bool]:
    """The answer to the call with ``extra`` members in its body, and whether nothing has changed."""
    method, template = operation.split(" ")
    with undone():
        body = cast.BODIES.get(operation, {})
        sent = {**(body(walk.world) if callable(body) else body), **extra}
        before = digest()
        headers = {"Idempotency-Key": "once", "If-Match": "*", **walk.headers[caller]}
        answer = walk.client.generic(
            method, walk.path(PREFIX + template), json.dumps(sent).encode(), "application/json", headers=headers
        )
        return answer, digest() == before


def let_in(walk: Walk, operation: str, extra: list[str]) -> Iterator[str]:
    """Who is told that the call has no members of the names in ``extra``; everybody else is not heard at all."""
    for caller in CALLERS:
        for batch in batched(extra):
            answer, is_unchanged = ask(walk, operation, caller, dict.fromkeys(batch, True))
            assert is_unchanged, (operation, caller)
            if answer.status_code != HTTPStatus.UNPROCESSABLE_ENTITY:
                assert answer.status_code in (401, 403, 404), (operation, caller, answer.content)
                break
            refused = {error["pointer"].removeprefix("/") for error in answer.json()["errors"]}
            assert set(batch) <= refused, (operation, caller)
            yield caller


def test_members_that_are_not_a_calls_own_are_refused_and_change_nothing(walk: Walk) -> None:
    for operation in WRITES:
        if schema := input_of(operation):
            assert list(let_in(walk, operation, sorted(FIELDS - set(schema["properties"])))), operation


def test_a_call_that_takes_no_body_makes_nothing_of_one(walk: Walk) -> None:
    """Somebody who asks for more gets what they would have got anyway."""
    for operation in WRITES:
        for caller in CALLERS if input_of(operation) is None else ():
            asked, _ = ask(walk, operation, caller, dict.fromkeys(FIELDS, True))
            plain, _ = ask(walk, operation, caller, {})
            assert asked.status_code == plain.status_code, (operation, caller)


@pytest.mark.parametrize("part", ["lines/0", "shipping_address"])
def test_neither_is_a_member_within_a_member(walk: Walk, part: str) -> None:
    body = cast.BODIES["POST /orders"](walk.world)  # type: ignore[operator] # it is a function
    place, own = (body["lines"][0], {"product", "quantity"}) if part == "lines/0" else (body[part], set(body[part]))
    before = digest()
    headers = {"Idempotency-Key": "once", **walk.headers["customer"]}
    for batch in batched(sorted(FIELDS - own)):
        kept = dict(place)
        place |= dict.fromkeys(batch, "1")
        answer = walk.client.post(f"{PREFIX}/orders", json.dumps(body), "application/json", headers=headers)
        assert answer.status_code == 422
        assert set(batch) <= {error["pointer"].removeprefix(f"/{part}/") for error in answer.json()["errors"]}
        place.clear()
        place |= kept
    assert digest() == before


# What somebody might try to see more with: other people's rows, more columns, hashes by their beginnings.
QUERIES = {
    "ordering": "password",
    "sort": "user__password",
    "search": "a",
    "fields": "password,user",
    "expand": "user",
    "include": "user",
    "user": "{stranger}",
    "user_id": "{stranger}",
    "owner": "{stranger}",
    "email": "{email}",
    "user__password__startswith": "argon2",
    "password__startswith": "argon2",
    "email__contains": "@",
    "session__refresh_tokens__token_hash__gt": "0",
    "id__in": "{stranger}",
    "page_size": "1000000000",
    "limit": "1000000000",
    "all": "true",
    "is_staff": "true",
    "format": "csv",
}


def test_a_query_shows_nothing_more(walk: Walk) -> None:
    """It is refused, or makes no difference to the answer."""
    stranger = walk.world.user("stranger")
    queries = {name: value.format(stranger=stranger.pk, email=stranger.email) for name, value in QUERIES.items()}
    for path in (walk.path(PREFIX + operation.removeprefix("GET ")) for operation in READS):
        for caller in ("nobody", "customer", "manager"):
            headers = walk.headers[caller]
            plain = get(walk.client, path, headers)
            for name in suspicious(walk.client, path, queries, headers, plain):
                answer = get(walk.client, f"{path}?{urlencode({name: queries[name]})}", headers)
                assert answer == plain or answer[0] == HTTPStatus.UNPROCESSABLE_ENTITY, (caller, path, name)


def suspicious(client: Client, path: str, queries: dict[str, str], headers: dict[str, str], plain: Any) -> set[str]:
    """Which of ``queries`` may make a difference, when all are asked at once: a refusal names all that it is about."""
    answer: Any = client.get(path, queries, headers=headers)
    if answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY:
        return set(queries) - {error["parameter"] for error in answer.json()["errors"]}
    return set() if told(answer) == plain else set(queries)


def get(client: Client, path: str, headers: dict[str, str]) -> tuple[int, Any]:
    """Status and data of an answer; of an archive or picture only how it is called."""
    return told(client.get(path, headers=headers))


def told(answer: Any) -> tuple[int, Any]:
    """The same of an answer."""
    if answer.streaming:
        answer.getvalue()
    is_json = answer["Content-Type"] == "application/json"
    return answer.status_code, answer.json().get("data") if is_json else answer["Content-Type"]
