"""Where a parcel can be followed."""

from urllib.parse import quote

from django.conf import settings

from orders.models import Order


def find_url(order: Order) -> str | None:
    """The carrier's own page about the parcel; None when we know no such page, or no number."""
    pattern = settings.CARRIER_URLS.get(order.carrier.strip().lower())
    if pattern is None or not order.tracking_number:
        return None
    return str(pattern).replace("{number}", quote(order.tracking_number, safe=""))
