"""Keeps what things cost now in a column that lists can filter and order by.

The column may lag a moment behind; what somebody is shown or charged is computed from the offers themselves.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from procrastinate.contrib.django import app as queue

from catalog.caching import products as product_cache
from catalog.models import Package, Product
from catalog.pricing import current_price, next_change
from catalog.selectors.prices import Sellables, coming_borders, offers_for
from fantasize.core import clock

REFRESH_DUE_TASK = "catalog.tasks.prices.refresh_due_prices"
REFRESH_ALL_TASK = "catalog.tasks.prices.refresh_all_prices"
BATCH = 1000
# What a recomputation reads; the other columns, descriptions among them, stay in the database.
_COLUMNS = ("pk", "list_price", "price", "price_changes_at", "category_id")

_STORE = {
    Product: """
        UPDATE catalog_product AS row SET price = new.price, price_changes_at = new.price_changes_at
          FROM unnest(%s::bigint[], %s::numeric[], %s::timestamptz[]) AS new (id, price, price_changes_at)
         WHERE row.id = new.id
    """,
    Package: """
        UPDATE catalog_package AS row SET price = new.price, price_changes_at = new.price_changes_at
          FROM unnest(%s::bigint[], %s::numeric[], %s::timestamptz[]) AS new (id, price, price_changes_at)
         WHERE row.id = new.id
    """,
}

_WAITING = """
    SELECT id FROM procrastinate_jobs
     WHERE task_name = %s AND status = 'todo' AND coalesce(scheduled_at, '-infinity') <= %s
     LIMIT 1 FOR KEY SHARE SKIP LOCKED
"""


def set_prices(rows: Sellables, *, at: datetime | None = None) -> None:
    """Set ``price`` and ``price_changes_at`` of rows that are about to be saved; one query.

    The caller holds the rows' locks, so that no offer that is committed meanwhile goes unseen.
    """
    if not rows:
        return
    moment = at or clock.now()
    offers = offers_for(rows, at=moment)
    for row in rows:
        mine = offers[row.pk]
        row.price = current_price(row.list_price, mine, (), at=moment, currency=settings.SHOP_CURRENCY).price
        row.price_changes_at = next_change(mine, at=moment)


def save_prices(rows: Sellables) -> int:
    """Compute the prices of stored rows anew, store those that changed, and return how many did. Two queries.

    The caller holds the rows' locks.
    """
    changed = _recompute(rows)
    if changed:
        columns = zip(*((row.pk, row.price, row.price_changes_at) for row in changed), strict=True)
        with connection.cursor() as cursor:
            cursor.execute(_STORE[type(changed[0])], [list(column) for column in columns])
    return len(changed)


@transaction.atomic
def refresh_prices(*, products: Collection[int] = (), packages: Collection[int] = ()) -> int:
    """Compute the prices of these rows anew and return how many changed; flat memory however many there are.

    Locks them by primary key, products first.
    """
    return sum(_refresh(model, ids) for model, ids in ((Product, products), (Package, packages)) if ids)


def refresh_due_prices() -> int:
    """Compute anew what some offer's beginning or end has made stale; returns how many prices changed.

    Each batch is a transaction of its own, so that a repetition goes on where a killed one stopped. Then the worker is
    to look again when the next offer begins or ends, or at once if one has meanwhile.
    """
    begun = clock.now()
    changed = sum(_refresh_due(model) for model in (Product, Package))
    refresh_due_at(coming_borders(begun, most=1))
    return changed


def refresh_all_prices() -> int:
    """Compute every price anew, batch by batch, and return how many changed."""
    changed = 0
    for model in (Product, Package):
        for ids in _id_batches(model):
            changed += _refresh_batch(model, _stale(model, ids))
    _tell(changed)
    return changed


def refresh_all_later() -> None:
    """Have the worker compute every price anew; the job is part of the caller's transaction.

    One such job waits, however often this is wanted, but for those who want it in the same moment.
    """
    if not _is_waiting(REFRESH_ALL_TASK, clock.now()):
        queue.configure_task(REFRESH_ALL_TASK, lock=REFRESH_ALL_TASK).defer()


def refresh_due_at(moments: Collection[datetime]) -> None:
    """Have the worker look for prices that are due at the first of these moments, in the caller's transaction.

    From then on it sees to the next one by itself: a job for every offer's beginning and end would be looked through
    whenever a worker wants one that it may do.
    """
    soonest = min(moments, default=None)
    if soonest is not None and not _is_waiting(REFRESH_DUE_TASK, soonest):
        queue.configure_task(REFRESH_DUE_TASK, schedule_at=soonest).defer()


def _is_waiting(task: str, until: datetime) -> bool:
    """Whether a job of this task waits that runs by then; it does not begin before the caller's transaction is over.

    So it sees what that one has written. One that a worker is just taking up is none.
    """
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, [task, until])
        return cursor.fetchone() is not None


def _refresh(model: type[Product] | type[Package], ids: Collection[int]) -> int:
    ordered = sorted(ids)
    batches = (ordered[start : start + BATCH] for start in range(0, len(ordered), BATCH))
    changed = sum(_refresh_batch(model, batch) for batch in batches)
    _tell(changed)
    return changed


def _refresh_due(model: type[Product] | type[Package]) -> int:
    changed = 0
    while ids := _due(model):
        changed += _refresh_batch(model, ids)
        _tell(len(ids))
    return changed


def _due(model: type[Product] | type[Package]) -> list[int]:
    due = model._default_manager.filter(price_changes_at__lte=clock.now())  # noqa: SLF001 - Django's documented interface
    return list(due.order_by("price_changes_at").values_list("pk", flat=True)[:BATCH])


def _stale(model: type[Product] | type[Package], ids: Sequence[int]) -> list[int]:
    """Those whose price would change, seen without a lock: mostly there are none, and nothing is written."""
    return [row.pk for row in _recompute(list(_rows(model, ids)))]


def _recompute(rows: Sequence[Any]) -> list[Any]:
    """Set the prices of stored rows and return those that changed. One query."""
    before = [(row.price, row.price_changes_at) for row in rows]
    set_prices(rows)
    return [row for row, was in zip(rows, before, strict=True) if (row.price, row.price_changes_at) != was]


@transaction.atomic
def _refresh_batch(model: type[Product] | type[Package], ids: Sequence[int]) -> int:
    """Lock first, then read the offers: whoever commits an offer before that is seen, whoever comes later waits."""
    return save_prices(list(_rows(model, ids).select_for_update(no_key=True)))


def _rows(model: type[Product] | type[Package], ids: Sequence[int]) -> Any:
    return model._default_manager.filter(pk__in=ids).only(*_COLUMNS).order_by("pk")  # noqa: SLF001 - as above


def _id_batches(model: type[Product] | type[Package]) -> Iterator[list[int]]:
    """Every row's id, in order, so many at a time."""
    rows, last = model._default_manager.order_by("pk"), 0  # noqa: SLF001 - as above
    while ids := list(rows.filter(pk__gt=last).values_list("pk", flat=True)[:BATCH]):
        yield ids
        last = ids[-1]


def _tell(changed: int) -> None:
    """Orderings and filters go by the column: their cached answers are stale."""
    if changed:
        product_cache.invalidate_on_commit()
