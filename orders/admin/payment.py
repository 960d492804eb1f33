"""Payments: what came in and what went back, and what providers told us."""

from typing import ClassVar

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from fantasize.core.admin.base import ReadOnlyModelAdmin
from fantasize.core.admin.display import amount, badge, moment
from fantasize.core.admin.filters import DaysFilter
from orders.models import Payment, WebhookEvent


@admin.register(Payment)
class PaymentAdmin(ReadOnlyModelAdmin):
    """The list of payments; those that came in are shown on their orders too."""

    list_display = ("order_link", "asked", "state_badge", "given_back", "gateway", "began", "received")
    list_display_links = None
    list_filter: ClassVar = [
        ("state", ChoicesDropdownFilter),
        ("method", ChoicesDropdownFilter),
        ("created_at", DaysFilter),
    ]
    list_select_related = ("order",)
    ordering = ("-created_at",)
    sortable_by = ()

    @admin.display(description="Order")
    def order_link(self, payment: Payment) -> SafeString:
        """What it was for, leading there."""
        return _link(payment.order_id, payment.order.number)

    @admin.display(description="Amount")
    def asked(self, payment: Payment) -> str:
        """What was asked for, or came in."""
        return amount(payment.amount, payment.currency)

    @admin.display(description="State")
    def state_badge(self, payment: Payment) -> SafeString:
        """Where it is."""
        return badge("payment", payment.state, payment.get_state_display())

    @admin.display(description="Given back")
    def given_back(self, payment: Payment) -> str:
        """What went back."""
        return amount(payment.refunded, payment.currency)

    @admin.display(description="Began")
    def began(self, payment: Payment) -> str:
        """When somebody began to pay."""
        return moment(payment.created_at)

    @admin.display(description="Received")
    def received(self, payment: Payment) -> str:
        """When the money came."""
        return moment(payment.captured_at) if payment.captured_at else ""


@admin.register(WebhookEvent)
class WebhookEventAdmin(ReadOnlyModelAdmin):
    """What providers told us; what fits no payment of ours waits here for somebody to look at it."""

    list_display = ("kind", "gateway", "state_badge", "reason", "about", "received")
    list_display_links = None
    list_filter: ClassVar = [("state", ChoicesDropdownFilter), ("received_at", DaysFilter)]
    list_select_related = ("session__order",)
    ordering = ("-received_at",)
    sortable_by = ()

    @admin.display(description="State")
    def state_badge(self, event: WebhookEvent) -> SafeString:
        """What became of it."""
        return badge("webhook", event.state, event.get_state_display())

    @admin.display(description="Order")
    def about(self, event: WebhookEvent) -> str:
        """Which order it is about, if that is known."""
        order = event.session and event.session.order
        return _link(order.pk, order.number) if order else ""

    @admin.display(description="Received")
    def received(self, event: WebhookEvent) -> str:
        """When it came."""
        return moment(event.received_at)


def _link(order_id: object, number: int) -> SafeString:
    address = reverse("admin:orders_order_change", args=[order_id])
    return format_html('<a class="fz-link" href="{}">{}</a>', address, number)
