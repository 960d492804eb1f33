"""Negative controls: the shop without one of its protections, while the switch of that name is on."""

import random
from collections.abc import Callable, Iterator
from typing import Any

from django.db import connection

from catalog.errors import OutOfStockError
from catalog.models import StockItem
from catalog.services import stock
from fantasize.core import idempotency
from fantasize.tests.drills import seams
from orders.models import Cart
from orders.services import carts

READS_THEN_WRITES = "reads-then-writes"
TAKES_IN_ANY_ORDER = "takes-in-any-order"
KNOWS_NO_TWINS = "knows-no-twins"
LOCKS_NO_CART = "locks-no-cart"

_TAKE = "UPDATE catalog_stockitem SET held = held + %s WHERE id = %s AND held + %s <= on_hand"


def install() -> None:
    """Put the switches in place."""
    seams.around(stock, "hold", _hold)
    seams.around(idempotency, "_try_lock", _try_lock)
    seams.around(carts, "find_locked", _find_cart)


def _hold(hold: Callable[[stock.Demand], None], demand: stock.Demand) -> None:
    if seams.is_on(READS_THEN_WRITES):
        _read_then_write(demand)
    elif seams.is_on(TAKES_IN_ANY_ORDER):
        _take_in_any_order(demand)
    else:
        hold(demand)


def _read_then_write(demand: stock.Demand) -> None:
    """What every shop writes first."""
    rows = list(StockItem.objects.filter(pk__in=demand.keys()))
    if any(row.available < demand[row.pk] for row in rows):
        raise OutOfStockError({})
    for row in rows:
        StockItem.objects.filter(pk=row.pk).update(held=row.held + demand[row.pk])


def _take_in_any_order(demand: stock.Demand) -> None:
    """Safe for each thing by itself, and a deadlock for two that want the same two things."""
    for item in _shuffled(demand):
        with connection.cursor() as cursor:
            cursor.execute(_TAKE, [demand[item], item, demand[item]])
            if not cursor.rowcount:
                raise OutOfStockError({})


def _shuffled(demand: stock.Demand) -> Iterator[int]:
    yield from random.sample(sorted(demand), len(demand))


def _try_lock(try_lock: Callable[..., bool], *args: Any) -> bool:
    return seams.is_on(KNOWS_NO_TWINS) or try_lock(*args)


def _find_cart(find_locked: Callable[[str], Cart | None], owner: str) -> Cart | None:
    return carts.find(owner) if seams.is_on(LOCKS_NO_CART) else find_locked(owner)
