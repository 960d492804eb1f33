"""Stock that staff are to hear of."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from catalog.models import StockItem
from fantasize.core.models import DomainEvent


class LowStockAlert(models.Model):
    """That stock has fallen to its mark, once for each time it did; the next mail to staff takes it along.

    Attributes:
        told_at: when it went into a mail, or turned out to need none.
    """

    event = models.OneToOneField(DomainEvent, models.PROTECT, related_name="+")
    stock_item = models.ForeignKey(StockItem, models.CASCADE, related_name="+")
    told_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["id"], name="low_stock_untold", condition=Q(told_at=None))]

    def __str__(self) -> str:
        return f"Stock item {self.stock_item_id}"
