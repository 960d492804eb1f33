from typing import Any

import psycopg
import pytest
from django.db import connection
from django.test import Client
from pytest_django import Settings

pytestmark = pytest.mark.django_db

NOWHERE = "redis://127.0.0.1:1/0"


def statuses(body: dict[str, Any]) -> dict[str, str]:
    return {name: dependency["status"] for name, dependency in body["dependencies"].items()}


def lose_postgresql(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: Any) -> None:
        raise psycopg.OperationalError("connection refused at /secret/path")

    monkeypatch.setattr("psycopg.connect", refuse)


@pytest.mark.parametrize("slash", ["", "/"])
def test_all_is_well(client: Client, slash: str) -> None:
    response = client.get(f"/health{slash}")
    body = response.json()
    assert (response.status_code, body["status"]) == (200, "ok")
    assert statuses(body) == {"postgresql": "ok", "migrations": "ok", "redis": "ok"}
    assert all(dependency["latency_ms"] >= 0 for dependency in body["dependencies"].values())
    assert "no-store" in response["Cache-Control"]
    assert client.get(f"/health/ready{slash}").status_code == 200
    assert client.get(f"/health/live{slash}").json() == {"status": "ok"}


def test_without_redis_the_shop_is_degraded_and_ready(client: Client, settings: Settings) -> None:
    settings.REDIS_URL = NOWHERE
    body = client.get("/health").json()
    assert (body["status"], statuses(body)["redis"]) == ("degraded", "down")
    ready = client.get("/health/ready")
    assert (ready.status_code, ready.json()["status"]) == (200, "degraded")


def test_a_shop_that_has_no_redis_misses_none(client: Client, settings: Settings) -> None:
    settings.REDIS_URL = None
    body = client.get("/health").json()
    assert (body["status"], statuses(body)["redis"]) == ("ok", "not_configured")


def test_without_postgresql_it_is_not_ready_but_alive(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    lose_postgresql(monkeypatch)
    response = client.get("/health")
    assert response.status_code == 503
    assert statuses(response.json()) == {"postgresql": "down", "migrations": "down", "redis": "ok"}
    assert b"secret" not in response.content
    assert client.get("/health/ready").status_code == 503
    assert client.get("/health/live").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_with_a_migration_missing_it_is_not_ready(client: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM django_migrations WHERE app = 'core' AND name ~ '^0001' RETURNING app, name, applied"
        )
        removed = cursor.fetchone()
    try:
        response = client.get("/health/ready")
        assert (response.status_code, response.json()["status"]) == (503, "down")
    finally:
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO django_migrations (app, name, applied) VALUES (%s, %s, %s)", removed)
    assert client.get("/health/ready").status_code == 200


def test_instances_can_be_told_apart(client: Client) -> None:
    body = client.get("/instance-info").json()
    assert set(body) == {"instance", "pid", "version", "python", "started_at", "uptime_seconds"}
    assert body["uptime_seconds"] >= 0
    assert client.post("/instance-info").status_code == 405
