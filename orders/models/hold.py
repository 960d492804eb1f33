"""Stock reserved for an order until it is paid or given back."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from catalog.models import StockItem
from fantasize.core import clock
from orders.enums import HoldOutcome
from orders.models.order import Order


class Hold(models.Model):
    """Pieces of one stock item reserved for one order. Ends exactly once: consumed or released.

    Attributes:
        restocked: how many of the consumed pieces are back on the shelf.
        written_off: how many were given back for and do not come back.
    """

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="holds")
    stock_item = models.ForeignKey(StockItem, on_delete=models.PROTECT, related_name="holds")
    quantity = models.PositiveIntegerField()
    created_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=10, choices=HoldOutcome, blank=True)
    restocked = models.PositiveIntegerField(default=0, db_default=0)
    written_off = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["order", "stock_item"], condition=Q(ended_at=None), name="hold_open_once"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="hold_quantity_positive"),
            models.CheckConstraint(
                condition=Q(ended_at=None, outcome="") | (Q(ended_at__isnull=False) & ~Q(outcome="")),
                name="hold_outcome_when_ended",
            ),
            models.CheckConstraint(
                condition=Q(restocked=0, written_off=0)
                | Q(outcome=HoldOutcome.CONSUMED, quantity__gte=F("restocked") + F("written_off")),
                name="hold_gives_back_what_it_took",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} for order {self.order_id}"

    @property
    def unreturned(self) -> int:
        """How many of the consumed pieces have not been given back for."""
        return self.quantity - self.restocked - self.written_off
