"""Somebody with an order, and a Redis that may be killed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from accounts.models import User
from accounts.tests.factories import make_user
from fantasize.embedded.redis import ensure_redis, stop_redis
from orders.models import Order
from orders.tests.factories import make_order
from realtime.tests.client import token_of
from realtime.tests.redis_servers import use_redis


@pytest.fixture
def shopper() -> User:
    return make_user()


@pytest.fixture
def order(shopper: User) -> Order:
    return make_order(user=shopper)


@pytest.fixture
def token(shopper: User) -> str:
    return token_of(shopper)


@pytest.fixture
def own_redis(tmp_path: Path, settings: Settings) -> Iterator[Path]:
    """A Redis that may be killed; the channel layer is in it."""
    url = ensure_redis(tmp_path)
    assert url
    use_redis(settings, url)
    yield tmp_path
    stop_redis(tmp_path)
