"""What many tests of orders begin with, built once for a file: each test has copies, and its savepoint in one world."""

from collections.abc import Callable

import pytest

from catalog.tests.factories import make_product
from fantasize.tests.managers import built_manager, manager
from fantasize.tests.standing import Standing
from orders.models import Order, PaymentSession
from orders.tests.factories import make_order
from orders.tests.payment_shop import make_unpaid, open_page

__all__ = ["built_manager", "manager"]


@pytest.fixture(scope="module")
def built_pending(standing: Standing) -> Callable[[], Order]:
    """Builds ``pending``."""
    return standing(make_order)


@pytest.fixture
def pending(built_pending: Callable[[], Order]) -> Order:
    """A pending order, to be paid in cash."""
    return built_pending()


@pytest.fixture(scope="module")
def built_unpaid(standing: Standing) -> Callable[[], Order]:
    """Builds ``unpaid``."""
    return standing(make_unpaid)


@pytest.fixture
def unpaid(built_unpaid: Callable[[], Order]) -> Order:
    """A pending order, to be paid on a page."""
    return built_unpaid()


@pytest.fixture(scope="module")
def built_unpaid_page(standing: Standing) -> Callable[[], PaymentSession]:
    """Builds ``unpaid_page``."""
    return standing(lambda: open_page(make_unpaid(product=make_product(price="20.00"))))


@pytest.fixture
def unpaid_page(built_unpaid_page: Callable[[], PaymentSession]) -> PaymentSession:
    """The open page of a pending order of 20.00."""
    return built_unpaid_page()
