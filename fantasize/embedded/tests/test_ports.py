import socket

import pytest

from fantasize.embedded.configuration import Configuration, ServeError
from fantasize.embedded.ports import bind_public, free_private_port


def test_a_taken_port_is_named_with_a_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ServeError, match=rf"^Port {port} is already in use: .* PORT={port + 1}\.$"):
            bind_public("127.0.0.1", port)


def test_two_cannot_bind_one_port_before_either_accepts() -> None:
    listeners = bind_public("127.0.0.1", 0)
    with pytest.raises(ServeError, match="already in use"):
        bind_public("127.0.0.1", listeners[0].getsockname()[1])
    for listener in listeners:
        listener.close()


def test_every_address_of_localhost_gets_the_same_port() -> None:
    listeners = bind_public("localhost", 0)
    assert len({listener.getsockname()[1] for listener in listeners}) == 1
    assert "127.0.0.1" in {listener.getsockname()[0] for listener in listeners}
    for listener in listeners:
        listener.close()


@pytest.mark.parametrize("host", ["203.0.113.7", "no-such-host.invalid"])
def test_a_host_that_is_not_ours_is_refused(host: str) -> None:
    with pytest.raises(ServeError, match=f"HOST={host} is not"):
        bind_public(host, 0)


def test_private_ports_are_free_and_different() -> None:
    first = free_private_port(set())
    with socket.create_server(("127.0.0.1", first)):
        assert first not in {free_private_port(set()) for _ in range(50)}


@pytest.mark.parametrize("port", ["65536", "-1", "80x", "٣"])
def test_a_port_that_is_no_port_is_refused(port: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", port)
    with pytest.raises(ServeError, match=r"^PORT=.* is not a whole number from 0 to 65535\.$"):
        Configuration.read()


def test_the_earlier_name_of_the_port_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PORT", raising=False)
    monkeypatch.setenv("APP_PORT", "5123")
    assert Configuration.read().port == 5123


@pytest.mark.parametrize(
    ("names", "embedded"),
    [
        ({}, ("postgres", "redis")),
        ({"DATABASE_URL": "postgres://x/y"}, ("redis",)),
        ({"DATABASE_HOST": "db", "REDIS_HOST": "cache"}, ()),
        ({"REDIS_URL_FILE": "/run/secrets/redis"}, ("postgres",)),
        ({"DATABASE_URL": ""}, ("postgres", "redis")),
    ],
)
def test_a_url_outranks_embedding(
    names: dict[str, str], embedded: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DATABASE_URL", "REDIS_URL", "DATABASE_HOST", "REDIS_HOST"):
        monkeypatch.delenv(name, raising=False)
    for name, value in names.items():
        monkeypatch.setenv(name, value)
    assert Configuration.read().embedded == embedded


def test_production_does_not_embed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_ENV", "production")
    monkeypatch.setenv("REDIS_URL", "redis://cache")
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("DATABASE_HOST", raising=False)
    with pytest.raises(ServeError, match=r"^DATABASE_URL must be set in production"):
        Configuration.read()


def test_the_children_trust_our_front_and_what_the_owner_trusts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUSTED_PROXIES", "10.0.0.0/8")
    environment = Configuration.read().environment({"DATABASE_URL": "postgres://x/y"}, 5001)
    assert environment["TRUSTED_PROXIES"] == "10.0.0.0/8,127.0.0.1/32,::1/128"
    assert environment["DATABASE_URL"] == "postgres://x/y"
    assert environment["PORT"] == "5001"
