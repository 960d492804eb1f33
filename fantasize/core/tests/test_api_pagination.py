from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import Group
from pytest_django import DjangoAssertNumQueries

from fantasize.core.tests.api_client import assert_problem, client_for, faults

pytestmark = [pytest.mark.urls("fantasize.core.tests.sample_api"), pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _rows() -> None:
    Group.objects.all().delete()
    Group.objects.bulk_create([Group(name=f"thing {number:02}") for number in range(45)])


def get(query: str = "", version: str = "v2") -> Any:
    return client_for().get(f"/api/{version}/things{query}")


def test_v2_has_the_rows_as_data_and_the_page_in_meta() -> None:
    body = get("?page=2").json()
    assert [row["name"] for row in body["data"]] == [f"thing {number}" for number in range(20, 40)]
    page = body["meta"]["pagination"]
    assert {key: page[key] for key in ("page", "page_size", "total_items", "total_pages")} == {
        "page": 2,
        "page_size": 20,
        "total_items": 45,
        "total_pages": 3,
    }
    assert parse_qs(urlsplit(page["next"]).query) == {"page": ["3"]}
    assert urlsplit(page["previous"]).path == "/api/v2/things"


def test_v1_has_the_shape_of_integrations() -> None:
    body = get("?page=3&page_size=20&ordering=-name", "v1").json()
    assert set(body) == {"count", "next", "previous", "results"}
    assert (body["count"], body["next"], len(body["results"])) == (45, None, 5)
    assert urlsplit(body["previous"]).path == "/api/v1/things"
    assert parse_qs(urlsplit(body["previous"]).query) == {"page": ["2"], "page_size": ["20"], "ordering": ["-name"]}


def test_links_lead_through_every_row_once() -> None:
    url, seen = "/api/things/?page_size=7", []
    while url:
        body = client_for().get(url).json()
        seen += [row["id"] for row in body["data"]]
        url = body["meta"]["pagination"]["next"]
    assert len(seen) == len(set(seen)) == 45


@pytest.mark.parametrize("page", ["0", "-1", "abc", "1.5", "", "٣", "+1", "1000001", "9" * 5000, "%00"])
def test_a_page_that_is_no_number_in_range_is_refused(page: str) -> None:
    assert list(faults(assert_problem(get(f"?page={page}"), 422, "invalid"))) == ["page"]


@pytest.mark.parametrize("size", ["0", "101", "-5", "many", "1000000000"])
def test_a_page_size_out_of_range_is_refused(size: str) -> None:
    assert faults(assert_problem(get(f"?page=0&page_size={size}"), 422, "invalid")) == {
        "page": "out_of_range",
        "page_size": "out_of_range",
    }


def test_a_page_past_the_end_is_not_there() -> None:
    assert_problem(get("?page=4"), 404, "not_found")
    assert_problem(get("?page=1000000"), 404, "not_found")


def test_an_empty_list_has_one_empty_page() -> None:
    Group.objects.all().delete()
    assert get().json()["data"] == []
    assert get(version="v0").json() == {"count": 0, "next": None, "previous": None, "results": []}


def test_a_long_page_costs_as_many_queries_as_a_short_one(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for size in (1, 3, 40):
        with django_assert_num_queries(2):
            assert get(f"?page_size={size}").status_code == 200


def test_deep_pages_hold_the_same_rows_as_the_whole_list(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    Group.objects.bulk_create([Group(name=f"thing {number:04}") for number in range(1000, 1300)])
    whole = [row["name"] for page in range(1, 5) for row in get(f"?page={page}&page_size=100").json()["data"]]
    assert len(whole) == len(set(whole)) == 345
    with django_assert_num_queries(2):
        deep = get("?page=18").json()["data"]
    assert [row["name"] for row in deep] == whole[340:]
    assert [row["name"] for row in get("?page=11&ordering=-name").json()["data"]] == sorted(whole, reverse=True)[
        200:220
    ]
