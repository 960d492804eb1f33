"""How values look in the admin."""

from decimal import Decimal

from django.utils.html import format_html
from django.utils.safestring import SafeString

from fantasize.core import money


def badge(kind: str, value: str, label: str) -> SafeString:
    """A coloured label, found by style sheets and tests as ``[data-<kind>=<value>]``."""
    return format_html('<span class="fz-badge" data-{}="{}">{}</span>', kind, value, label)


def amount(value: Decimal, currency: str) -> str:
    """Money for people: ``1,234.50 USD``."""
    return f"{money.quantize(value, currency):,} {currency}"
