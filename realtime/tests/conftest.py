"""Somebody with an order."""

import pytest

from accounts.models import User
from accounts.tests.factories import make_user
from orders.models import Order
from orders.tests.factories import make_order
from realtime.tests.client import token_of


@pytest.fixture
def shopper() -> User:
    return make_user()


@pytest.fixture
def order(shopper: User) -> Order:
    return make_order(user=shopper)


@pytest.fixture
def token(shopper: User) -> str:
    return token_of(shopper)
