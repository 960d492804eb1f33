"""What devices are called."""

import pytest

from accounts.services import devices


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/130 Safari/537.36", "Chrome on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130 Safari/537.36 Edg/130", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18 Safari/604", "Safari on iPhone"),
        ("Mozilla/5.0 (Linux; Android 15; rv:130.0) Gecko/130.0 Firefox/130.0", "Firefox on Android"),
        ("Firefox/130.0", "Firefox"),
        ("ShopApp/2.1 (build 7)", "ShopApp"),
        ("", "Unknown device"),
    ],
)
def test_devices_are_called_what_people_call_them(user_agent: str, name: str) -> None:
    assert devices.name_of(user_agent) == name


@pytest.mark.parametrize(
    "user_agent",
    [
        "Call +44 20 7946 0000 now",
        "evil.example/1",
        "https://evil.example/",
        "x" * 300,
        "<b>/1",
        "\N{CYRILLIC SMALL LETTER A}/1",
    ],
)
def test_nothing_that_a_stranger_writes_becomes_a_name(user_agent: str) -> None:
    assert devices.name_of(user_agent) == "Unknown device"
