import pytest
from django.http import HttpRequest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from fantasize.core.api.client_address import client_address, site_of


def request_from(peer: str, forwarded: str | None = None) -> HttpRequest:
    request = HttpRequest()
    request.META["REMOTE_ADDR"] = peer
    if forwarded is not None:
        request.META["HTTP_X_FORWARDED_FOR"] = forwarded
    return request


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("203.0.113.9", None, "203.0.113.9"),
        ("203.0.113.9", "1.1.1.1", "203.0.113.9"),
        ("10.0.0.1", None, "10.0.0.1"),
        ("10.0.0.1", "1.1.1.1", "1.1.1.1"),
        ("10.0.0.1", "6.6.6.6, 1.1.1.1, 10.0.0.2", "1.1.1.1"),
        ("10.0.0.1", "6.6.6.6, nonsense", "10.0.0.1"),
        ("10.0.0.1", "nonsense, 1.1.1.1", "1.1.1.1"),
        ("10.0.0.1", "10.0.0.7, 10.0.0.2", "10.0.0.7"),
        ("::ffff:10.0.0.1", "2001:db8::1", "2001:db8::1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("", None, "local"),
    ],
)
def test_only_our_proxies_are_believed(peer: str, forwarded: str | None, client: str, settings: Settings) -> None:
    settings.TRUSTED_PROXIES = ["10.0.0.0/8", "::1"]
    assert client_address(request_from(peer, forwarded)) == client


@given(st.text())
def test_without_proxies_of_ours_nothing_forged_changes_anything(forwarded: str) -> None:
    assert client_address(request_from("203.0.113.9", forwarded)) == "203.0.113.9"


def test_a_site_is_an_address_or_a_household() -> None:
    assert site_of("203.0.113.9") == "203.0.113.9"
    assert site_of("2001:db8:0:1::5") == site_of("2001:db8:0:1:ffff::1") == "2001:db8:0:1::/64"
    assert site_of("2001:db8:0:2::5") != site_of("2001:db8:0:1::5")
    assert site_of("local") == "local"
