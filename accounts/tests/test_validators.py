"""Addresses by the rules of their country."""

import pytest

from accounts.tests.factories import make_address, make_user
from accounts.validators import faults_in_address
from fantasize.tests.client import ApiClient

YORK = {"line1": "1 High Street", "city": "York", "postal_code": "YO1 7PX", "country": "GB"}


@pytest.mark.parametrize(
    "address",
    [
        YORK,
        {"line1": "1 Main St", "city": "Springfield", "region": "IL", "postal_code": "62701", "country": "US"},
        {"line1": "1 Main St", "city": "Springfield", "region": "illinois", "postal_code": "62701", "country": "US"},
        {"line1": "Hauptstr. 1", "city": "Köln", "postal_code": "50667", "country": "DE"},
        {"line1": "1 Raffles Place", "city": "", "postal_code": "048616", "country": "SG"},
        {"line1": "1 O'Connell Street", "city": "Dublin", "country": "IE"},
        {"line1": "1 Nathan Road", "city": "Tsim Sha Tsui", "region": "Kowloon", "country": "HK"},
        {"line1": "1-1", "city": "千代田区", "region": "東京都", "postal_code": "100-0001", "country": "JP"},
    ],
)
def test_an_address_of_its_country_has_no_fault(address: dict[str, str]) -> None:
    assert faults_in_address(address) == []


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ({"postal_code": ""}, {"/postal_code": "required"}),
        ({"postal_code": "62701"}, {"/postal_code": "invalid"}),
        ({"city": ""}, {"/city": "required"}),
        ({"line1": "", "city": ""}, {"/city": "required", "/line1": "required"}),
        ({"country": "US"}, {"/postal_code": "invalid", "/region": "required"}),
        ({"country": "US", "region": "Yorkshire", "postal_code": "62701"}, {"/region": "invalid"}),
        ({"country": "US", "region": "NY", "postal_code": "62701"}, {"/postal_code": "invalid"}),
        ({"country": "HK"}, {"/region": "required"}),
        ({"country": "ZZ"}, {"/country": "invalid"}),
        ({"country": "XX"}, {"/country": "invalid"}),
        ({"country": ""}, {"/country": "required"}),
        ({"country": "../"}, {"/country": "invalid"}),
    ],
)
def test_every_fault_is_told_where_it_is(changes: dict[str, str], faults: dict[str, str]) -> None:
    found = faults_in_address(YORK | changes)
    assert {fault.location: fault.code for fault in found} == faults


def test_a_country_that_there_is_not_is_called_so() -> None:
    [fault] = faults_in_address(YORK | {"country": "XX"})
    assert (fault.location, fault.code, fault.detail) == (
        "/country",
        "invalid",
        "There is no country with this code.",
    )


@pytest.mark.django_db
def test_a_part_that_is_changed_is_judged_with_the_parts_that_stay() -> None:
    user = make_user()
    address = make_address(user)
    client, path = ApiClient(user), f"/users/addresses/{address.pk}"
    refused = client.call("PATCH", path, {"country": "US"})
    assert (refused.status, refused.faults) == (422, {"/postal_code": "invalid", "/region": "required"})
    address.refresh_from_db()
    assert address.country == "GB"
    moved = {"country": "us", "city": "Springfield", "region": "IL", "postal_code": "62701"}
    assert client.call("PATCH", path, moved).status == 200
    assert client.call("PATCH", path, {"postal_code": "sw1y 4jh"}).faults == {"/postal_code": "invalid"}


@pytest.mark.django_db
def test_an_address_from_before_can_still_get_a_telephone_number() -> None:
    user = make_user()
    address = make_address(user, line1="Somewhere 1, Town", city="", postal_code="", country="")
    path = f"/users/addresses/{address.pk}"
    assert ApiClient(user).call("PATCH", path, {"phone": "+44 20 7946 0000"}).status == 200
    assert ApiClient(user).call("PATCH", path, {"city": "York"}).faults == {"/country": "required"}


@pytest.mark.django_db
@pytest.mark.parametrize("phone", ["+44 20 7946 0000", "020/7946-000", "(020) 7946.0000"])
def test_telephone_numbers_are_written_in_many_ways(phone: str) -> None:
    assert ApiClient(make_user()).post("/users/addresses", {**YORK, "phone": phone}).data["phone"] == phone


@pytest.mark.django_db
@pytest.mark.parametrize("phone", ["call me", "+", "12", "1" * 31, "+44<script>", "٠١٢٣٤٥"])
def test_and_not_in_others(phone: str) -> None:
    reply = ApiClient(make_user()).post("/users/addresses", {**YORK, "phone": phone})
    assert (reply.status, set(reply.faults)) == (422, {"/phone"})


@pytest.mark.django_db
def test_codes_are_kept_in_capitals() -> None:
    kept = ApiClient(make_user()).post("/users/addresses", {**YORK, "postal_code": "yo1 7px", "country": "gb"}).data
    assert (kept["postal_code"], kept["country"]) == ("YO1 7PX", "GB")
