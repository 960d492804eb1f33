from typing import Any

import pytest
from django.contrib.auth.models import Group
from pytest_django import Settings
from rest_framework.exceptions import ErrorDetail

from fantasize.core.api.exceptions import as_domain_error, field_errors
from fantasize.core.tests.api_client import STAFF, assert_problem, client_for, faults

pytestmark = [pytest.mark.urls("fantasize.core.tests.sample_api"), pytest.mark.django_db]


@pytest.mark.parametrize("accept", ["application/json", "text/html", "application/xml", "*/*"])
def test_refusals_are_problems_whatever_is_accepted(accept: str) -> None:
    response = client_for().get("/api/v2/nothing/here", headers={"Accept": accept})
    assert_problem(response, 404, "not_found")


@pytest.mark.parametrize(
    ("failure", "status", "code"),
    [
        ("unexpected", 500, "internal_error"),
        ("rendering", 500, "internal_error"),
        ("integrity", 500, "internal_error"),
        ("gone", 404, "not_found"),
        ("forbidden", 403, "permission_denied"),
        ("suspicious", 400, "bad_request"),
        ("operational", 503, "unavailable"),
        ("deadlock", 503, "unavailable"),
        ("redis", 503, "unavailable"),
        ("data", 422, "invalid"),
        ("duplicate", 409, "duplicate"),
        ("protected", 409, "in_use"),
        ("closed", 503, "unavailable"),
        ("throttled", 429, "rate_limited"),
        ("anonymous", 401, "not_authenticated"),
    ],
)
def test_every_exception_becomes_a_problem_without_its_words(failure: str, status: int, code: str) -> None:
    for version in ("v1", "v2"):
        response = client_for().get(f"/api/{version}/failures/{failure}")
        assert_problem(response, status, code)
        for secret in ("psst", "/srv", "SELECT", "/tmp", "Group", "Error("):  # noqa: S108 - a word that must not appear
            assert secret not in response.content.decode()


def test_unavailable_and_limited_say_when_to_come_back() -> None:
    response = client_for().get("/api/failures/operational")
    assert response["Retry-After"] == "5"
    assert response.json()["retry_after"] == 5
    assert client_for().get("/api/failures/closed")["Retry-After"] == "5"


def test_unknown_callers_are_asked_to_sign_in() -> None:
    response = client_for().get("/api/closed")
    assert_problem(response, 401, "not_authenticated")
    assert response["WWW-Authenticate"].startswith("Bearer")
    refused = client_for().post("/api/auth", {})
    assert_problem(refused, 401, "refresh_reused")
    assert refused["WWW-Authenticate"].startswith("Bearer")


def test_known_callers_are_not_let_in_by_a_viewset_that_forgot_to_say_whom_it_serves() -> None:
    assert_problem(client_for(STAFF).get("/api/closed"), 403, "permission_denied")


def test_method_not_allowed_names_the_methods_before_anything_else() -> None:
    response = client_for().delete("/api/closed")
    assert_problem(response, 405, "method_not_allowed")
    assert {"GET", "HEAD"} <= set(response["Allow"].split(", "))
    assert "DELETE" not in response["Allow"]
    odd = client_for().generic("BREW", "/api/closed")
    assert_problem(odd, 405, "method_not_allowed")


def test_options_needs_nobody_and_answers_nothing_but_allow() -> None:
    response = client_for().options("/api/closed")
    assert (response.status_code, response.content) == (204, b"")
    assert "GET" in response["Allow"]


def test_not_acceptable_and_unsupported_media_type() -> None:
    assert_problem(client_for().get("/api/echo", headers={"Accept": "text/csv"}), 406, "not_acceptable")
    assert client_for().get("/api/echo", headers={"Accept": "text/csv, application/*;q=0.1"}).status_code == 200
    by_habit = {"Accept": "application/json; charset=utf-8"}
    assert client_for().get("/api/echo", headers=by_habit).status_code == 200
    refused = client_for().post("/api/echo", "a=b", content_type="application/x-www-form-urlencoded")
    assert_problem(refused, 415, "unsupported_media_type")


def test_what_django_words_for_browsers_is_worded_again() -> None:
    assert_problem(client_for().get("/api/page"), 403, "permission_denied")
    assert_problem(client_for().get("/api/failing-page"), 500, "internal_error")


def test_forged_host_is_a_problem_under_the_api_and_a_page_elsewhere(settings: Settings) -> None:
    assert_problem(client_for().get("/api/echo", headers={"Host": "evil.example"}), 400, "bad_request")
    settings.SECURE_SSL_REDIRECT = True
    early = client_for().get("/api/echo", headers={"Host": "evil.example"})
    assert (early.status_code, early["Content-Type"]) == (400, "application/problem+json")
    elsewhere = client_for().get("/page", headers={"Host": "evil.example"})
    assert (elsewhere.status_code, elsewhere["Content-Type"]) == (400, "text/html; charset=utf-8")


def test_absent_foreign_and_malformed_look_the_same() -> None:
    hidden = Group.objects.create(name="hidden")
    answers = []
    for name in (str(hidden.pk), "hidden", "999999", "9" * 400, "1.5", "+1", "٣", "a b", "x" * 3000, "-1", "%00"):
        problem = assert_problem(client_for().get(f"/api/things/{name}"), 404, "not_found")
        answers.append({key: value for key, value in problem.items() if key not in ("instance", "request_id")})
    assert all(answer == answers[0] for answer in answers)


def test_pointers_of_nested_faults() -> None:
    tree: Any = {
        "lines": [{}, {"a/b": [ErrorDetail("no", "bad")]}],
        "t~": {"non_field_errors": [ErrorDetail("no", "sum")]},
        "non_field_errors": [ErrorDetail("no", "all")],
    }
    found = [(error.location, error.code) for error in field_errors(tree)]
    assert found == [("/lines/1/a~1b", "bad"), ("/t~0", "sum"), ("", "all")]


def test_all_faults_of_a_body_come_at_once_and_echo_little() -> None:
    body = {
        "text": "x" * 21,
        "colour": "y" * 9000,
        "lines": [{"quantity": 1}, {"quantity": 0, "colour": 1}, 7],
        "number": "5",
        "is_admin/": True,
        "z" * 9000: 1,
        "secret": "mine",
    }
    response = client_for().post("/api/echo", body)
    problem = assert_problem(response, 422, "invalid")
    found = faults(problem)
    assert found.pop("/" + "z" * 99 + "…") == "unknown_field"
    assert found == {
        "/text": "max_length",
        "/colour": "invalid_choice",
        "/lines/1/quantity": "min_value",
        "/lines/1/colour": "unknown_field",
        "/lines/2": "invalid",
        "/number": "read_only",
        "/is_admin~1": "unknown_field",
        "/secret": "unknown_field",
    }
    assert b"y" * 101 not in response.content


def test_a_flood_of_faults_is_cut() -> None:
    problem = assert_problem(client_for().post("/api/echo", {f"k{n}": 1 for n in range(500)}), 422, "invalid")
    assert len(problem["errors"]) == 100


def test_too_many_query_parameters_are_refused() -> None:
    query = "&".join(f"a{n}=1" for n in range(1100))
    response = client_for().get(f"/api/things?{query}")
    assert (response.status_code, response["Content-Type"]) == (400, "application/problem+json")


def test_drf_exceptions_without_a_kind_of_ours_are_internal() -> None:
    from rest_framework.exceptions import APIException  # noqa: PLC0415 - DRF's exceptions need Django's settings

    assert as_domain_error(APIException("psst")).status == 500
