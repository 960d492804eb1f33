"""No rights by what a call asks for: not by members of the body that are not its own, and not by the query."""

import copy
import hashlib
import json
from collections.abc import Callable, Iterator
from functools import lru_cache
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from catalog.models import Material
from customizations.tests.factories import make_schema
from fantasize.core.tests.pictures import png
from fantasize.tests.contract import cast
from fantasize.tests.contract.documented import DOCUMENT, OPERATIONS, PREFIX
from fantasize.tests.contract.standing import undone
from fantasize.tests.contract.test_policy_table import Walk
from fantasize.tests.contract.world import World
from orders.tests.factories import ADDRESS

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
def walk(world: World, settings: Any) -> Walk:
    settings.API_KEYS = cast.API_KEYS
    return Walk(world)


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
    """What the tables of ours hold, as one hash; but for when somebody was there, whatever they were told."""
    models = [model for label in OURS for model in apps.get_app_config(label).get_models()]
    with connection.cursor() as cursor:
        # In this order: PostgreSQL may read several tables at once.
        cursor.execute(" UNION ALL ".join(map(rows_of, models)) + " ORDER BY name")
        return hashlib.sha256(repr(cursor.fetchall()).encode()).hexdigest()


def rows_of(model: type[Model]) -> str:
    """A query for all that a table holds, in one text."""
    is_timed = any(field.name == "last_used_at" for field in model._meta.fields)
    row, table = "(to_jsonb(t) - 'last_used_at')::text" if is_timed else "t::text", model._meta.db_table
    return f"SELECT '{table}' AS name, coalesce(string_agg({row}, ',' ORDER BY {row}), '') FROM {table} t"  # noqa: S608


@lru_cache(maxsize=1)
def digest_before(walk: Walk) -> str:
    """The same of the shop in which each call of a walk begins."""
    return digest()


def ask(walk: Walk, operation: str, caller: str, extra: dict[str, Any]) -> tuple[Any, bool]:
    """The answer to the call with ``extra`` members in its body, and whether nothing has changed."""
    method, template = operation.split(" ")
    with undone():
        body = cast.BODIES.get(operation, {})
        sent = {**(body(walk.world) if callable(body) else body), **extra}
        before = digest() if callable(body) else digest_before(walk)
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


def parts_of(schema: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, set[str]]]:
    """Where objects stand within an input, and the members of each."""
    for name, found in schema.get("properties", {}).items():
        member = resolved(found.get("allOf", [found])[0])
        place, within = f"{prefix}/{name}", member
        if member.get("type") == "array":
            place, within = f"{place}/0", resolved(member.get("items", {}))
        if "properties" in within:
            yield place, set(within["properties"])
            yield from parts_of(within, place)


# Members that no call needs, and that are objects or hold some.
PARTS: dict[str, Callable[[World], Any]] = {
    "address": lambda _: dict(ADDRESS),
    "items": lambda world: [{"product": world.shared["products"], "quantity": 2}],
    "materials": lambda _: [{"material": Material.objects.values_list("pk", flat=True)[0], "percent": 100}],
    "schema": lambda _: make_schema(),
    "shipping_address": lambda _: dict(ADDRESS),
}


def member_of(body: Any, place: str) -> dict[str, Any]:
    """The object at ``place``."""
    for step in place.strip("/").split("/"):
        body = body[int(step) if step.isdigit() else step]
    found: dict[str, Any] = body
    return found


def test_neither_are_members_within_members(walk: Walk) -> None:
    inputs = {operation: input_of(operation) or {} for operation in WRITES}
    parts = [(operation, *part) for operation, schema in inputs.items() for part in parts_of(schema)]
    assert len(parts) >= 9
    for operation, place, own in parts:
        extra = sorted(FIELDS - own)
        assert any(is_refused_within(walk, operation, place, extra, caller) for caller in CALLERS), (operation, place)


def is_refused_within(walk: Walk, operation: str, place: str, extra: list[str], caller: str) -> bool:
    """Whether the caller is told that the object at ``place`` has no such members; nobody changes anything by them."""
    name = place.split("/")[1]
    for batch in batched(extra):
        body = cast.BODIES.get(operation, {})
        sent = copy.deepcopy(body(walk.world) if callable(body) else body)
        sent.setdefault(name, PARTS[name](walk.world) if name in PARTS else None)
        member_of(sent, place).update(dict.fromkeys(batch, "1"))
        answer, is_unchanged = ask(walk, operation, caller, sent)
        assert is_unchanged, (operation, caller)
        if answer.status_code != HTTPStatus.UNPROCESSABLE_ENTITY:
            assert answer.status_code in (401, 403, 404), (operation, caller, answer.content)
            return False
        refused = {error["pointer"].removeprefix(f"{place}/") for error in answer.json()["errors"]}
        assert set(batch) <= refused, (operation, caller)
    return True


FORMS = [name for name in WRITES if "multipart/form-data" in OPERATIONS[name].get("requestBody", {}).get("content", {})]


@pytest.mark.parametrize("operation", FORMS)
def test_neither_are_parts_of_a_form(walk: Walk, operation: str) -> None:
    content = OPERATIONS[operation]["requestBody"]["content"]["multipart/form-data"]
    extra, told = sorted(FIELDS - set(resolved(content["schema"])["properties"])), set()
    method, template = operation.split(" ")
    caller = "customer" if "/users/" in template else "manager"
    for batch in batched(extra):
        with undone():
            before = digest()
            body = encode_multipart(BOUNDARY, {"file": ContentFile(png(8, 8), "p.png"), **dict.fromkeys(batch, "true")})
            path, headers = walk.path(PREFIX + template), walk.headers[caller]
            answer: Any = walk.client.generic(method, path, body, MULTIPART_CONTENT, headers=headers)
            assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY, (operation, answer.content)
            assert digest() == before
        told |= {error["pointer"].removeprefix("/") for error in answer.json()["errors"]}
    assert set(extra) <= told


def test_there_are_forms() -> None:
    assert len(FORMS) >= 3


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
        for caller in ("nobody", "customer", "manager", "administrator"):
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
