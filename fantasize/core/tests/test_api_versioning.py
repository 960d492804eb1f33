import pytest
from django.http import HttpRequest
from pytest_django import Settings

from fantasize.core.api.versioning import ApiCall, call_of, is_api_path
from fantasize.core.tests.api_client import assert_problem, client_for, faults

pytestmark = [pytest.mark.urls("fantasize.core.tests.sample_api"), pytest.mark.django_db]


@pytest.mark.parametrize(
    ("path", "headers", "version", "is_explicit"),
    [
        ("/api/v2/echo", {}, "v2", True),
        ("/api/v1/echo", {}, "v1", False),
        ("/api/v0/echo", {}, "v0", False),
        ("/api/echo", {}, "v2", False),
        ("/api/echo", {"API-Version": "v2"}, "v2", True),
        ("/api/echo", {"API-Version": " v1 "}, "v1", False),
        ("/api/echo?version=v2", {}, "v2", True),
        ("/api/echo?version=v0", {}, "v0", False),
        ("/api/v1/echo?version=v1", {"API-Version": "v1"}, "v1", False),
        ("/products", {}, "v1", False),
        ("/products", {"API-Version": "v1"}, "v1", False),
    ],
)
def test_version_by_url_header_and_query(path: str, headers: dict[str, str], version: str, is_explicit: bool) -> None:  # noqa: FBT001 - a parameter of the table
    for spelling in (path, path.replace("?", "/?") if "?" in path else f"{path}/"):
        body = client_for().get(spelling, headers=headers).json()
        data = body["data"] if version == "v2" else body
        assert (data["version"], data["explicit"]) == (version, is_explicit)


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/api/v2/echo", {"API-Version": "v1"}),
        ("/api/v2/echo?version=v1", {}),
        ("/api/echo?version=v1", {"API-Version": "v2"}),
        ("/api/echo?version=v1&version=v2", {}),
        ("/products", {"API-Version": "v2"}),
    ],
)
def test_places_that_disagree_are_a_conflict(path: str, headers: dict[str, str]) -> None:
    assert_problem(client_for().get(path, headers=headers), 400, "version_conflict")


def test_unknown_version_is_not_found_in_the_url_and_malformed_elsewhere() -> None:
    assert_problem(client_for().get("/api/v3/echo"), 404, "not_found")
    problem = assert_problem(
        client_for().get("/api/echo?version=", headers={"API-Version": "2"}), 400, "unknown_version"
    )
    assert faults(problem) == {"API-Version": "unknown_version", "version": "unknown_version"}
    long = assert_problem(client_for().get("/api/echo?version=" + "x" * 5000), 400, "unknown_version")
    assert len(long["errors"][0]["detail"]) < 200


def test_deprecated_version_says_so_everywhere() -> None:
    for path, headers in (("/api/v0/echo", {}), ("/api/echo", {"API-Version": "v0"}), ("/api/v0/nothing", {})):
        response = client_for().get(path, headers=headers)
        assert response["Deprecation"] == "@1735603200"
        assert response["Sunset"] == "Tue, 31 Dec 2024 23:59:59 GMT"
        assert response["Link"] == f'</api/v1/{path.rpartition("/")[2]}>; rel="successor-version"'
    for current in ("/api/v1/echo", "/api/v2/echo", "/api/echo"):
        assert "Deprecation" not in client_for().get(current)


def test_bare_paths_are_v1_and_deprecated_without_an_end() -> None:
    response = client_for().get("/products/")
    assert response["Deprecation"] == "@1735603200"
    assert response["Link"] == '</api/v1/products>; rel="successor-version"'
    assert "Sunset" not in response
    assert response.json()["legacy"] == "/products"


def test_login_of_the_earlier_system_is_the_alias_and_knows_its_path() -> None:
    assert client_for().get("/login").json()["legacy"] == "/login"
    assert client_for().get("/users/login/").json()["legacy"] == "/users/login"
    assert client_for().get("/api/v1/users/login").json()["legacy"] == ""


def test_retired_version_is_gone_but_still_says_where_to_go(settings: Settings) -> None:
    settings.API_RETIRED_VERSIONS = frozenset({"v0"})
    response = client_for().get("/api/echo?version=v0")
    assert_problem(response, 410, "version_retired")
    assert response["Link"] == '</api/v1/echo>; rel="successor-version"'
    assert client_for().get("/api/v1/echo").status_code == 200


@pytest.mark.parametrize(
    ("path", "is_api"),
    [
        ("/api", True),
        ("/api/", True),
        ("/api/v9/x", True),
        ("/products/7/", True),
        ("/orders", True),
        ("/notifications/", True),
        ("/notifications/3", False),
        ("/productsale", False),
        ("/users/profile/", True),
        ("/users", False),
        ("/api-docs", False),
        ("/admin/", False),
        ("/", False),
    ],
)
def test_which_paths_are_the_apis(path: str, is_api: bool) -> None:  # noqa: FBT001 - a parameter of the table
    assert is_api_path(path) is is_api


def test_only_one_slash_is_optional_and_nothing_redirects() -> None:
    assert_problem(client_for().get("/api/echo//"), 404, "not_found")
    assert client_for().post("/api/v2/echo/", {"text": "kept"}).json()["data"] == {"text": "kept", "secret": "kept"}


def test_answers_vary_by_the_header_that_names_the_version() -> None:
    assert "API-Version" in client_for().get("/api/echo")["Vary"]


def test_a_request_that_came_past_the_middleware_speaks_the_latest_version() -> None:
    request = HttpRequest()
    request.path_info = "/api/v2/x"
    assert call_of(request) == ApiCall(route="/api/v2/x", version="v2", is_explicit_v2=False)


def test_paths_of_others_pass_untouched() -> None:
    response = client_for().get("/page")
    assert response.status_code == 403
    assert response.content == b"<h1>Not for you</h1>"
    assert "Cache-Control" not in response
