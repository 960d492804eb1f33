import uuid

import pytest
import structlog
from django.contrib.auth.models import Group

from fantasize.core.tests.api_client import STAFF, assert_problem, client_for
from fantasize.core.tests.sample_api import Caller

pytestmark = [pytest.mark.urls("fantasize.core.tests.sample_api"), pytest.mark.django_db]


@pytest.fixture
def thing() -> Group:
    return Group.objects.create(name="mine-1")


def test_v2_wraps_the_answer(thing: Group) -> None:
    request_id = str(uuid.uuid4())
    response = client_for().get(f"/api/v2/things/{thing.pk}", headers={"X-Request-ID": request_id})
    body = response.json()
    assert body["success"] is True
    assert body["data"] == {"id": thing.pk, "name": "mine-1"}
    assert set(body["meta"]) == {"request_id", "version", "timestamp"}
    assert body["meta"]["request_id"] == response["X-Request-ID"] == request_id
    assert body["meta"]["version"] == "v2"
    assert body["meta"]["timestamp"].endswith("Z")


def test_older_versions_are_bare(thing: Group) -> None:
    for version in ("v0", "v1"):
        assert client_for().get(f"/api/{version}/things/{thing.pk}").json() == {"id": thing.pk, "name": "mine-1"}


def test_a_null_is_an_answer_and_no_content_is_none() -> None:
    assert client_for().patch("/api/v2/versioned/1", {}).json()["data"] is None
    assert client_for().patch("/api/v1/versioned/1", {}).content == b"null"
    gone = client_for().delete("/api/v2/versioned/1")
    assert (gone.status_code, gone.content) == (204, b"")


def test_head_is_get_without_a_body(thing: Group) -> None:
    response = client_for().head(f"/api/things/{thing.pk}")
    assert (response.status_code, response.content) == (200, b"")


def test_rows_are_found_by_id_or_name(thing: Group) -> None:
    for name in (str(thing.pk), "mine-1"):
        assert client_for().get(f"/api/things/{name}").json()["data"]["id"] == thing.pk
    numeric = Group.objects.create(name="987654")
    assert client_for().get("/api/things/987654").json()["data"]["id"] == numeric.pk


def test_reference_rows_are_written_by_those_who_may() -> None:
    staff = client_for(STAFF)
    created = staff.post("/api/v2/things", {"name": "mine-new"})
    assert created.status_code == 201
    pk = created.json()["data"]["id"]
    assert staff.put(f"/api/things/{pk}", {"name": "mine-newer"}).json()["data"]["name"] == "mine-newer"
    assert staff.patch(f"/api/things/{pk}", {}).status_code == 200
    assert client_for(Caller()).delete(f"/api/things/{pk}").status_code == 204
    assert not Group.objects.filter(pk=pk).exists()


def test_who_may_not_changes_nothing(thing: Group) -> None:
    path = f"/api/things/{thing.pk}"
    for client, status, code in (
        (client_for(), 401, "not_authenticated"),
        (client_for(Caller()), 403, "permission_denied"),
    ):
        assert_problem(client.put(path, {"name": "x"}), status, code)
        assert_problem(client.post("/api/things", {"name": "x"}), status, code)
    foreign = Group.objects.create(name="theirs")
    assert_problem(client_for(Caller()).delete(f"/api/things/{foreign.pk}"), 403, "permission_denied")
    assert_problem(client_for().delete(path), 401, "not_authenticated")
    thing.refresh_from_db()
    assert thing.name == "mine-1"
    assert not Group.objects.filter(name="x").exists()
    assert Group.objects.filter(name="theirs").exists()


def test_the_request_knows_its_principal_and_address() -> None:
    strangers = client_for().get("/api/v1/echo", REMOTE_ADDR="203.0.113.7").json()
    assert (strangers["principal"], strangers["address"]) == ("anonymous", "203.0.113.7")
    carts = client_for().get("/api/v1/echo", headers={"X-Cart-Token": "t"}).json()["principal"]
    assert carts.startswith("cart:")
    assert len(carts) <= 100
    assert client_for(Caller(actor="user:7")).get("/api/v1/echo").json()["principal"] == "user:7"


def test_request_ids_are_taken_only_if_they_are_uuids() -> None:
    for forged in ("x", "a" * 5000, "{12345678-1234-5678-1234-567812345678}", "12345678123456781234567812345678", ""):
        answered = client_for().get("/api/echo", headers={"X-Request-ID": forged})["X-Request-ID"]
        assert answered != forged
        assert str(uuid.UUID(answered)) == answered
    assert "request_id" not in structlog.contextvars.get_contextvars()
