"""Mail to staff about stock that runs low: at most one a minute to each of them, however much ran low."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse

from catalog.enums import StockStatus
from catalog.models import Product
from customizations.models import ChoiceStock
from customizations.selectors.choices import labels_of, scarce_choices
from fantasize.core import clock, mail
from fantasize.core.models import DomainEvent
from notifications.models import LowStockAlert
from notifications.selectors import scarce_products, staff_who_may

PERMISSION = "catalog.change_stockitem"
# So many are named in a mail; the list in the admin has them all.
MOST_LINES = 30
# Carts that come and go take stock over its mark and back; saying so each time would only teach people to look away.
QUIET = timedelta(hours=6)
# An event that is handed on once more after this long is none that anybody still hands on.
KEPT = timedelta(days=30)


def remember(*, event: DomainEvent) -> None:
    """Have the next mail tell of an event of a stock item; once, however often the event is handed on."""
    LowStockAlert.objects.bulk_create(
        [LowStockAlert(event=event, stock_item_id=int(event.aggregate_id))], ignore_conflicts=True
    )


@transaction.atomic
def mail_digest() -> int:
    """Write one mail to each of the staff who may change stock, about all that fell since the last one.

    What was filled up again meanwhile is left out, and what was told of within ``QUIET``. Returns how many mails.
    """
    _drop_repetitions()
    waiting = LowStockAlert.objects.filter(told_at=None).order_by("pk").select_for_update(skip_locked=True)
    alerts = dict(waiting.values_list("pk", "stock_item_id"))
    items = _scarce_items(alerts.values()) if alerts else []
    addresses = list(staff_who_may(PERMISSION).values_list("email", flat=True)) if items else []
    for address in addresses:
        mail.send_later("notifications/stock_low", to=address, context=_context(items))
    LowStockAlert.objects.filter(pk__in=alerts).update(told_at=clock.now())
    return len(addresses)


def forget_told() -> int:
    """Delete alerts told of long ago; returns how many."""
    deleted, _ = LowStockAlert.objects.filter(told_at__lt=clock.now() - KEPT).delete()
    return deleted


def _drop_repetitions() -> None:
    told = LowStockAlert.objects.filter(
        stock_item=OuterRef("stock_item"), event__name=OuterRef("event__name"), told_at__gte=clock.now() - QUIET
    )
    LowStockAlert.objects.filter(Exists(told), told_at=None).delete()


def _scarce_items(stock_item_ids: Collection[int]) -> list[dict[str, Any]]:
    """What a mail says of each: products, then choices of options, the scarcest of each first."""
    products, choices = scarce_products(stock_item_ids), scarce_choices(stock_item_ids)
    return [*map(_product, products), *map(_choice, choices)]


def _context(items: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {
        "items": items[:MOST_LINES],
        "count": len(items),
        "more": max(0, len(items) - MOST_LINES),
        "list_url": _address("admin:catalog_stockitem_changelist") + "?status=scarce",
    }


def _product(product: Product) -> dict[str, Any]:
    url = _address("admin:catalog_product_change", product.pk)
    return {"name": product.name, "detail": product.sku, "url": url, **_level(product.available, product.status)}


def _choice(row: ChoiceStock) -> dict[str, Any]:
    choice, option = labels_of(row)
    url = _address("admin:customizations_choicestock_change", row.pk)
    name = f"{row.template.name}: {choice}"
    return {"name": name, "detail": option, "url": url, **_level(row.stock.available, row.stock.status)}


def _level(available: int, status: StockStatus) -> dict[str, Any]:
    return {"available": available, "is_sold_out": status is StockStatus.OUT_OF_STOCK}


def _address(page: str, *arguments: int) -> str:
    return settings.PUBLIC_BASE_URL + reverse(page, args=arguments)
