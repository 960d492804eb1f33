"""What is ordered, and what whoever has ordered it is told."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from accounts.api.fields import LineField
from customizations.engine import text
from fantasize.core.api import fields
from fantasize.core.api.serializers import StrictSerializer
from orders.api.line_serializers import OrderLineInputSerializer
from orders.api.serializers import OrderSerializer, ShippingAddressInput, SiblingSerializer
from orders.enums import PaymentMethod
from orders.models import Order
from orders.models.cart import MAX_LINES
from orders.services.checkout import Gift

MAX_MESSAGE = 1000
# Either lines, or the cart.
GOODS_RULES: Mapping[str, Any] = {
    "oneOf": [
        {"required": ["lines"]},
        {"required": ["from_cart"], "properties": {"from_cart": {"const": True}}},
    ]
}


class MessageField(fields.CharField):
    """Some lines of text: what can be seen, nothing that hides, reorders or controls."""

    def to_internal_value(self, data: Any) -> str:
        """The text, composed."""
        message = text.normalise(super().to_internal_value(data))
        if wrong := text.misplaced(message, has_lines=True):
            raise serializers.ValidationError(
                f"This cannot be written: {', '.join(wrong)}.", code="forbidden_character"
            )
        return message


class RecipientInput(StrictSerializer):
    """Who gets it."""

    name = LineField(max_length=150)
    email = fields.EmailField(required=False, max_length=254)


class OrderInputSerializer(StrictSerializer):
    """What somebody orders. Prices, totals and statuses are the shop's to say.

    With ``is_guest`` in its context, it takes a guest's address for one, and somebody's with an account for none.
    """

    schema_rules: ClassVar[Mapping[str, Any]] = GOODS_RULES

    lines = serializers.ListField(child=OrderLineInputSerializer(), min_length=1, max_length=MAX_LINES, required=False)
    from_cart = fields.BooleanField(
        required=False, help_text="What is in one's cart, all of it, in place of lines; the cart ends with the order."
    )
    email = fields.EmailField(required=False, max_length=254, help_text="Of a guest, who has to say it.")
    payment_method = serializers.ChoiceField(choices=PaymentMethod.choices, default=PaymentMethod.HOSTED)
    coupon = fields.CharField(required=False, max_length=100)
    shipping_method = fields.CharField(required=False, max_length=40, help_text="Its code. Left out: the cheapest.")
    shipping_address = ShippingAddressInput(
        required=False, help_text="Left out: the account's default address. Guests have to say it."
    )
    is_gift = fields.BooleanField(default=False)
    gift_message = MessageField(
        default="", allow_blank=True, max_length=MAX_MESSAGE, help_text="What the card of a gift says."
    )
    recipient = RecipientInput(required=False, help_text="Who gets it, if that is somebody else.")
    is_anonymous = fields.BooleanField(default=False, help_text="The recipient never learns who bought it.")
    ship_in_parts = fields.BooleanField(
        default=False,
        help_text="What staff look at first becomes an order of its own, so that the rest need not wait for it.",
    )
    expected_total = fields.MoneyField(
        required=False, help_text="What the shopper was shown, all parts together; refused when it differs."
    )

    def _refused(self, data: Mapping[str, Any]) -> Iterator[tuple[str, list[ErrorDetail]]]:
        """With the other faults: what does not go together."""
        yield from super()._refused(data)
        yield from faults_in_goods(data)
        if data.get("gift_message") and data.get("is_gift") is not True:
            yield "gift_message", [ErrorDetail("Only a gift has a message.", "not_a_gift")]
        yield from _faults_in_guest(data, is_guest=self.context.get("is_guest"))


def faults_in_goods(data: Mapping[str, Any]) -> Iterator[tuple[str, list[ErrorDetail]]]:
    """That it is the cart, or lines."""
    if data.get("from_cart") is True:
        if "lines" in data:
            for name in ("lines", "from_cart"):
                yield name, [ErrorDetail("Order either the cart or lines.", "exclusive")]
    elif "lines" not in data:
        yield "lines", [ErrorDetail("What should it be?", "required")]


def _faults_in_guest(data: Mapping[str, Any], *, is_guest: bool | None) -> Iterator[tuple[str, list[ErrorDetail]]]:
    """That somebody without an account says where they and their parcel are found."""
    if is_guest is False and "email" in data:
        yield "email", [ErrorDetail("The account's address counts.", "read_only")]
    for name in ("email", "shipping_address") if is_guest else ():
        if name not in data:
            yield name, [ErrorDetail("A guest has to say this.", "required")]


def gift_in(data: Mapping[str, Any]) -> Gift:
    """For whom the order of a validated body is."""
    recipient = data.get("recipient") or {}
    return Gift(
        is_gift=data["is_gift"],
        gift_message=data["gift_message"],
        recipient_name=recipient.get("name", ""),
        recipient_email=recipient.get("email", "").lower(),
        is_anonymous=data["is_anonymous"],
    )


class PlacedSiblingSerializer(SiblingSerializer):
    """The same, for whoever has just placed it."""

    access_token = serializers.CharField(required=False)


class PlacedOrderSerializer(OrderSerializer):
    """An order as whoever has just placed it is told of it."""

    access_token = serializers.CharField(
        required=False,
        help_text="A guest's only: `X-Order-Token` of all further calls about it. It is not shown again.",
    )
    siblings = PlacedSiblingSerializer(many=True, help_text="The others of the group.")

    def to_representation(self, order: Order) -> dict[str, Any]:
        """With tokens where there are some."""
        data = super().to_representation(order)
        for told in (data, *data["siblings"]):
            if not told["access_token"]:
                del told["access_token"]
        return data
