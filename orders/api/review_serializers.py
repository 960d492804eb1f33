"""What staff say of special requests, and what is shown of it."""

from decimal import Decimal
from operator import itemgetter
from typing import Any

from rest_framework import serializers

from fantasize.core.api import fields
from fantasize.core.api.serializers import RowSerializer, StrictSerializer
from orders.enums import Decision, ReviewOutcome
from orders.models import OrderLine


class DecisionInputSerializer(StrictSerializer):
    """A decision about one line that needs approval."""

    line = fields.IntegerField(min_value=1, max_value=2**63 - 1, help_text="Its id.")
    decision = serializers.ChoiceField(choices=Decision.choices)
    reason = fields.CharField(
        max_length=1000, required=False, allow_blank=True, default="", help_text="For the customer; not for approvals."
    )
    note = fields.CharField(
        max_length=1000, required=False, allow_blank=True, default="", help_text="A word among staff."
    )
    extra_charge = fields.MoneyField(
        required=False,
        default=Decimal(0),
        help_text="What the line costs more, if it is approved; the customer has to agree.",
    )


class AcceptInputSerializer(StrictSerializer):
    """What the customer says yes to."""

    expected_total = fields.MoneyField(help_text="What they were shown; refused when it differs.")


class LineReviewSerializer(RowSerializer):
    """What became of a line that needs approval."""

    getter = itemgetter

    state = serializers.ChoiceField(
        choices=ReviewOutcome.choices, help_text="`closed`: the order was called off before it was decided about."
    )
    reason = serializers.CharField(help_text="What the customer was told last; empty until then.")
    extra_charge = fields.MoneyField(help_text="What the line costs more.")
    note = serializers.CharField(required=False, help_text="Staff only.")


def review_of(line: OrderLine, *, is_staff: bool) -> dict[str, Any] | None:
    """A line's review as it is shown; None if the line needs no approval."""
    review = getattr(line, "review", None)
    if review is None:
        return None
    shown = {"state": review.outcome, "reason": review.reason, "extra_charge": line.extra_charge}
    return {**shown, "note": review.note} if is_staff else shown
