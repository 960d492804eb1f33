"""Keeps what things cost now in a column that lists can filter and order by."""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings

from catalog.models import Package, Product
from catalog.pricing import current_price, next_change
from catalog.selectors.prices import Sellables, offers_for
from fantasize.core import clock


def set_prices(rows: Sellables, *, at: datetime | None = None) -> None:
    """Set ``price`` and ``price_changes_at`` of rows that are about to be saved; a fixed number of queries."""
    if not rows:
        return
    moment, offers = at or clock.now(), offers_for(rows)
    for row in rows:
        mine = offers[row.pk]
        row.price = current_price(row.list_price, mine, (), at=moment, currency=settings.SHOP_CURRENCY).price
        row.price_changes_at = next_change(mine, at=moment)


def save_prices(rows: Sequence[Product] | Sequence[Package]) -> None:
    """Compute the prices of stored rows anew and store them."""
    if rows:
        set_prices(rows)
        type(rows[0])._default_manager.bulk_update(rows, ["price", "price_changes_at"], batch_size=1000)  # noqa: SLF001 - Django's documented interface
