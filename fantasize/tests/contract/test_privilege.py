"""No rights by what a call asks for: not by members of the body that are not its own, and not by the query."""

import copy
import json
from collections.abc import Callable, Iterator
from functools import cache, partial
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from catalog.models import Material
from customizations.tests.factories import make_schema
from fantasize.core.api import problems
from fantasize.core.tests.pictures import png
from fantasize.tests.contract import cast
from fantasize.tests.contract.documented import DOCUMENT, OPERATIONS, PREFIX
from fantasize.tests.contract.policy_table import REST, read
from fantasize.tests.contract.standing import undone
from fantasize.tests.contract.test_policy_table import Walk, outcome
from fantasize.tests.contract.world import World
from orders.services import documents
from orders.tests.factories import ADDRESS

pytestmark = pytest.mark.django_db

OURS = ("accounts", "catalog", "customizations", "orders", "notifications", "core")
WRITES = [name for name in OPERATIONS if not name.startswith("GET ")]
READS = [name for name in OPERATIONS if name.startswith("GET ")]
# Who asks, and their column of the policy table.
CALLERS = {"nobody": "nobody", "customer": "own", "manager": "manager", "administrator": "admin", "working": "working"}
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
def walk(world: World, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Walk:
    """Refusals list as many members as are sent."""
    settings.API_KEYS = cast.API_KEYS
    monkeypatch.setattr(documents, "make", lambda _order, _kind: b"%PDF")
    monkeypatch.setattr(problems, "MAX_ERRORS", len(FIELDS) + len(COVETED))
    return Walk(world)


def input_of(operation: str) -> dict[str, Any] | None:
    """The schema of the JSON that an operation takes; None for one that takes none."""
    content = OPERATIONS[operation].get("requestBody", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema")
    return None if schema is None else resolved(schema)


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = DOCUMENT["components"]["schemas"][name] if name else schema
    return found


# What is written when somebody was there, whatever they were told, is left out.
TABLES = {
    model._meta.db_table: "to_jsonb(t) - 'last_used_at'"
    if any(field.name == "last_used_at" for field in model._meta.fields)
    else "t"
    for label in OURS
    for model in apps.get_app_config(label).get_models()
}


def rows_of(tables: set[str]) -> dict[str, str]:
    """What some of our tables hold."""
    rows = {name: f"string_agg(({TABLES[name]})::text, ',' ORDER BY ({TABLES[name]})::text)" for name in tables}
    queries = [f"SELECT '{name}', {every} FROM {name} t" for name, every in rows.items()]  # noqa: S608 - our own names
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(queries))
        return dict(cursor.fetchall())


def writes() -> set[tuple[str, int]]:
    """How often this transaction has written to each table, also where it was undone."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables")
        return {(name, times) for name, times in cursor.fetchall() if name in TABLES}


def ask(walk: Walk, operation: str, caller: str, extra: dict[str, Any]) -> tuple[Any, bool]:
    """The answer to the call with ``extra`` members in its body, and whether nothing has changed."""
    with undone():
        body = cast.BODIES.get(operation, {})
        sent = {**(body(walk.world) if callable(body) else body), **extra}
        return send(walk, operation, caller, json.dumps(sent).encode())


def send(
    walk: Walk, operation: str, caller: str, content: bytes, media_type: str = "application/json"
) -> tuple[Any, bool]:
    """The answer, and whether nothing has changed; what has is undone."""
    method, template = operation.split(" ")
    headers = {"Idempotency-Key": "once", "If-Match": "*", **walk.headers[caller]}
    with undone():
        before = writes()
        answer = walk.client.generic(method, walk.path(PREFIX + template), content, media_type, headers=headers)
        written = {name for name, _ in writes() - before}
        after = rows_of(written) if written else {}
    return answer, not written or after == rows_of(written)


def let_in(walk: Walk, operation: str, extra: set[str]) -> Iterator[str]:
    """Who is told that the call has no members of the names in ``extra``; everybody else is not heard at all."""
    for caller in CALLERS:
        answer, is_unchanged = ask(walk, operation, caller, dict.fromkeys(extra, True))
        assert is_unchanged, (operation, caller)
        if answer.status_code != HTTPStatus.UNPROCESSABLE_ENTITY:
            assert answer.status_code in (401, 403, 404), (operation, caller, answer.content)
            continue
        assert extra <= refused_at(answer), (operation, caller)
        yield caller


def refused_at(answer: Any, place: str = "") -> set[str]:
    """The members of the object at ``place`` that a refusal names."""
    return {error["pointer"].removeprefix(f"{place}/") for error in answer.json()["errors"]}


def test_members_that_are_not_a_calls_own_are_refused_and_change_nothing(walk: Walk) -> None:
    for operation in WRITES:
        if schema := input_of(operation):
            assert list(let_in(walk, operation, FIELDS - set(schema["properties"]))), operation


def test_what_a_call_changes_is_noticed(walk: Walk) -> None:
    answer, is_unchanged = ask(walk, "PATCH /users/profile", "customer", {"first_name": "Ada"})
    assert (answer.status_code, is_unchanged) == (HTTPStatus.OK, False)


def test_a_call_that_takes_no_body_makes_nothing_of_one(walk: Walk) -> None:
    """Somebody who asks for more gets what the table says that they get anyway."""
    table = read(REST)
    for operation in WRITES:
        for caller, column in CALLERS.items() if input_of(operation) is None else ():
            asked, _ = ask(walk, operation, caller, dict.fromkeys(FIELDS, True))
            assert outcome(asked, caller) == table[operation][column], (operation, caller)


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
    "lines": lambda world: [{"product": world.shared["products"], "quantity": 1}],
    "recipient": lambda _: {"name": "Ada"},
    "schema": lambda _: make_schema(),
    "shipping_address": lambda _: dict(ADDRESS),
}


# What is not said beside such a member.
ALTERNATIVES = {"lines": "amount"}


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
        assert any(is_refused_within(walk, operation, place, FIELDS - own, caller) for caller in CALLERS), place


def is_refused_within(walk: Walk, operation: str, place: str, extra: set[str], caller: str) -> bool:
    """Whether the caller is told that the object at ``place`` has no such members; nobody changes anything by them."""
    return all(is_batch_refused(walk, operation, place, batch, caller) for batch in batched(sorted(extra)))


def batched(names: list[str]) -> Iterator[set[str]]:
    """As many at once as the language of templates lists."""
    return ({*names[start : start + 40]} for start in range(0, len(names), 40))


def is_batch_refused(walk: Walk, operation: str, place: str, extra: set[str], caller: str) -> bool:
    name = place.split("/")[1]
    with undone():
        body = cast.BODIES.get(operation, {})
        sent = copy.deepcopy(body(walk.world) if callable(body) else body)
        sent.pop(ALTERNATIVES.get(name, ""), None)
        sent.setdefault(name, PARTS[name](walk.world) if name in PARTS else None)
        member_of(sent, place).update(dict.fromkeys(extra, "1"))
        answer, is_unchanged = send(walk, operation, caller, json.dumps(sent).encode())
    assert is_unchanged, (operation, caller)
    if answer.status_code != HTTPStatus.UNPROCESSABLE_ENTITY:
        assert answer.status_code in (401, 403, 404), (operation, caller, answer.content)
        return False
    assert extra <= refused_at(answer, place), (operation, caller)
    return True


FORMS = [name for name in WRITES if "multipart/form-data" in OPERATIONS[name].get("requestBody", {}).get("content", {})]


@pytest.mark.parametrize("operation", FORMS)
def test_neither_are_parts_of_a_form(walk: Walk, operation: str) -> None:
    content = OPERATIONS[operation]["requestBody"]["content"]["multipart/form-data"]
    extra = FIELDS - set(resolved(content["schema"])["properties"])
    caller = "customer" if "/users/" in operation else "manager"
    body = encode_multipart(BOUNDARY, {"file": ContentFile(png(8, 8), "p.png"), **dict.fromkeys(extra, "true")})
    answer, is_unchanged = send(walk, operation, caller, body, MULTIPART_CONTENT)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY, (operation, answer.content)
    assert is_unchanged
    assert extra <= refused_at(answer)


def test_there_are_forms() -> None:
    assert len(FORMS) >= 3


# What somebody might try to see more with: other people's rows, more columns, hashes by their beginnings.
QUERIES = {
    "ordering": "password",
    "sort": "user__password",
    "search": "a",
    "fields": "password,user",
    **dict.fromkeys(("expand", "include"), "user"),
    **dict.fromkeys(("user", "user_id", "owner", "id__in"), "{stranger}"),
    "email": "{email}",
    **dict.fromkeys(("user__password__startswith", "password__startswith"), "argon2"),
    "email__contains": "@",
    "session__refresh_tokens__token_hash__gt": "0",
    **dict.fromkeys(("page_size", "limit"), "1000000000"),
    **dict.fromkeys(("all", "is_staff"), "true"),
    "format": "csv",
}


def test_a_query_shows_nothing_more(walk: Walk) -> None:
    """It is refused, or makes no difference to the answer."""
    stranger = walk.world.user("stranger")
    queries = {name: value.format(stranger=stranger.pk, email=stranger.email) for name, value in QUERIES.items()}
    for path in (walk.path(PREFIX + operation.removeprefix("GET ")) for operation in READS):
        for caller in ("nobody", "customer", "manager", "administrator"):
            headers = walk.headers[caller]
            plain = cache(partial(get, walk.client, path, headers))
            for name in suspicious(walk.client, path, queries, headers, plain):
                answer = get(walk.client, f"{path}?{urlencode({name: queries[name]})}", headers)
                assert answer == plain() or answer[0] == HTTPStatus.UNPROCESSABLE_ENTITY, (caller, path, name)


def suspicious(
    client: Client, path: str, queries: dict[str, str], headers: dict[str, str], plain: Callable[[], Any]
) -> set[str]:
    """Which of ``queries`` may make a difference, when all are asked at once: a refusal names all that it is about."""
    answer: Any = client.get(path, queries, headers=headers)
    if answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY:
        return set(queries) - {error["parameter"] for error in answer.json()["errors"]}
    return set() if told(answer) == plain() else set(queries)


def get(client: Client, path: str, headers: dict[str, str]) -> tuple[int, Any]:
    """Status and data of an answer; of an archive or picture only how it is called."""
    return told(client.get(path, headers=headers))


def told(answer: Any) -> tuple[int, Any]:
    """The same of an answer."""
    if answer.streaming:
        answer.getvalue()
    is_json = answer["Content-Type"] == "application/json"
    return answer.status_code, answer.json().get("data") if is_json else answer["Content-Type"]
