"""Prices by the clock: what is shown is exact to the second, and the column follows."""

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob

from catalog.caching import products as product_cache
from catalog.models import Category, Offer, Package, Product
from catalog.selectors import prices as selectors
from catalog.selectors.prices import attach, next_border
from catalog.services import price_invariants, prices
from catalog.services.offers import remove_offer, update_offer
from catalog.services.products import update_product
from catalog.tasks import prices as tasks
from catalog.tests.factories import make_offer, make_package, make_product
from fantasize.core import clock, invariants
from fantasize.core.tests.planting import plant

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _at_noon() -> Any:
    with clock.frozen_at(NOON):
        yield


def shown(row: Product | Package, at: datetime = NOON) -> tuple[str, str]:
    """What a row costs at a moment, and by which offer."""
    fresh: Any = type(row)._default_manager.get(pk=row.pk)
    attach([fresh], at=at)
    current = fresh.current_price
    return str(current.price), current.offer.name if current.offer else ""


def column(row: Product | Package) -> tuple[str, datetime | None]:
    fresh = type(row)._default_manager.get(pk=row.pk)
    return str(fresh.price), fresh.price_changes_at


def jobs(task: str) -> list[datetime | None]:
    found = ProcrastinateJob.objects.filter(task_name=task).order_by("scheduled_at")
    return list(found.values_list("scheduled_at", flat=True))


@pytest.fixture
def garden() -> dict[str, Category]:
    rows: dict[str, Category] = {}
    for name, parent in (("Garden", None), ("Lights", "Garden"), ("Lanterns", "Lights"), ("Kitchen", None)):
        rows[name] = Category.objects.create(name=name, slug=name.lower(), parent=rows.get(parent or ""))
    return rows


@pytest.mark.parametrize(
    ("at", "price"),
    [
        (-SECOND, "10.00"),
        (timedelta(0), "8.00"),
        (HOUR - SECOND, "8.00"),
        (HOUR, "10.00"),
        (HOUR + SECOND, "10.00"),
    ],
)
def test_a_price_is_exact_at_the_borders_of_its_offer(at: timedelta, price: str) -> None:
    product = make_product(price="10.00")
    make_offer(percent="20", products=[product.pk], starts_at=NOON, ends_at=NOON + HOUR)
    assert shown(product, NOON + at)[0] == price


def test_the_best_of_overlapping_offers_applies_and_never_two() -> None:
    product = make_product(price="10.00")
    make_offer(name="First", percent="10", products=[product.pk], ends_at=NOON + 2 * HOUR)
    make_offer(name="Second", amount="3.00", products=[product.pk], starts_at=NOON + HOUR, ends_at=NOON + 3 * HOUR)
    make_offer(name="Off", percent="90", products=[product.pk], is_active=False)
    seen = [shown(product, NOON + hours * HOUR) for hours in range(4)]
    assert seen == [("9.00", "First"), ("7.00", "Second"), ("7.00", "Second"), ("10.00", "")]


def test_an_offer_on_a_category_is_on_everything_below_it(garden: dict[str, Category]) -> None:
    deep, beside = make_product(category=garden["Lanterns"]), make_product(category=garden["Kitchen"])
    bare = make_product()
    box = make_package(bare, own_price=Decimal("20.00"), category=garden["Lights"])
    make_offer(name="Garden", percent="50", categories=[garden["Garden"].pk])
    assert [shown(each)[0] for each in (deep, beside, bare, box)] == ["5.00", "10.00", "10.00", "10.00"]
    assert [column(each)[0] for each in (deep, beside, bare, box)] == ["5.00", "10.00", "10.00", "10.00"]
    make_offer(name="Lanterns", percent="60", categories=[garden["Lanterns"].pk])
    assert shown(deep) == ("4.00", "Lanterns")
    assert column(deep)[0] == "4.00"


def test_an_offer_on_a_package_leaves_its_parts_alone_and_the_other_way_round() -> None:
    part = make_product(price="10.00")
    box = make_package((part, 2), own_price=Decimal("18.00"))
    make_offer(name="Box", amount="3.00", packages=[box.pk])
    make_offer(name="Part", percent="50", products=[part.pk])
    assert shown(box) == ("15.00", "Box")
    assert shown(part) == ("5.00", "Part")
    assert (column(box)[0], column(part)[0]) == ("15.00", "5.00")


