"""Stock levels and the ledger that explains them."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from catalog.enums import MovementReason, StockStatus
from fantasize.core import clock


class StockItem(models.Model):
    """How many pieces there are (``on_hand``) and how many of them open orders have reserved (``held``).

    Written only by ``catalog.services.stock``, by conditional updates.
    """

    on_hand = models.PositiveIntegerField(default=0)
    held = models.PositiveIntegerField(default=0)
    low_stock_at = models.PositiveIntegerField(
        default=5, help_text="At or below this many available pieces, stock is running low."
    )

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(on_hand__gte=0), name="stock_on_hand_not_negative"),
            models.CheckConstraint(condition=Q(held__gte=0), name="stock_held_not_negative"),
            models.CheckConstraint(condition=Q(held__lte=F("on_hand")), name="stock_held_within_on_hand"),
        ]

    def __str__(self) -> str:
        return f"{self.available} available"

    @property
    def available(self) -> int:
        """Pieces that can still be sold."""
        return self.on_hand - self.held

    @property
    def status(self) -> StockStatus:
        """What a shopper is told."""
        if self.available <= 0:
            return StockStatus.OUT_OF_STOCK
        return StockStatus.RUNNING_LOW if self.available <= self.low_stock_at else StockStatus.IN_STOCK


class StockMovement(models.Model):
    """One change of ``on_hand``; append-only. The sum of an item's movements is its ``on_hand``."""

    stock_item = models.ForeignKey(StockItem, on_delete=models.PROTECT, related_name="movements")
    delta = models.IntegerField()
    reason = models.CharField(max_length=20, choices=MovementReason)
    reference = models.CharField(
        max_length=80, blank=True, help_text="Order number, import or correction that caused it."
    )
    actor = models.CharField(max_length=120)
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=~Q(delta=0), name="stock_movement_moves")]
        indexes: ClassVar = [models.Index(fields=["stock_item", "-at"], name="stock_movement_history")]

    def __str__(self) -> str:
        return f"{self.delta:+d} ({self.reason})"
