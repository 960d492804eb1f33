"""Payments: what came in and what went back."""

from typing import ClassVar

from django.contrib import admin
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from fantasize.core.admin.base import ReadOnlyModelAdmin
from fantasize.core.admin.display import amount
from fantasize.core.admin.filters import DaysFilter
from orders.models import Payment


@admin.register(Payment)
class PaymentAdmin(ReadOnlyModelAdmin):
    """The list of payments; each is shown on its order too."""

    list_display = ("order", "captured", "given_back", "method", "created_at")
    list_filter: ClassVar = [("method", ChoicesDropdownFilter), ("created_at", DaysFilter)]
    list_select_related = ("order",)
    ordering = ("-created_at",)
    sortable_by = ()

    @admin.display(description="Captured")
    def captured(self, payment: Payment) -> str:
        """What came in."""
        return amount(payment.amount, payment.currency)

    @admin.display(description="Given back")
    def given_back(self, payment: Payment) -> str:
        """What went back."""
        return amount(payment.refunded, payment.currency)
