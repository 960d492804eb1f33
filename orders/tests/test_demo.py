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
from django.db.models import F
from django.test import override_settings
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import DjangoDbBlocker

from accounts.enums import Role
from accounts.models import User
from accounts.services import login
from accounts.services.sessions import Device
from catalog.enums import ReviewState, StockStatus
from catalog.models import (
    Brand,
    Category,
    Coupon,
    Offer,
    Package,
    PriceBreak,
    Product,
    ProductMaterial,
    ProductMedia,
    Review,
    Tag,
)
from catalog.tests.factories import make_product
from customizations.models import CustomizationTemplate
from fantasize.core import clock, invariants
from fantasize.core.models import DomainEvent
from fantasize.tests.client import ApiClient
from orders.models import Order, OrderLine
from orders.services import demo, demo_media, demo_templates, demo_words
from orders.services.demo import DemoAccount
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
    with (
        django_db_blocker.unblock(),
        override_settings(DATA_DIR=home / "data", MEDIA_ROOT=home / "media"),
        transaction.atomic(),
    ):
        assert str(file) in seed()
        yield home
        transaction.set_rollback(True)


@pytest.fixture
def undone(shop: Path, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The same shop for a test that changes it."""
    with transaction.atomic():
        yield
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


def test_everything_is_made_of_something_and_made_cheaper_somewhere(shop: Path) -> None:
    assert set(Product.objects.filter(material_shares=None)) == set()
    assert ProductMaterial.objects.values("material").distinct().count() >= 8
    assert set(Tag.objects.filter(products=None)) == set()
    now = clock.now()
    assert Offer.objects.filter(starts_at__lte=now, ends_at__gt=now).count() == 4
    assert Offer.objects.filter(starts_at__gt=now).count() == Offer.objects.filter(ends_at__lt=now).count() == 1
    cheaper = Product.objects.filter(price__lt=F("list_price"))
    assert set(cheaper.values_list("category__name", flat=True)) == {"Home & cushions", "Stationery", "Bags & leather"}
    assert PriceBreak.objects.count() == 7
    assert Coupon.objects.count() == 2


def test_packages_cost_less_than_their_parts(shop: Path) -> None:
    assert Package.objects.count() == len(demo_words.PACKAGES) >= 8
    assert not Package.objects.filter(price__gte=F("parts_total")).exists()
    [row] = [row for row in ApiClient().get("/packages?page_size=100").data if row["name"] == "Away We Go"]
    assert (row["list_price"], row["price"], row["saving"]) == ("219.00", "208.05", "41.95")
    parts = Product.objects.filter(packages=row["id"]).select_related("stock")
    assert row["available"] == min(part.available for part in parts) > 0


def test_buyers_have_spoken_and_some_wait_to_be_heard(shop: Path) -> None:
    states = set(Review.objects.values_list("state", flat=True))
    assert states == {ReviewState.PUBLISHED, ReviewState.PENDING}
    assert Product.objects.filter(rating_count__gt=0).exists()
    assert all(review.created_at <= clock.now() for review in Review.objects.all())


def test_the_pictures_are_left_to_the_worker(shop: Path) -> None:
    assert not ProductMedia.objects.exists()
    assert ProcrastinateJob.objects.filter(task_name=demo_media.HANG_TASK).count() == 1


def test_hanging_goes_on_where_it_was_cut_off(undone: None, tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    bare = Product.objects.filter(name__in=["Memorial Stone", "House Number Tile"])
    Product.objects.exclude(pk__in=bare).update(name=F("sku"))
    Package.objects.exclude(name="Good Dog").update(name=F("sku"))
    assert demo_media.hang() == 3
    assert demo_media.hang() == 0
    assert ProductMedia.objects.filter(product__in=bare).count() == 2
    assert ProductMedia.objects.get(product=None).alt == "Good Dog"
    picture = ProductMedia.objects.get(product__name="Memorial Stone")
    assert (picture.alt, picture.width, picture.height) == ("Memorial Stone", 1000, 1000)


def test_orders_of_a_month_stand_in_every_status_that_services_reach(shop: Path) -> None:
    assert Counter(Order.objects.values_list("status", flat=True)) == {
        "under_review": 1,
        "pending": 8,
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


def test_the_books_are_in_order_at_once(shop: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = shop / "media"
    assert not any(invariants.violations().values())


def test_buyers_are_asked_and_some_have_answered(shop: Path) -> None:
    templates = CustomizationTemplate.objects.filter(state="published")
    asked = [option for template in templates for option in template.schema["options"]]
    assert {option["type"] for option in asked} == {"button", "text", "message", "image"}
    assert set(Product.objects.filter(has_options=True)) == set(Product.objects.filter(template_links__is_live=True))
    assert Package.objects.filter(has_options=True).count() == 3
    lines = OrderLine.objects.exclude(customizations=[])
    assert {line.name for line in lines} == set(demo_templates.ANSWERED)
    assert all(thing["proof"] for line in lines for thing in line.customizations)
    assert [line.order.status for line in lines if line.name == "Pet Portrait in Ink"] == ["under_review"]


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
    def seed_people() -> list[DemoAccount]:
        accounts = [DemoAccount(f"{role}@x.org", "secret", role) for role in (Role.CUSTOMER, Role.MANAGER)]
        assert demo._create_people(accounts).manager == User.objects.get(email="manager@x.org")
        return accounts

    monkeypatch.setattr(demo, "seed_demo", seed_people)
    empty.mkdir(parents=True)
    with pytest.raises(OSError, match="directory"):
        seed()
    assert not User.objects.exists()


def test_every_gift_is_described_once() -> None:
    gifts = [gift for shelf in gifts_by_category().values() for gift in shelf]
    assert len({gift.name for gift in gifts}) == len({gift.description for gift in gifts}) == len(gifts)
