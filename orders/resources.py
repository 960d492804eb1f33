"""Orders as spreadsheet rows, for export only."""

from typing import ClassVar

from django.db.models import QuerySet, Sum
from import_export.fields import Field

from fantasize.core.transfers import registry
from fantasize.core.transfers.resources import TransferResource
from fantasize.core.transfers.widgets import MomentWidget
from orders.models import Order


class OrderResource(TransferResource):
    """One row per order."""

    can_import = False
    key = "number"

    placed_at = Field(attribute="placed_at", column_name="placed_at", widget=MomentWidget())
    items = Field(attribute="items", column_name="items")
    recipient = Field(attribute="shipping_address__full_name", column_name="recipient")
    city = Field(attribute="shipping_address__city", column_name="city")
    country = Field(attribute="shipping_address__country", column_name="country")

    class Meta:
        model = Order
        fields: ClassVar = (
            "number",
            "reference",
            "placed_at",
            "status",
            "payment_status",
            "payment_method",
            "source",
            "email",
            "recipient",
            "city",
            "country",
            "items",
            "items_total",
            "discount_total",
            "shipping_total",
            "tax_total",
            "total",
            "currency",
            "carrier",
            "tracking_number",
        )
        export_order = fields

    def rows(self) -> QuerySet[Order]:
        """Orders with the number of pieces in each."""
        return Order.objects.annotate(items=Sum("lines__quantity"))


def register() -> None:
    """Let orders be exported."""
    registry.register("order", "orders", OrderResource)
