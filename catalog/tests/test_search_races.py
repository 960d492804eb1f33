"""Search documents that several people change at once: rows are locked in one order, whoever writes them."""

import threading
from collections.abc import Callable, Collection
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from catalog.models import Category, Package, Product
from catalog.search import POSTGRES
from catalog.selectors.search import search_products
from catalog.services import search, taxonomy
from catalog.services.products import update_product
from catalog.tests.factories import make_package, make_product
from catalog.tests.races import at_once
from fantasize.tests.waiting import PATIENCE_SECONDS, wait_until

pytestmark = pytest.mark.django_db(transaction=True)


def somebody_waits() -> bool:
    """Whether a transaction waits for what this thread's transaction has locked."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"
        )
        waiting: int = cursor.fetchone()[0]
    return waiting > 0


class Halfway:
    """Has who works in one thread stop there until somebody else waits for what it has locked."""

    def __init__(self) -> None:
        self._is_there = threading.Event()
        self._first: int | None = None

    def stop(self) -> None:
        """Here is halfway."""
        if not self._is_there.is_set() and threading.get_ident() == self._first:
            self._is_there.set()
            wait_until(somebody_waits, "somebody who wants the same row")

    def race(self, first: Callable[[], Any], then: Callable[[], Any]) -> list[Any]:
        """What went wrong when ``then`` began while ``first`` was halfway."""

        def begin() -> Any:
            self._first = threading.get_ident()
            return first()

        def follow() -> Any:
            assert self._is_there.wait(PATIENCE_SECONDS)
            return then()

        return [each for each in at_once(begin, follow) if isinstance(each, Exception)]


@pytest.fixture
def lamps() -> Category:
    """A category with a package in it, and with a part of a younger package that is elsewhere."""
    category = taxonomy.create_category(values={"name": "Lamps"})
    candle, lamp = make_product(name="Candle"), make_product(name="Lamp", category=category)
    make_package(candle, name="Evening", category=category)
    make_package(candle, lamp, name="Night")
    return category


@pytest.fixture
def behind_a_package(monkeypatch: pytest.MonkeyPatch) -> Halfway:
    """Halfway is behind the first packages whose documents are written."""
    halfway, index = Halfway(), POSTGRES.index

    def stop_behind(_: Any, *, products: Collection[int], packages: Collection[int]) -> None:
        index(products=products, packages=packages)
        if packages:
            halfway.stop()

    monkeypatch.setattr(type(POSTGRES), "index", stop_behind)
    return halfway


@pytest.fixture
def behind_the_slug(monkeypatch: pytest.MonkeyPatch) -> Halfway:
    """Halfway is behind the category's own row."""
    halfway, save = Halfway(), taxonomy._save

    def stop_behind(category: Category) -> None:
        save(category)
        halfway.stop()

    monkeypatch.setattr(taxonomy, "_save", stop_behind)
    return halfway


@pytest.fixture
def unlocked(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is in a category is not locked before its own row is written."""
    monkeypatch.setattr(taxonomy, "_lock_all", lambda rows: list(rows.values_list("pk", flat=True)))


@pytest.fixture
def by_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    """Packages that hold a category's products come first, and then those that are in it."""
    refresh = search.refresh

    def one_after_another(*, products: Any = (), packages: Any = (), **more: Any) -> None:
        refresh(products=products, **more)
        refresh(packages=packages, **more)

    monkeypatch.setattr(search, "refresh", one_after_another)


def rename(category: Category) -> None:
    taxonomy.update_category(category=category, changes={"name": "Lights", "slug": "lights"})


def reprice() -> None:
    update_product(product=Product.objects.get(name="Candle"), changes={"list_price": Decimal(3)})


def move_up(category: Category) -> None:
    update_product(product=Product.objects.get(name="Bulb"), changes={"category": category})


def test_a_category_with_parts_and_packages_locks_all_packages_in_order(
    lamps: Category, behind_a_package: Halfway
) -> None:
    assert behind_a_package.race(lambda: rename(lamps), reprice) == []
    assert set(Package.objects.values_list("list_price", flat=True)) == {Decimal(3), Decimal(13)}
    assert search_products(Product.objects.all(), "lights").get().name == "Lamp"
    assert {row.name for row in search_products(Package.objects.all(), "lights")} == {"Evening"}


@pytest.mark.usefixtures("unlocked", "by_kind")
def test_with_one_call_after_another_they_wait_for_each_other(lamps: Category, behind_a_package: Halfway) -> None:
    """The negative control."""
    (lost,) = behind_a_package.race(lambda: rename(lamps), reprice)
    assert "deadlock detected" in str(lost)


def test_what_moves_within_a_category_waits_for_it(lamps: Category, behind_the_slug: Halfway) -> None:
    """Who puts a product into a category wants that category's key when they commit, and has the product by then."""
    make_product(name="Bulb", category=taxonomy.create_category(values={"name": "Spares", "parent": lamps}))
    assert behind_the_slug.race(lambda: rename(lamps), lambda: move_up(lamps)) == []
    assert {row.name for row in search_products(Product.objects.all(), "lights")} == {"Bulb", "Lamp"}


@pytest.mark.usefixtures("unlocked")
def test_without_the_locks_each_waits_for_the_other(lamps: Category, behind_the_slug: Halfway) -> None:
    """The negative control."""
    make_product(name="Bulb", category=taxonomy.create_category(values={"name": "Spares", "parent": lamps}))
    (lost,) = behind_the_slug.race(lambda: rename(lamps), lambda: move_up(lamps))
    assert "deadlock detected" in str(lost)
