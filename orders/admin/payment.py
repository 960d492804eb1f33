"""Payments: what came in and what went back."""

from typing import ClassVar

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from fantasize.core.admin.base import ReadOnlyModelAdmin
from fantasize.core.admin.display import amount, moment
from fantasize.core.admin.filters import DaysFilter
from orders.models import Payment


@admin.register(Payment)
class PaymentAdmin(ReadOnlyModelAdmin):
    """The list of payments; each is shown on its order too."""

    list_display = ("order_link", "captured", "given_back", "method", "received")
    list_display_links = None
    list_filter: ClassVar = [("method", ChoicesDropdownFilter), ("created_at", DaysFilter)]
    list_select_related = ("order",)
    ordering = ("-created_at",)
    sortable_by = ()

    @admin.display(description="Order")
    def order_link(self, payment: Payment) -> SafeString:
        """What it was for, leading there."""
        address = reverse("admin:orders_order_change", args=[payment.order_id])
        return format_html('<a class="fz-link" href="{}">{}</a>', address, payment.order.number)

    @admin.display(description="Captured")
    def captured(self, payment: Payment) -> str:
        """What came in."""
        return amount(payment.amount, payment.currency)

    @admin.display(description="Received")
    def received(self, payment: Payment) -> str:
        """When it came."""
        return moment(payment.created_at)

    @admin.display(description="Given back")
    def given_back(self, payment: Payment) -> str:
        """What went back."""
        return amount(payment.refunded, payment.currency)
