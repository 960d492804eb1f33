import pytest
from django.contrib.auth.models import Group

from fantasize.core.tests.api_client import assert_problem, client_for, faults

pytestmark = [pytest.mark.urls("fantasize.core.tests.sample_api"), pytest.mark.django_db]


def test_filters_filter() -> None:
    Group.objects.bulk_create([Group(name="b"), Group(name="a")])
    names = [row["name"] for row in client_for().get("/api/things?name=a&ordering=name&version=v2").json()["data"]]
    assert names == ["a"]


def test_values_that_mean_nothing_are_refused_by_parameter() -> None:
    response = client_for().get("/api/things?smallest=x&ordering=password&" + "name=" + "n" * 10)
    assert faults(assert_problem(response, 422, "invalid")) == {"smallest": "invalid", "ordering": "invalid_choice"}


@pytest.mark.parametrize(
    "query", ["smallest=1e400", "smallest=NaN", "smallest=99999999999999999999999", "smallest=1e99"]
)
def test_numbers_out_of_range_are_no_fault_of_ours(query: str) -> None:
    assert client_for().get(f"/api/things?{query}").status_code in (200, 422)


def test_unknown_parameters_are_refused_all_at_once() -> None:
    response = client_for().get("/api/things?user=1&name__startswith=p&page=1&fields=a")
    assert faults(assert_problem(response, 422, "invalid")) == dict.fromkeys(
        ["fields", "name__startswith", "user"], "unknown_parameter"
    )


def test_actions_read_what_they_declare() -> None:
    assert client_for().get("/api/versioned/1?after=3").status_code == 200
    assert_problem(client_for().get("/api/versioned/1?before=3"), 422, "invalid")


def test_nul_is_refused_in_every_query() -> None:
    response = client_for().get("/api/things?name=%00&%00=1")
    assert faults(assert_problem(response, 422, "invalid")) == {"name": "invalid_character", "\0": "invalid_character"}
    assert_problem(client_for().post("/api/echo?q=a%00b", {}), 422, "invalid")


def test_bytes_that_are_no_utf8_are_no_fault_of_ours() -> None:
    assert client_for().get("/api/things?name=%ff%ed%a0%80").status_code == 200
