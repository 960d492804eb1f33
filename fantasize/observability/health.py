"""Is what we depend on there, and how fast does it answer."""

import enum
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import psycopg
import redis
from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from redis.backoff import NoBackoff
from redis.retry import Retry

_TIMEOUT_SECONDS = 2


class Status(enum.StrEnum):
    """How a dependency, or the shop as a whole, is."""

    OK = "ok"
    DEGRADED = "degraded"
    DOWN = "down"
    NOT_CONFIGURED = "not_configured"


@dataclass(frozen=True, slots=True)
class Dependency:
    """One thing the shop needs.

    Attributes:
        name: ``postgresql``, ``migrations`` or ``redis``.
        status: how it is.
        latency_ms: how long it took to answer, or to fail.
        is_vital: whether the shop cannot serve without it.
    """

    name: str
    status: Status
    latency_ms: float
    is_vital: bool


def check_dependencies() -> list[Dependency]:
    """Ask all of them now; a dead one costs its time-out of two seconds."""
    database = _measure("postgresql", _ask_database, is_vital=True)
    if database.status is Status.DOWN:
        migrations = Dependency("migrations", Status.DOWN, 0.0, is_vital=True)
    else:
        migrations = _measure("migrations", _ask_migrations, is_vital=True)
    return [database, migrations, _measure("redis", _ask_redis, is_vital=False)]


def overall(dependencies: list[Dependency]) -> Status:
    """Down without something vital, degraded without anything else that it should have."""
    down = [dependency for dependency in dependencies if dependency.status is Status.DOWN]
    if any(dependency.is_vital for dependency in down):
        return Status.DOWN
    return Status.DEGRADED if down else Status.OK


def _measure(name: str, ask: Callable[[], Status], *, is_vital: bool) -> Dependency:
    started = time.perf_counter()
    try:
        status = ask()
    except (psycopg.Error, redis.RedisError, OSError):
        status = Status.DOWN
    return Dependency(name, status, round((time.perf_counter() - started) * 1000, 1), is_vital)


def _ask_database() -> Status:
    _query("SELECT 1")
    return Status.OK


def _ask_migrations() -> Status:
    applied = {(app, name) for app, name in _query("SELECT app, name FROM django_migrations")}
    return Status.OK if _known_migrations() <= applied else Status.DOWN


def _ask_redis() -> Status:
    if not settings.REDIS_URL:
        return Status.NOT_CONFIGURED
    _redis(settings.REDIS_URL).ping()
    return Status.OK


def _query(sql: str) -> list[tuple[str, str]]:
    """Ask on a connection of its own: a pool that is merely busy is not down, and one that is down answers late."""
    parameters = {
        **connection.get_connection_params(),
        "connect_timeout": _TIMEOUT_SECONDS,
        "options": f"-c statement_timeout={_TIMEOUT_SECONDS}s",
        "autocommit": True,
    }
    for ours in ("cursor_factory", "context", "prepare_threshold", "server_side_binding", "pool"):
        parameters.pop(ours, None)
    with psycopg.connect(**parameters) as direct:
        return direct.execute(sql).fetchall()


@lru_cache(maxsize=1)
def _known_migrations() -> frozenset[tuple[str, str]]:
    """The migrations that this code needs; those that a squashed one replaces count as that one."""
    return frozenset(MigrationLoader(None).graph.nodes)


@lru_cache(maxsize=2)
def _redis(url: str) -> redis.Redis:
    return redis.Redis.from_url(
        url, socket_timeout=_TIMEOUT_SECONDS, socket_connect_timeout=_TIMEOUT_SECONDS, retry=Retry(NoBackoff(), 0)
    )
