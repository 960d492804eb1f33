"""Links from one list of the catalogue to another."""

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString


def products_link(parameter: str, value: object, count: int) -> SafeString:
    """``count``, leading to the products that the filter ``parameter`` finds."""
    address = reverse("admin:catalog_product_changelist")
    return format_html('<a class="fz-link" href="{}?{}={}">{}</a>', address, parameter, value, count)
