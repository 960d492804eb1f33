"""Every route under every spelling and with every method, against the running shop."""

import re
from typing import Any

import pytest

from fantasize.tests.contract.documented import OPERATIONS, PREFIX
from fantasize.tests.contract.stage import PASSWORD, Stage
from fantasize.tests.contract.wire import Reply, assert_problem

pytestmark = pytest.mark.processes

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
# What the earlier system's clients call without /api.
BARE = ("/products", "/orders", "/users/register", "/users/login", "/users/profile")
DEPRECATION = "@1735603200"
SUNSET = "Tue, 31 Dec 2024 23:59:59 GMT"


# The methods of every documented path, without its prefix.
ROUTES: dict[str, set[str]] = {}
for _method, _path in (name.split(" ") for name in OPERATIONS):
    ROUTES.setdefault(_path, set()).add(_method)
# Files are the same in every version.
READS = [
    path
    for path, methods in ROUTES.items()
    if "GET" in methods and "application/json" in OPERATIONS[f"GET {path}"]["responses"]["200"]["content"]
]


def spelled(stage: Stage, path: str) -> str:
    """The path with ids of rows that the manager may read."""
    ids = {"orders": "order", "products": "product", "users/addresses": "own_address", "users/sessions": "own_session"}
    collection = path.strip("/").partition("/{")[0]
    return re.sub(r"\{\w+\}", str(stage.names[ids[collection]] if collection in ids else "1"), path)


@pytest.fixture(scope="module", autouse=True)
def _own_rows(stage: Stage) -> None:
    address = {"line1": "1", "city": "London", "postal_code": "SW1Y 4JH", "country": "GB"}
    stage.names["own_address"] = stage.call("POST", "/api/v2/users/addresses", address, who="mia").data["id"]
    stage.names["own_session"] = stage.call("GET", "/api/v2/users/sessions", who="mia").data[0]["id"]


def outcome(reply: Reply) -> tuple[int, str]:
    is_problem = reply.status >= 400
    return reply.status, reply.body["code"] if is_problem else ""


@pytest.mark.parametrize("path", ROUTES)
def test_every_other_method_is_refused_with_those_that_there_are(stage: Stage, path: str) -> None:
    before = stage.digest()
    allowed = {*ROUTES[path], "OPTIONS"} | ({"HEAD"} if "GET" in ROUTES[path] else set())
    for method in {*METHODS, "TRACE", "PROPFIND"} - ROUTES[path]:
        for url in (PREFIX + spelled(stage, path), f"/api/v1{spelled(stage, path)}/"):
            reply = stage.call(method, url, who="mia")
            assert_problem(reply, 405, "method_not_allowed")
            assert set(reply.headers["Allow"].split(", ")) == allowed
    options = stage.call("OPTIONS", PREFIX + spelled(stage, path))
    assert (options.status, set(options.headers["Allow"].split(", "))) == (204, allowed)
    assert stage.digest() == before


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_closing_slash_changes_nothing(stage: Stage, operation: str) -> None:
    """Asked as nobody and with an empty body: what comes back is the same refusal, or the same rows."""
    method, path = operation.split(" ")
    before = stage.digest()
    for prefix in ("/api", "/api/v0", "/api/v1", "/api/v2"):
        plain, slashed = (
            stage.call(method, prefix + spelled(stage, path) + end, {} if method != "GET" else None)
            for end in ("", "/")
        )
        assert outcome(plain) == outcome(slashed)
        assert plain.status < 300 or plain.status >= 400
    assert stage.digest() == before


def data_of(body: Any) -> Any:
    """The same rows whatever the version: what stands around them is left out."""
    if isinstance(body, dict) and "meta" in body:
        return body["data"]
    return body["results"] if isinstance(body, dict) and "results" in body else body


