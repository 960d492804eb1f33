"""What is to be otherwise about an order that was placed, and what would come of it."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from customizations.api.serializers.previews import PartsField
from customizations.api.serializers.templates import AnswersField
from fantasize.core.api import fields
from fantasize.core.api.serializers import StrictSerializer
from fantasize.core.errors import InvalidError
from orders.api.placing_serializers import MAX_MESSAGE, MessageField, RecipientInput
from orders.api.quote_serializers import QuoteSerializer
from orders.api.serializers import ShippingAddressInput, StatusField
from orders.models import Order
from orders.models.cart import MAX_LINES, MAX_QUANTITY
from orders.services.order_changes import Changes, LineChange

_THINGS = ("product", "package")


class LineChangeSerializer(StrictSerializer):
    """A line as it is to be: one that there is, by its id, with what of it is to be otherwise; or a new one."""

    schema_rules: ClassVar[Mapping[str, Any]] = {
        "oneOf": [{"required": ["id"]}, *({"required": [kind, "quantity"]} for kind in _THINGS)]
    }

    id = fields.IntegerField(min_value=1, max_value=fields.MAX_BIG_INTEGER, required=False)
    product = fields.IntegerField(min_value=1, max_value=fields.MAX_BIG_INTEGER, required=False)
    package = fields.IntegerField(min_value=1, max_value=fields.MAX_BIG_INTEGER, required=False)
    quantity = fields.IntegerField(min_value=1, max_value=MAX_QUANTITY, required=False)
    answers = AnswersField(required=False)
    parts = PartsField(required=False)

    def _refused(self, data: Mapping[str, Any]) -> Iterator[tuple[str, list[ErrorDetail]]]:
        """With the other faults: that it is one thing, and how many of it."""
        yield from super()._refused(data)
        named = [name for name in ("id", *_THINGS) if name in data]
        if len(named) > 1:
            yield from ((name, [ErrorDetail("Name a line, a product or a package.", "exclusive")]) for name in named)
        if not named:
            yield "product", [ErrorDetail("Name a line, a product or a package.", "required")]
        if "id" not in data and "quantity" not in data:
            yield "quantity", [ErrorDetail("How many of it?", "required")]


class OrderChangeSerializer(StrictSerializer):
    """What is to be otherwise; what is left out stays. Prices, totals and statuses are the shop's to say."""

    lines = serializers.ListField(
        child=LineChangeSerializer(),
        min_length=1,
        max_length=MAX_LINES,
        required=False,
        help_text="All that the order is to have: lines that are left out go.",
    )
    coupon = fields.CharField(required=False, allow_blank=True, max_length=100, help_text="Empty: none.")
    shipping_method = fields.CharField(required=False, max_length=40, help_text="Its code.")
    shipping_address = ShippingAddressInput(required=False)
    is_gift = fields.BooleanField(required=False)
    gift_message = MessageField(required=False, allow_blank=True, max_length=MAX_MESSAGE)
    recipient = RecipientInput(required=False, allow_null=True)
    is_anonymous = fields.BooleanField(required=False)
    expected_total = fields.MoneyField(required=False, help_text="What the shopper was shown; refused when it differs.")


def changes_in(data: Mapping[str, Any], order: Order) -> Changes:
    """What a validated body wants of an order.

    Raises:
        InvalidError: it would have a message without being a gift.
    """
    lines, address = data.get("lines"), data.get("shipping_address")
    if address is not None:
        address = {"full_name": order.shipping_address.get("full_name", ""), **address}
    return Changes(
        lines=None if lines is None else tuple(_line_change(line) for line in lines),
        shipping_address=address,
        shipping_method=data.get("shipping_method"),
        coupon=data.get("coupon"),
        gift=_gift_in(data, order),
    )


def _line_change(line: Mapping[str, Any]) -> LineChange:
    things = (line.get("id"), line.get("product"), line.get("package"))
    return LineChange(*things, line.get("quantity"), line.get("answers"), line.get("parts"))


def _gift_in(data: Mapping[str, Any], order: Order) -> dict[str, Any]:
    """For whom it is to be, as fields of the order."""
    gift = {name: data[name] for name in ("is_gift", "gift_message", "is_anonymous") if name in data}
    if gift.get("is_gift") is False:
        gift.setdefault("gift_message", "")
    if gift.get("gift_message") and not gift.get("is_gift", order.is_gift):
        raise InvalidError.at("/gift_message", "Only a gift has a message.", code="not_a_gift")
    if "recipient" in data:
        recipient = data["recipient"] or {}
        gift["recipient_name"] = recipient.get("name", "")
        gift["recipient_email"] = recipient.get("email", "").lower()
    return gift


class EditPreviewSerializer(serializers.Serializer[Any]):
    """What an order would cost otherwise."""

    old_total = fields.MoneyField()
    new_total = fields.MoneyField()
    difference = serializers.CharField(help_text="What there is to pay more; below zero, what is less.")
    currency = serializers.CharField()
    quote = QuoteSerializer(allow_null=True, help_text="How the new total comes about; null: nothing is priced anew.")


_STATUS = ("status", "note", "carrier", "tracking_number")
_CHANGE = tuple(OrderChangeSerializer().fields)


class ChangeOrStatusSerializer(OrderChangeSerializer):
    """What an order is called with, as it is documented: a change, or, by staff, where it is to go."""

    # Whoever names a status changes nothing else; the rest is of a status.
    schema_rules: ClassVar[Mapping[str, Any]] = {
        "dependentRequired": {name: ["status"] for name in _STATUS[1:]},
        "dependentSchemas": {"status": {"not": {"anyOf": [{"required": [name]} for name in _CHANGE]}}},
    }

    status = StatusField(required=False, help_text="By staff, alone or with what `status` takes beside it.")
    note = fields.CharField(max_length=1000, required=False, allow_blank=True)
    carrier = fields.CharField(max_length=80, required=False, allow_blank=True)
    tracking_number = fields.CharField(max_length=120, required=False, allow_blank=True, may_look_like_card=True)
