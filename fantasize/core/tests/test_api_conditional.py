from typing import Any

import pytest
from django.contrib.auth.models import Group

from fantasize.core.api.conditional import etag_for
from fantasize.core.tests.api_client import STAFF, assert_problem, client_for, faults

pytestmark = [pytest.mark.urls("fantasize.core.tests.sample_api"), pytest.mark.django_db]


def put(path: str = "/api/v2/versioned/1", **headers: str) -> Any:
    return client_for().put(path, {}, headers=headers)


@pytest.mark.parametrize("tag", ['"3"', '"3-abc"', '"1", "3"', "*", '"x" , "3-0f"'])
def test_the_version_one_has_seen_lets_one_act(tag: str) -> None:
    assert put(**{"If-Match": tag}).json()["data"] == {"name": "3"}


@pytest.mark.parametrize("tag", ['"2"', '"2-abc"', 'W/"3"', "3", "", '"x"', '"33"', '"' + "9" * 400 + '"', '"٣"'])
def test_another_version_is_refused_with_the_current_one(tag: str) -> None:
    problem = assert_problem(put(**{"If-Match": tag}), 412, "precondition_failed")
    assert problem["current_version"] == 3


def test_the_version_is_required_where_v2_is_named_and_optional_elsewhere() -> None:
    assert faults(assert_problem(put(), 428, "precondition_required")) == {"If-Match": "required"}
    assert_problem(put("/api/versioned/1", **{"API-Version": "v2"}), 428, "precondition_required")
    for path in ("/api/versioned/1", "/api/v1/versioned/1", "/api/v0/versioned/1"):
        assert put(path).status_code == 200
        assert put(path, **{"If-Match": '"2"'}).status_code == 412


def test_rows_carry_their_version_as_etag() -> None:
    response = client_for().get("/api/versioned/1")
    assert response["ETag"] == '"3"'
    assert etag_for(3, {"a": 1}) == etag_for(3, {"a": 1}) != etag_for(3, {"a": 2})
    assert etag_for(3, {}).startswith('"3-')


@pytest.mark.parametrize("tag", ['"3"', 'W/"3"', '"1", "3"', "*"])
def test_what_the_caller_has_is_not_sent_again(tag: str) -> None:
    response = client_for().get("/api/versioned/1", headers={"If-None-Match": tag})
    assert (response.status_code, response.content) == (304, b"")
    assert response["ETag"] == '"3"'
    assert "Content-Type" not in response
    assert client_for().get("/api/versioned/1", headers={"If-None-Match": '"4"'}).status_code == 200


def test_public_answers_may_be_kept_and_known_again() -> None:
    response = client_for().get("/api/public-things")
    assert response["Cache-Control"] == "public, max-age=600, stale-while-revalidate=60"
    assert {"Authorization", "API-Version"} <= set(response["Vary"].split(", "))
    assert client_for().get("/api/public-things", headers={"If-None-Match": response["ETag"]}).status_code == 304
    Group.objects.create(name="new")
    assert client_for().get("/api/public-things", headers={"If-None-Match": response["ETag"]}).status_code == 200


def test_personal_answers_and_refusals_are_nobody_elses() -> None:
    assert client_for(STAFF).get("/api/public-things")["Cache-Control"] == "private, no-store"
    assert client_for().get("/api/things")["Cache-Control"] == "private, no-store"
    assert_problem(client_for().get("/api/public-things/0"), 404, "not_found")
