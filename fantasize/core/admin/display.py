"""How values look in the admin."""

from datetime import datetime
from decimal import Decimal

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from fantasize.core import money


def badge(kind: str, value: str, label: str) -> SafeString:
    """A coloured label, found by style sheets and tests as ``[data-<kind>=<value>]``."""
    return format_html('<span class="fz-badge" data-{}="{}">{}</span>', kind, value, label)


def amount(value: Decimal, currency: str) -> str:
    """Money for people: ``1,234.50 USD``."""
    return f"{money.quantize(value, currency):,} {currency}"


def moment(at: datetime) -> str:
    """A point in time for people, in the shop's time zone: ``3 Nov 2026, 14:05``."""
    return f"{timezone.localtime(at):%-d %b %Y, %H:%M}"
