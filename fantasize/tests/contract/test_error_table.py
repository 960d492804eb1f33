"""Every row of the error table, against the running shop: the whole answer, and that nothing has happened."""

import uuid
from typing import Any

import psycopg
import pytest

from fantasize.core.idempotency import fingerprint_of
from fantasize.embedded.postgres import ensure_postgres
from fantasize.tests.contract.error_table import CONFLICTS, FOREIGN, INVALID, STRANGERS, UNREADABLE, Row
from fantasize.tests.contract.stage import PASSWORD, STOCK, Stage
from fantasize.tests.contract.wire import Reply, assert_problem

pytestmark = pytest.mark.processes

TABLE = {**UNREADABLE, **STRANGERS, **CONFLICTS, **INVALID}


def make(stage: Stage, row: Row) -> Reply:
    method, path = row.call.split(" ", 1)
    body = row.body(stage.names) if callable(row.body) else row.body
    return stage.call(method, path.format_map(stage.names), body, who=row.who, headers=row.headers)


@pytest.mark.parametrize("name", TABLE)
def test_a_refusal_says_what_is_wrong_and_changes_nothing(stage: Stage, name: str) -> None:
    row, before = TABLE[name], stage.digest()
    reply = make(stage, row)
    assert_problem(reply, row.status, row.code)
    assert row.faults is None or reply.faults == row.faults
    assert {member: reply.body[member] for member in row.members} == row.members
    assert stage.digest() == before


def test_a_shortage_says_how_much_there_is(stage: Stage) -> None:
    available = stage.call("GET", f"/api/v2/products/{stage.names['product']}").data["available"]
    reply = make(stage, CONFLICTS["more than there is"])
    assert reply.body["available"] == {str(stage.names["product"]): available}
    assert available < STOCK


def absent(path: str) -> str:
    """The same path, for a row that is not there."""
    ids = {"foreign_session": uuid.uuid4(), "foreign_order": uuid.uuid4(), "foreign_order_number": 999_999}
    names: dict[str, Any] = {"foreign_address": 999_999, "hidden": 999_999, **ids}
    return path.format_map(names) if "{" in path else path.replace("hidden", "absent")


@pytest.mark.parametrize("call", FOREIGN)
def test_what_is_somebody_elses_looks_like_what_is_not_there(stage: Stage, call: str) -> None:
    method, path = call.split(" ", 1)
    before, headers = stage.digest(), {"X-Request-ID": str(uuid.uuid4())}
    foreign = stage.call(method, path.format_map(stage.names), who="ada", headers=headers)
    missing = stage.call(method, absent(path), who="ada", headers=headers)
    assert_problem(foreign, 404, "not_found")
    assert foreign.content == missing.content
    assert visible(foreign) == visible(missing)
    assert stage.digest() == before


def visible(reply: Reply) -> dict[str, str]:
    """What the caller sees, but for the moment and for how many calls are left."""
    return {name: value for name, value in reply.headers.items() if name.lower() not in {"date", "ratelimit"}}


@pytest.mark.parametrize(
    "path",
    [
        "/api",
        "/api/",
        "/api/v2",
        "/api/v2/nothing",
        "/api/v3/products",
        "/api/v02/products",
        "/api/v2/products/1/nothing",
        "/api/v2//products",
        "/api/v2/products/%00",
        "/api/v2/products/%2e%2e",
        "/api/v2/products/0",
        "/api/v2/products/99999999999999999999",
        "/api/v2/orders/nonsense",
        "/api/v2/products?page=7777",
        "/orders/1/nothing",
        "/products/1/nothing",
    ],
)
def test_what_is_not_there_is_not_found(stage: Stage, path: str) -> None:
    who = "ada" if "/orders" in path else ""
    reply = stage.call("GET", path, who=who, headers={"Accept": "text/html"} if "nothing" in path else {})
    assert_problem(reply, 404, "not_found")


def test_a_refresh_token_that_was_used_is_refused_and_ends_its_session(stage: Stage) -> None:
    credentials = {"email": "bob@example.com", "password": PASSWORD}
    session = stage.call("POST", "/api/v2/auth/login", credentials).data
    old = {"refresh": session["refresh"]}
    child = stage.call("POST", "/api/v2/auth/refresh", old)
    assert child.status == 200
    assert_problem(stage.call("POST", "/api/v2/auth/refresh", old), 401, "refresh_reused")
    again = stage.call("POST", "/api/v2/auth/refresh", {"refresh": child.data["refresh"]})
    assert again.status == 401
    headers = {"Authorization": f"Bearer {child.data['access']}"}
    assert_problem(stage.call("GET", "/api/v2/users/profile", headers=headers), 401, "token_invalid")


def test_a_twin_of_a_call_in_flight_is_refused(stage: Stage) -> None:
    actor = f"user:{stage.call('GET', '/api/v2/users/profile', who='ada').data['id']}"
    lock = int(fingerprint_of(actor.encode(), b"twin")[:16], 16) - 2**63
    product = stage.names["product"]
    body = {
        "lines": [{"product": product, "quantity": 1}],
        "shipping_address": {"line1": "1", "city": "1", "postal_code": "SW1Y 4JH", "country": "GB"},
    }
    with psycopg.connect(ensure_postgres(stage.shop.data_dir), autocommit=True) as twin:
        twin.execute("SELECT pg_advisory_lock(%s)", [lock])
        before = stage.digest()
        reply = stage.call("POST", "/api/v2/orders", body, who="ada", headers={"Idempotency-Key": "twin"})
        assert_problem(reply, 409, "request_in_flight")
        assert reply.body["retry_after"] == 1
        assert stage.digest() == before


def test_a_key_is_for_one_call(stage: Stage) -> None:
    key = {"Idempotency-Key": "one call"}
    first = stage.call("PATCH", "/api/v2/users/profile", {"first_name": "Ada"}, who="ada", headers=key)
    assert first.status == 200
    before = stage.digest()
    other = stage.call("PATCH", "/api/v2/users/profile", {"first_name": "Eve"}, who="ada", headers=key)
    assert_problem(other, 422, "idempotency_key_reused")
    assert stage.digest() == before
    replay = stage.call("PATCH", "/api/v2/users/profile", {"first_name": "Ada"}, who="ada", headers=key)
    assert (replay.content, replay.headers["Idempotency-Replayed"]) == (first.content, "true")


@pytest.mark.parametrize("path", ["/api", "/api/v1", "/api/v0", ""])
def test_what_v2_requires_is_optional_where_v2_is_not_named(stage: Stage, path: str) -> None:
    """The calls that v2 refuses for want of a header come through, up to the next thing that is wrong with them."""
    order = f"{path}/orders/{stage.names['order']}"
    assert_problem(stage.call("PUT", f"{order}/status", {"status": "rejected"}, who="mia"), 409, "illegal_transition")
    assert_problem(stage.call("POST", f"{path}/orders", {"lines": []}, who="ada"), 422, "invalid")
    stale = {"If-Match": '"7"'}
    move = {"status": "processing"}
    assert_problem(stage.call("PUT", f"{order}/status", move, who="mia", headers=stale), 412, "precondition_failed")
