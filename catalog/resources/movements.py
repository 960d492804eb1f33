"""The stock ledger as spreadsheet rows, for export only."""

from typing import ClassVar

from django.db.models import QuerySet
from import_export.fields import Field

from catalog.models import StockMovement
from fantasize.core.transfers.resources import TransferResource
from fantasize.core.transfers.widgets import MomentWidget


class MovementResource(TransferResource):
    """One row per change of a level."""

    can_import = False
    key = "id"

    at = Field(attribute="at", column_name="at", widget=MomentWidget())
    sku = Field(attribute="stock_item__product__sku", column_name="sku")
    product = Field(attribute="stock_item__product__name", column_name="product")

    class Meta:
        model = StockMovement
        fields: ClassVar = ("id", "at", "sku", "product", "delta", "reason", "reference", "actor")
        export_order = fields

    def rows(self) -> QuerySet[StockMovement]:
        """Movements with what moved."""
        return StockMovement.objects.select_related("stock_item__product")
