"""Orders as spreadsheet rows, for export only."""

from typing import ClassVar

from import_export.fields import Field

from fantasize.core.admin.spreadsheets import SafeResource
from orders.models import Order


class OrderResource(SafeResource):
    """One row per order."""

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
