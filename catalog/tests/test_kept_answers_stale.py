"""Kept answers go stale when what they show changes, and not before."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections, transaction

from catalog.api.viewsets.products import ProductViewSet
from catalog.enums import MovementReason
from catalog.models import Product
from catalog.services import stock
from catalog.services.products import update_product
from catalog.tests.factories import make_product
from catalog.tests.kept import HIT, STORED, read, state
from fantasize.core import caching, limits
from fantasize.core.caching.changes import changes
from fantasize.core.tests import kept
from fantasize.tests.waiting import PATIENCE_SECONDS

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def product() -> Product:
    return make_product(name="Oak lantern")


def test_inside_a_transaction_nothing_is_kept_and_everything_is_seen(product: Product) -> None:
    assert state("/api/v2/products") == STORED
    with transaction.atomic():
        Product.objects.filter(pk=product.pk).update(name="Uncommitted")
        assert b"Uncommitted" in read("/api/v2/products").content
        transaction.set_rollback(True)
    assert b"Uncommitted" not in read("/api/v2/products").content


def test_what_staff_change_shows_at_once_and_what_they_roll_back_never(product: Product) -> None:
    url = f"/api/v2/products/{product.pk}"
    assert read(url).json()["data"]["name"] == "Oak lantern"
    update_product(product=product, changes={"name": "Elm lantern"})
    assert read(url).json()["data"]["name"] == "Elm lantern"
    with transaction.atomic():
        update_product(product=product, changes={"name": "Never"})
        transaction.set_rollback(True)
    assert (read(url).json()["data"]["name"], state(url)) == ("Elm lantern", HIT)


def correct(product: Product, delta: int) -> None:
    stock.correct(product.stock_id, delta=delta, reason=MovementReason.CORRECTION, reference="count", actor="staff")


def test_an_order_makes_only_those_answers_stale_that_show_what_it_takes(product: Product) -> None:
    other = make_product(name="Quiet mug", price="900.00")
    mine, theirs = f"/api/v2/products/{product.pk}", f"/api/v2/products/{other.pk}"
    lists = ["/api/v2/products?max_price=20", "/api/v2/products?min_price=800", "/api/v2/categories"]
    assert [state(url) for url in (mine, theirs, *lists)] == [STORED] * 5
    with transaction.atomic():
        stock.hold({product.stock_id: 3})
    assert read(mine).json()["data"]["available"] == 7
    assert [state(url) for url in (mine, theirs, *lists)] == [HIT, HIT, STORED, HIT, HIT]
    shown = {row["id"]: row["available"] for row in read(lists[0]).json()["data"]}
    assert shown[product.pk] == 7


def test_what_sells_out_or_comes_back_moves_in_every_list(product: Product) -> None:
    url, other = "/api/v2/products?in_stock=true", "/api/v2/products?in_stock=false"

    def listed() -> tuple[bool, bool]:
        return tuple(any(row["id"] == product.pk for row in read(each).json()["data"]) for each in (url, other))  # type: ignore[return-value]

    assert listed() == (True, False)
    correct(product, -9)
    assert (state(other), listed()) == (HIT, (True, False))
    correct(product, -1)
    assert listed() == (False, True)
    correct(product, 1)
    assert listed() == (True, False)


def test_two_hundred_shoppers_at_a_cold_list_compute_it_once(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    calls, original, gate = [], ProductViewSet.list, threading.Barrier(200)

    def count(self: Any, *args: Any, **kwargs: Any) -> Any:
        calls.append(1)
        return original(self, *args, **kwargs)

    monkeypatch.setattr(ProductViewSet, "list", count)
    # However slow two hundred threads are here: nobody loses patience and computes for themselves.
    monkeypatch.setattr("fantasize.core.caching.storage.PATIENCE_SECONDS", 60.0)

    def ask(_: int) -> int:
        gate.wait(PATIENCE_SECONDS)
        try:
            return int(read("/api/v2/products").status_code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(200) as pool:
        assert list(pool.map(ask, range(200))) == [200] * 200
    assert len(calls) == 1


@pytest.fixture
def dead_redis(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    yield lambda: kept.take_redis_away(monkeypatch)
    caching.breaker.open_until = limits.breaker.open_until = 0.0


def test_without_redis_answers_are_right(product: Product, dead_redis: Callable[[], None]) -> None:
    url = f"/api/v2/products/{product.pk}"
    assert [state(url), state(url)] == [STORED, HIT]
    dead_redis()
    changes._read_at = float("-inf")
    for name in ("Elm lantern", "Ash lantern"):
        update_product(product=Product.objects.get(pk=product.pk), changes={"name": name})
        assert [read(url).json()["data"]["name"] for _ in range(2)] == [name, name]
