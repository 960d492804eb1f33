"""What staff think of a line that needs approval."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from fantasize.core import clock
from orders.enums import OrderStatus, ReviewOutcome, ReviewState
from orders.models.line import OrderLine

_OPEN = (ReviewState.WAITING, ReviewState.CHANGE_REQUESTED)
# Where an order ends that was never made.
_CALLED_OFF = (OrderStatus.CANCELLED, OrderStatus.REJECTED)


class LineReviewQuerySet(models.QuerySet["LineReview"]):
    """Adjectives for reviews."""

    def needing_approval(self) -> "LineReviewQuerySet":
        """Those that staff have to look at."""
        return self.filter(state=ReviewState.WAITING, line__order__status=OrderStatus.UNDER_REVIEW)

    def needing_change(self) -> "LineReviewQuerySet":
        """Those of which the shopper has to say something else."""
        return self.filter(state=ReviewState.CHANGE_REQUESTED, line__order__status=OrderStatus.UNDER_REVIEW)

    def needing_acceptance(self) -> "LineReviewQuerySet":
        """Those that cost more, to which the shopper has to agree."""
        orders = {"line__order__awaits_acceptance": True, "line__order__status": OrderStatus.PENDING}
        return self.filter(line__extra_charge__gt=0, **orders)


class LineReview(models.Model):
    """The decision about one line. An approval is bound to what the line was then: any later change voids it.

    The database sees to that, and to no order going on without it. Written by ``orders.services.reviews``.

    Attributes:
        fingerprint: of the line's answers, pictures and proofs when it was approved; PostgreSQL computes it.
        reason: what the shopper was told: what to change, or why it is not made. Kept until the next decision.
        note: a word among staff.
        decided_by: who, as text.
        waiting_since: since when it has been as it is, for staff to look at.
        is_voided: it was changed after a decision, and nobody has been told of that yet.
        version: counts changes.
    """

    line = models.OneToOneField(OrderLine, on_delete=models.CASCADE, related_name="review")
    state = models.CharField(max_length=20, choices=ReviewState, default=ReviewState.WAITING)
    fingerprint = models.CharField(max_length=64, blank=True, default="")
    reason = models.TextField(blank=True, default="")
    note = models.TextField(blank=True, default="")
    decided_by = models.CharField(max_length=120, blank=True, default="")
    decided_at = models.DateTimeField(null=True, blank=True)
    waiting_since = models.DateTimeField(default=clock.now)
    is_voided = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)

    objects = LineReviewQuerySet.as_manager()

    class Meta:
        verbose_name = "special request"
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state__in=ReviewState.values), name="line_review_state_known"),
            models.CheckConstraint(
                condition=(
                    Q(state=ReviewState.APPROVED, decided_at__isnull=False) & ~Q(fingerprint="") & ~Q(decided_by="")
                )
                | (~Q(state=ReviewState.APPROVED) & Q(fingerprint="")),
                name="line_review_approval_is_bound",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["waiting_since"],
                name="line_review_open",
                condition=Q(state__in=[ReviewState.WAITING, ReviewState.CHANGE_REQUESTED]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line}: {self.get_state_display().lower()}"

    @property
    def outcome(self) -> ReviewOutcome:
        """Its state as it is shown; nobody waits for anything any more once the order was called off. Of the order."""
        if self.state in _OPEN and self.line.order.status in _CALLED_OFF:
            return ReviewOutcome.CLOSED
        return ReviewOutcome(self.state)
