"""What was given back of an order, and for what."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q

from fantasize.core import clock
from fantasize.core.fields import MoneyField
from orders.enums import CreditNoteKind
from orders.models.line import OrderLine
from orders.models.order import Order


class CreditNote(models.Model):
    """An amount that staff gave back, with the reason that the customer reads. Never changed.

    Attributes:
        amount: all that goes back by it; its lines are for a part of that, or none.
        is_restocked: whether the pieces of its lines went back on the shelf.
        created_by: who, as text.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="credit_notes")
    kind = models.CharField(max_length=10, choices=CreditNoteKind)
    amount = MoneyField()
    reason = models.TextField()
    is_restocked = models.BooleanField(default=False)
    created_by = models.CharField(max_length=120)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="credit_note_amount_positive"),
            models.CheckConstraint(condition=Q(kind__in=CreditNoteKind.values), name="credit_note_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.amount}"


class CreditNoteLine(models.Model):
    """Pieces of one position that were given back for. No more than were sold, which the database sees to as well.

    Attributes:
        part: the product of a package's part, as the position keeps it; null: whole units of the position.
        quantity: units of the position, or pieces of the part.
        amount: what of the note is for them.
    """

    note = models.ForeignKey(CreditNote, on_delete=models.CASCADE, related_name="lines")
    line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="credits")
    part = models.PositiveBigIntegerField(null=True, blank=True)
    quantity = models.PositiveIntegerField()
    amount = MoneyField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["note", "line", "part"], nulls_distinct=False, name="credit_note_line_thing_once"
            ),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="credit_note_line_quantity_positive"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="credit_note_line_amount_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} of line {self.line_id}"
