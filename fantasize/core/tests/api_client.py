"""What the kernel's API tests share: a client of the sample API and a look at its refusals."""

from typing import Any

from rest_framework.test import APIClient

from fantasize.core.tests.sample_api import Caller

STAFF = Caller(actor="user:9", is_staff=True)


def client_for(caller: Caller | None = None, **headers: str) -> APIClient:
    client = APIClient(headers=headers)
    if caller is not None:
        client.force_authenticate(user=caller)  # type: ignore[arg-type]
    return client


def assert_problem(response: Any, status: int, code: str) -> dict[str, Any]:
    """The refusal's document, after checking everything that all of them promise."""
    assert response.status_code == status, response.content
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.headers["Cache-Control"] == "private, no-store"
    problem: dict[str, Any] = response.json()
    assert problem["type"].endswith(f"/api-docs/errors#{code}")
    assert problem["type"].startswith("http")
    assert problem["status"] == status
    assert problem["code"] == code
    assert problem["success"] is False
    assert problem["title"]
    assert problem["detail"]
    assert problem["request_id"] == response.headers["X-Request-ID"]
    assert problem["instance"] == f"urn:uuid:{problem['request_id']}"
    assert isinstance(problem["errors"], list)
    return problem


def faults(problem: dict[str, Any]) -> dict[str, str]:
    """Place and code of every fault."""
    places = ("pointer", "parameter", "header")
    return {next(error[place] for place in places if place in error): error["code"] for error in problem["errors"]}