def test_amounts_are_read_in_the_minor_unit() -> None:
    product = make_product()
    make_offer(amount="2.5", products=[product.pk])
    attach([product], at=NOON)
    assert product.current_price.offer
    assert str(product.current_price.offer.amount) == "2.50"


def test_a_page_costs_two_queries_however_long_it_is(garden: dict[str, Category]) -> None:
    products = [make_product(category=garden["Lanterns"]) for _ in range(5)]
    for product in products:
        make_offer(percent="10", products=[product.pk], categories=[garden["Garden"].pk])
    for rows in ([products[0]], products):
        with CaptureQueriesContext(connection) as captured:
            attach(rows, at=NOON)
        assert len(captured) == 2
    with CaptureQueriesContext(connection) as captured:
        attach([], at=NOON)
    assert len(captured) == 0


def test_the_column_follows_at_each_border() -> None:
    product = make_product(price="10.00")
    make_offer(percent="20", products=[product.pk], starts_at=NOON + HOUR, ends_at=NOON + 2 * HOUR)
    assert column(product) == ("10.00", NOON + HOUR)
    assert jobs(prices.REFRESH_DUE_TASK) == [NOON + HOUR]
    steps = []
    for at in (HOUR - SECOND, HOUR, HOUR, 2 * HOUR - SECOND, 2 * HOUR, 3 * HOUR):
        with clock.frozen_at(NOON + at):
            tasks.refresh_due_prices()
            assert price_invariants.count_stale() == 0
        steps.append(column(product))
    assert steps == [
        ("10.00", NOON + HOUR),
        ("8.00", NOON + 2 * HOUR),
        ("8.00", NOON + 2 * HOUR),
        ("8.00", NOON + 2 * HOUR),
        ("10.00", None),
        ("10.00", None),
    ]


def test_the_worker_is_told_of_the_next_border_alone_and_goes_on_by_itself() -> None:
    product = make_product()
    for hours in (3, 1, 2, 1):
        make_offer(percent="5", products=[product.pk], starts_at=NOON + hours * HOUR)
    assert jobs(prices.REFRESH_DUE_TASK) == [NOON + HOUR, NOON + 3 * HOUR]
    make_offer(percent="5", starts_at=NOON - HOUR, ends_at=NOON)
    assert len(jobs(prices.REFRESH_DUE_TASK)) == 2
    told = []
    for hours in (1, 2, 3):
        ProcrastinateJob.objects.all().delete()
        with clock.frozen_at(NOON + hours * HOUR):
            tasks.refresh_due_prices()
        told.append(jobs(prices.REFRESH_DUE_TASK))
    assert told == [[NOON + 2 * HOUR], [NOON + 3 * HOUR], []]


def test_a_border_that_passes_while_prices_are_computed_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    product, compute = make_product(price="10.00"), prices.save_prices
    box = make_package(product, own_price=Decimal("8.00"))
    make_offer(percent="50", products=[product.pk], starts_at=NOON + 3 * HOUR / 2)

    def slow(rows: Any) -> int:
        changed = compute(rows)
        clocks.enter_context(clock.frozen_at(clock.now() + HOUR))
        return changed

    monkeypatch.setattr(prices, "save_prices", slow)
    with ExitStack() as clocks:
        make_offer(percent="50", packages=[box.pk], starts_at=NOON + HOUR / 2)
        assert jobs(prices.REFRESH_DUE_TASK) == [NOON + HOUR / 2, NOON + 3 * HOUR / 2]
        ProcrastinateJob.objects.all().delete()
        tasks.refresh_due_prices()
        assert clock.now() == NOON + 2 * HOUR
    assert (column(product), column(box)) == (("10.00", NOON + 3 * HOUR / 2), ("4.00", None))
    assert jobs(prices.REFRESH_DUE_TASK) == [NOON + 3 * HOUR / 2]


def test_what_is_due_is_refreshed_batch_by_batch_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prices, "BATCH", 2)
    products = [make_product(price="10.00") for _ in range(5)]
    box = make_package(products[0], own_price=Decimal("8.00"))
    ids = [product.pk for product in products]
    make_offer(percent="50", products=ids, packages=[box.pk], starts_at=NOON + HOUR)
    with clock.frozen_at(NOON + HOUR):
        assert tasks.refresh_missed_prices(0) == 6
        assert tasks.refresh_missed_prices(0) == 0
    assert {column(product)[0] for product in products} == {"5.00"}
    assert column(box)[0] == "4.00"


