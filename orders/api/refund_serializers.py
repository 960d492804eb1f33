"""The representations and input of credit notes."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from fantasize.core.api import fields
from fantasize.core.api.serializers import StrictSerializer, exactly_one
from orders.enums import CreditNoteKind
from orders.models import CreditNote
from orders.models.cart import MAX_LINES
from orders.services.credit_notes import Credit, LineCredit

_WHAT = ("amount", "lines")
_PIECES_OF_AN_AMOUNT = {"required": ["amount", "restock"], "properties": {"restock": {"const": True}}}


class LineCreditSerializer(StrictSerializer):
    """Units of a line, or pieces of a part of it."""

    line = fields.IntegerField(min_value=1, max_value=fields.MAX_BIG_INTEGER, help_text="Its id.")
    quantity = fields.IntegerField(min_value=1, help_text="Units of the line; of a part, pieces in all.")
    part = fields.IntegerField(
        min_value=1, max_value=fields.MAX_BIG_INTEGER, required=False, help_text="The product of a package's part."
    )


class RefundInputSerializer(StrictSerializer):
    """What goes back: either an `amount`, or what was paid for `lines`; with the last of them shipping too."""

    amount = fields.MoneyField(required=False, is_positive=True)
    lines = serializers.ListField(child=LineCreditSerializer(), required=False, min_length=1, max_length=2 * MAX_LINES)
    reason = fields.CharField(max_length=1000, help_text="The customer reads it.")
    restock = fields.BooleanField(default=False, help_text="Whether the pieces of the lines go back on the shelf.")
    schema_rules: ClassVar[Mapping[str, Any]] = {"allOf": [exactly_one(*_WHAT), {"not": _PIECES_OF_AN_AMOUNT}]}

    def _refused(self, data: Mapping[str, Any]) -> Iterator[tuple[str, list[ErrorDetail]]]:
        """With the other faults: that it says one of the two, and what goes back on the shelf."""
        yield from super()._refused(data)
        said = [name for name in _WHAT if name in data]
        if not said:
            yield "amount", [ErrorDetail("Say an amount or lines.", "required")]
        elif len(said) > 1:
            yield "lines", [ErrorDetail("Say an amount or lines, not both.", "exclusive")]
        elif "amount" in data and data.get("restock") is True:
            yield "restock", [ErrorDetail("An amount is of no pieces: say which lines come back.", "not_allowed")]


class CreditedSerializer(serializers.Serializer[Any]):
    """What pieces were given back for."""

    line = serializers.IntegerField(source="line_id")
    part = serializers.IntegerField(allow_null=True, help_text="The product of a package's part; null: whole units.")
    quantity = serializers.IntegerField()
    amount = fields.MoneyField()


class CreditNoteSerializer(serializers.Serializer[CreditNote]):
    """An amount that was given back."""

    id = serializers.UUIDField()
    kind = serializers.CharField(help_text="`refund`, or `return` for goods that came back.")
    amount = fields.MoneyField()
    currency = serializers.CharField(source="order.currency")
    reason = serializers.CharField()
    lines = CreditedSerializer(many=True, help_text="None: it was not for certain pieces.")
    created_at = serializers.DateTimeField()


def requested_credit(data: Mapping[str, Any], *, kind: CreditNoteKind, actor: str) -> Credit:
    """What a validated body asks for."""
    lines = [LineCredit(line["line"], line["quantity"], line.get("part")) for line in data.get("lines", ())]
    return Credit(kind, data["reason"], actor, data.get("amount"), lines, data["restock"])
