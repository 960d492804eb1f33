"""The orders' representations and input."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.api.serializers.people import AddressInput
from fantasize.core.api import fields
from fantasize.core.api.serializers import StrictSerializer
from fantasize.core.models import DomainEvent
from orders.enums import OrderStatus, PaymentMethod
from orders.models import Order, OrderLine
from orders.policies import allowed_transitions, can_see_all

MAX_LINES = 100
MAX_QUANTITY = 1000


class OrderLineInputSerializer(StrictSerializer):
    """One position that is asked for."""

    product = fields.IntegerField(min_value=1, max_value=fields.MAX_BIG_INTEGER)
    quantity = fields.IntegerField(min_value=1, max_value=MAX_QUANTITY)


class ShippingAddressInput(AddressInput):
    """Where one order goes; it becomes nobody's default."""

    is_default_shipping = None  # type: ignore[assignment] # how DRF leaves an inherited field out
    is_default_billing = None  # type: ignore[assignment] # as above


class OrderInputSerializer(StrictSerializer):
    """What a shopper orders. Prices, totals and statuses are the shop's to say."""

    lines = serializers.ListField(child=OrderLineInputSerializer(), min_length=1, max_length=MAX_LINES)
    payment_method = serializers.ChoiceField(choices=PaymentMethod.choices, default=PaymentMethod.HOSTED)
    shipping_address = ShippingAddressInput(required=False, help_text="Left out: the account's default address.")
    expected_total = fields.MoneyField(required=False, help_text="What the shopper was shown; refused when it differs.")


@extend_schema_field({"type": "string", "enum": OrderStatus.values, "description": "In any case."})
class StatusField(fields.CharField):
    """The name of a status, in any case."""

    def to_internal_value(self, data: Any) -> OrderStatus:
        """The status named."""
        name = super().to_internal_value(data).lower()
        if name not in OrderStatus.values:
            raise serializers.ValidationError(f"One of: {', '.join(OrderStatus.values)}.", code="invalid_choice")
        return OrderStatus(name)


class StatusInputSerializer(StrictSerializer):
    """Where staff or the factory move an order."""

    status = StatusField()
    note = fields.CharField(max_length=1000, required=False, allow_blank=True, default="")
    carrier = fields.CharField(max_length=80, required=False, allow_blank=True, default="")
    tracking_number = fields.CharField(max_length=120, required=False, allow_blank=True, default="")


class CancelInputSerializer(StrictSerializer):
    """Why an order is cancelled, if somebody wants to say."""

    reason = fields.CharField(max_length=1000, required=False, allow_blank=True, default="")


class OrderLineSerializer(serializers.Serializer[OrderLine]):
    """A position as it was sold."""

    id = serializers.IntegerField()
    product = serializers.IntegerField(source="product_id", allow_null=True)
    name = serializers.CharField()
    sku = serializers.CharField()
    quantity = serializers.IntegerField()
    unit_price = fields.MoneyField()
    stages = serializers.ListField(child=serializers.DictField(), help_text="How the unit price came about.")
    surcharges = serializers.ListField(child=serializers.DictField())
    answers = serializers.DictField()
    line_total = fields.MoneyField()


class TotalsSerializer(serializers.Serializer[Order]):
    """What it costs together."""

    items = fields.MoneyField(source="items_total")
    discounts = fields.MoneyField(source="discount_total")
    shipping = fields.MoneyField(source="shipping_total")
    tax = fields.MoneyField(source="tax_total")
    total = fields.MoneyField()


class TrackingSerializer(serializers.Serializer[Order]):
    """How it travels."""

    carrier = serializers.CharField()
    number = serializers.CharField(source="tracking_number")


class OrderSerializer(serializers.Serializer[Order]):
    """An order as its owner and staff may see it."""

    id = serializers.UUIDField()
    number = serializers.IntegerField()
    status = serializers.CharField()
    payment_status = serializers.CharField()
    payment_method = serializers.CharField()
    version = serializers.IntegerField(help_text="Counts changes; also the ETag.")
    lines = OrderLineSerializer(many=True)
    totals = TotalsSerializer(source="*")
    currency = serializers.CharField()
    shipping_address = serializers.DictField()
    is_gift = serializers.BooleanField()
    gift_message = serializers.CharField()
    is_anonymous = serializers.BooleanField()
    group = serializers.UUIDField(allow_null=True)
    placed_at = serializers.DateTimeField()
    timestamps = serializers.SerializerMethodField()
    tracking = TrackingSerializer(source="*")
    allowed_transitions = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="Staff only: the statuses to move it to."
    )

    @extend_schema_field(
        {"type": "object", "additionalProperties": {"type": ["string", "null"], "format": "date-time"}}
    )
    def get_timestamps(self, order: Order) -> dict[str, str | None]:
        """When it reached each status, as ``<status>_at``."""
        moments = {f"{status}_at": getattr(order, f"{status}_at") for status in OrderStatus.values}
        return {name: moment and moment.isoformat().replace("+00:00", "Z") for name, moment in moments.items()}

    def to_representation(self, order: Order) -> dict[str, Any]:
        """Staff also see which statuses they may move it to."""
        data = super().to_representation(order)
        actor = self.context["request"].user
        if can_see_all(actor):
            data["allowed_transitions"] = [status.value for status in allowed_transitions(actor, order)]
        return data


class EventSerializer(serializers.Serializer[DomainEvent]):
    """One thing that happened to an order."""

    seq = serializers.IntegerField()
    name = serializers.CharField()
    occurred_at = serializers.DateTimeField()
    data = serializers.DictField()  # type: ignore[assignment] # shadows what only bound serializers have


class TrackSerializer(serializers.Serializer[Any]):
    """Where an order is and how it got there."""

    order = serializers.UUIDField(source="id")
    number = serializers.IntegerField()
    status = serializers.CharField()
    seq = serializers.IntegerField(help_text="The number of the last event there is.")
    events = EventSerializer(many=True, help_text="Those after event number `after`.")