@pytest.mark.parametrize("path", READS)
def test_the_versions_tell_the_same_in_their_own_shape(stage: Stage, path: str) -> None:
    path = spelled(stage, path)
    ways: dict[str, tuple[str, dict[str, str]]] = {
        "v2": (f"/api/v2{path}", {}),
        "v2 by default": (f"/api{path}", {}),
        "v2 by header": (f"/api{path}", {"API-Version": "v2"}),
        "v2 by parameter": (f"/api{path}?version=v2", {}),
        "v2 three times": (f"/api/v2{path}?version=v2", {"API-Version": "v2"}),
        "v1": (f"/api/v1{path}", {}),
        "v1 by header": (f"/api{path}", {"API-Version": "v1"}),
        "v1 by parameter": (f"/api{path}/?version=v1", {}),
        "v0": (f"/api/v0{path}", {}),
        "v0 by header": (f"/api{path}", {"API-Version": "v0"}),
    }
    replies = {way: stage.call("GET", url, who="mia", headers=headers) for way, (url, headers) in ways.items()}
    [status] = {reply.status for reply in replies.values()}
    # What only an administrator may read says so, in every version.
    assert status in {200, 404} or (status == 403 and path.startswith("/admin/")), replies
    for way, reply in replies.items():
        assert ("Deprecation" in reply.headers) == ("Sunset" in reply.headers) == way.startswith("v0")
        if reply.status == 200:
            assert_shape(reply, way[:2])
            assert data_of(reply.body) == data_of(replies["v2"].body)


def assert_shape(reply: Reply, version: str) -> None:
    body = reply.body
    assert "API-Version" in reply.headers["Vary"]
    if version == "v2":
        assert set(body) == {"success", "data", "meta"}
        assert (body["success"], body["meta"]["version"]) == (True, "v2")
        assert body["meta"]["request_id"] == reply.headers["X-Request-ID"]
        assert ("pagination" in body["meta"]) == isinstance(body["data"], list)
    else:
        assert "success" not in body
        # Lists that count what is in them say so beside it.
        assert ("results" in body) == (set(body) - {"facets"} == {"count", "next", "previous", "results"})


@pytest.mark.parametrize(
    "operation", [operation for operation in OPERATIONS if operation.split(" ")[1].startswith(BARE)]
)
def test_bare_paths_answer_as_v1_and_name_their_successor(stage: Stage, operation: str) -> None:
    method, path = operation.split(" ")
    path = spelled(stage, path)
    body: dict[str, Any] | None = None if method == "GET" else {}
    for end in ("", "/"):
        bare = stage.call(method, path + end, body)
        assert outcome(bare) == outcome(stage.call(method, f"/api/v1{path}", body))
        assert bare.headers["Deprecation"] == DEPRECATION
        assert bare.headers["Link"] == f'</api/v1{path}>; rel="successor-version"'
        assert "Sunset" not in bare.headers


def test_v0_says_when_it_ends_and_where_to_go(stage: Stage) -> None:
    for reply in (stage.call("GET", "/api/v0/products"), stage.call("GET", "/api/v0/orders/nonsense", who="ada")):
        assert (reply.headers["Deprecation"], reply.headers["Sunset"]) == (DEPRECATION, SUNSET)
        assert re.fullmatch(r'</api/v1/(products|orders/nonsense)>; rel="successor-version"', reply.headers["Link"])


@pytest.mark.parametrize("path", ["/login", "/users/login"])
def test_the_earlier_systems_clients_find_their_token(stage: Stage, path: str) -> None:
    reply = stage.call("POST", path, {"email": "ada@example.com", "password": PASSWORD})
    assert reply.status == 200
    assert reply.body["token"] == reply.body["access"]
    assert (
        "token"
        not in stage.call("POST", f"/api/v1{'/auth/login'}", {"email": "ada@example.com", "password": PASSWORD}).body
    )


def test_the_earlier_systems_clients_register_with_a_line_of_text(stage: Stage) -> None:
    person = {"email": "old@example.com", "password": PASSWORD, "address": "12 St James's Square"}
    reply = stage.call("POST", "/register/", person)
    assert reply.status == 201
    assert reply.body["email"] == "old@example.com"
    assert not {"password", "user", "success"} & reply.body.keys()
    assert_problem(stage.call("POST", "/api/v2/auth/register", {**person, "email": "new@example.com"}), 422, "invalid")