def test_a_border_makes_cached_orderings_stale(
    django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    product = make_product()
    make_offer(percent="50", products=[product.pk], starts_at=NOON + HOUR)
    told: list[bool] = []
    monkeypatch.setattr(product_cache, "invalidate_on_commit", lambda: told.append(True))
    tasks.refresh_due_prices()
    assert told == []
    with clock.frozen_at(NOON + HOUR):
        tasks.refresh_due_prices()
    assert told == [True]


def test_every_price_can_be_computed_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prices, "BATCH", 2)
    products = [make_product(price="10.00") for _ in range(5)]
    make_offer(percent="50", products=[product.pk for product in products])
    plant("catalog_product", "UPDATE catalog_product SET price = 9, price_changes_at = %s", [NOON + HOUR])
    assert price_invariants.count_stale() == 5
    assert tasks.reconcile_prices(0) == 5
    assert tasks.refresh_all_prices() == 0
    assert {column(product) for product in products} == {("5.00", None)}
    assert price_invariants.count_stale() == 0


def test_a_new_list_price_or_category_has_its_offers(garden: dict[str, Category]) -> None:
    make_offer(percent="50", categories=[garden["Garden"].pk])
    product = make_product(price="10.00", category=garden["Lanterns"])
    assert column(product)[0] == "5.00"
    update_product(product=product, changes={"list_price": Decimal("30.00")})
    assert column(product)[0] == "15.00"
    update_product(product=product, changes={"category": garden["Kitchen"]})
    assert column(product)[0] == "30.00"


def test_the_second_calculation_agrees_and_notices_what_is_wrong(garden: dict[str, Category]) -> None:
    products = [make_product(price="9.99", category=garden["Lanterns"]), make_product(price="0.05")]
    box = make_package(products[0], own_price=Decimal("7.77"), category=garden["Lights"])
    make_offer(percent="33.33", categories=[garden["Garden"].pk], ends_at=NOON + HOUR)
    make_offer(amount="7.50", products=[product.pk for product in products], packages=[box.pk])
    make_offer(percent="99", products=[products[0].pk], starts_at=NOON + 2 * HOUR)
    assert invariants.violations()["prices.column_follows_offers"] == 0
    plant("catalog_product", "UPDATE catalog_product SET price = 0.01 WHERE id = %s", [products[0].pk])
    plant("catalog_package", "UPDATE catalog_package SET price_changes_at = NULL WHERE id = %s", [box.pk])
    assert invariants.violations()["prices.column_follows_offers"] == 2
    plant("catalog_product", "UPDATE catalog_product SET price_changes_at = %s WHERE id = %s", [NOON, products[0].pk])
    assert invariants.violations()["prices.column_follows_offers"] == 1
    prices.refresh_all_later()
    assert invariants.violations()["prices.column_follows_offers"] == 0


@pytest.mark.django_db(transaction=True)
def test_no_answer_may_outlive_the_next_border() -> None:
    product = make_product()
    assert next_border(NOON) is None
    offer = make_offer(percent="5", products=[product.pk], starts_at=NOON + HOUR, ends_at=NOON + 2 * HOUR)
    assert next_border(NOON) == NOON + HOUR
    with CaptureQueriesContext(connection) as captured:
        assert next_border(NOON + HOUR - SECOND) == NOON + HOUR
        assert next_border(NOON + HOUR) == NOON + 2 * HOUR
        assert next_border(NOON + 2 * HOUR) is None
    assert len(captured) == 0
    update_offer(offer=offer, changes={"is_active": False})
    assert next_border(NOON) is None


@pytest.mark.django_db(transaction=True)
def test_more_borders_than_are_kept_are_all_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selectors, "_BORDERS", 2)
    for hours in (1, 2, 3):
        make_offer(percent="5", starts_at=NOON + hours * HOUR)
    assert [next_border(NOON + hours * HOUR) for hours in range(4)] == [
        NOON + HOUR,
        NOON + 2 * HOUR,
        NOON + 3 * HOUR,
        None,
    ]


def test_an_offer_that_is_removed_leaves_the_list_price() -> None:
    product = make_product(price="10.00")
    offer = make_offer(percent="20", products=[product.pk], ends_at=NOON + HOUR)
    assert column(product) == ("8.00", NOON + HOUR)
    remove_offer(offer=offer)
    assert column(product) == ("10.00", None)
    assert not Offer.objects.exists()
