"""The demonstration shop: lively, in order, private about its passwords, and never in the way of a real one."""

import io
import json
import stat
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from accounts.models import User
from accounts.services import login
from accounts.services.sessions import Device
from catalog.enums import StockStatus
from catalog.models import Brand, Category, Product
from catalog.tests.factories import make_product
from fantasize.core import clock, invariants
from fantasize.core.models import DomainEvent
from orders.models import Order
from orders.services import demo
from orders.services.demo_catalogue import BRANDS, gifts_by_category

ONCE_WRITTEN = "data/demo-accounts.json"


def seed() -> str:
    output = io.StringIO()
    call_command("seed_demo", stdout=output)
    return output.getvalue()


@pytest.fixture(scope="module")
def shop(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """The directory of one seeded shop, which the tests of this module look at and none changes."""
    home = tmp_path_factory.mktemp("shop")
    file = home / ONCE_WRITTEN
    file.parent.mkdir()
    file.write_text("left by an earlier shop")
    file.chmod(0o644)
    with django_db_blocker.unblock(), override_settings(DATA_DIR=home / "data"), transaction.atomic():
        assert str(file) in seed()
        yield home
        transaction.set_rollback(True)


@pytest.fixture
def empty(db: None, tmp_path: Path, settings: Any) -> Path:
    """The accounts file that a shop without anything in it would write."""
    settings.DATA_DIR = tmp_path / "data"
    return tmp_path / ONCE_WRITTEN


def test_the_shop_is_full_of_gifts(shop: Path) -> None:
    assert Category.objects.count() == 8
    assert Product.objects.count() >= 60
    assert Brand.objects.count() == len(BRANDS)
    assert min(len(product.description) for product in Product.objects.all()) > 40
    assert {product.status for product in Product.objects.select_related("stock")} == set(StockStatus)
    assert Product.objects.filter(search="engraved").count() > 5


def test_orders_of_a_month_stand_in_every_status_that_services_reach(shop: Path) -> None:
    assert Counter(Order.objects.values_list("status", flat=True)) == {
        "pending": 6,
        "processing": 6,
        "processed": 4,
        "shipped": 6,
        "delivered": 13,
        "cancelled": 3,
        "returned": 2,
    }
    placed = list(Order.objects.order_by("number").values_list("placed_at", flat=True))
    assert placed == sorted(placed)
    assert 7 < (clock.now() - placed[0]).days <= 30
    assert all(event.occurred_at <= clock.now() for event in DomainEvent.objects.all())


def test_the_books_are_in_order_at_once(shop: Path) -> None:
    assert not any(invariants.violations().values())


def test_each_role_can_sign_in_with_what_only_the_owner_can_read(shop: Path) -> None:
    file = shop / ONCE_WRITTEN
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    accounts = json.loads(file.read_text())
    assert [account["role"] for account in accounts] == ["customer", "manager", "administrator"]
    assert len({account["password"] for account in accounts}) == 3
    for account in accounts:
        assert len(account["password"]) >= 16
        user = User.objects.get(email=account["email"])
        assert login.check_password(identifier=user.email, password=account["password"], device=Device()) == user
        assert (user.role, user.email_verified_at is not None) == (account["role"], True)


def test_seeding_twice_is_seeding_once(shop: Path) -> None:
    written, orders = (shop / ONCE_WRITTEN).read_text(), Order.objects.count()
    assert "nothing was changed" in seed()
    assert ((shop / ONCE_WRITTEN).read_text(), Order.objects.count()) == (written, orders)


@pytest.mark.parametrize("make", [make_product, lambda: User.objects.create_user("ada@example.com")])
def test_a_shop_that_has_anything_is_left_alone(empty: Path, make: Callable[[], object]) -> None:
    make()
    assert "nothing was changed" in seed()
    assert Product.objects.count() + User.objects.count() == 1
    assert not empty.exists()


def test_a_production_shop_gets_none(empty: Path, settings: Any) -> None:
    settings.IS_PRODUCTION = True
    with pytest.raises(CommandError, match="production"):
        seed()
    assert not Product.objects.exists()
    assert not empty.exists()


def test_accounts_that_cannot_be_written_are_not_made(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "_ENDS", ())
    empty.mkdir(parents=True)
    with pytest.raises(OSError, match="directory"):
        seed()
    assert not User.objects.exists()


def test_every_gift_is_described_once() -> None:
    gifts = [gift for shelf in gifts_by_category().values() for gift in shelf]
    assert len({gift.name for gift in gifts}) == len({gift.description for gift in gifts}) == len(gifts)
