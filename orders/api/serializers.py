"""The orders' representations and input."""

from dataclasses import dataclass
from operator import itemgetter
from typing import Any

from django.db.models import prefetch_related_objects
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.api.serializers.people import AddressInput
from fantasize.core.api import fields
from fantasize.core.api.serializers import RowSerializer, StrictSerializer
from fantasize.core.models import DomainEvent
from orders.api.line_serializers import OrderLineSerializer, line_row
from orders.enums import OrderStatus
from orders.models import Order
from orders.models.line import lines_in_order
from orders.policies import allowed_transitions, can_see_all
from orders.services import carriers


class ShippingAddressInput(AddressInput):
    """Where one order goes; it becomes nobody's default."""

    is_default_shipping = None  # type: ignore[assignment] # how DRF leaves an inherited field out
    is_default_billing = None  # type: ignore[assignment] # as above


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
    tracking_number = fields.CharField(
        max_length=120, required=False, allow_blank=True, default="", may_look_like_card=True
    )


class CancelInputSerializer(StrictSerializer):
    """Why an order is cancelled, if somebody wants to say."""

    reason = fields.CharField(max_length=1000, required=False, allow_blank=True, default="")


class TotalsSerializer(RowSerializer):
    """What it costs together."""

    items = fields.MoneyField(source="items_total")
    discounts = fields.MoneyField(source="discount_total")
    shipping = fields.MoneyField(source="shipping_total")
    tax = fields.MoneyField(source="tax_total")
    total = fields.MoneyField()


class TotalStageSerializer(RowSerializer):
    """One step from the lines to the total."""

    getter = itemgetter

    stage = serializers.CharField(
        help_text="`items`, `coupon`, `shipping`, `tax` or `total`; `order` for each of an order in parts."
    )
    rule = serializers.CharField()
    change = serializers.CharField(help_text="What the rule adds; less than 0 for a coupon.")
    amount = serializers.CharField(help_text="What it is together then.")


class TaxSerializer(RowSerializer):
    """What a tax rate comes to."""

    getter = itemgetter

    name = serializers.CharField()
    tax_class = serializers.CharField(help_text="What it is on.")
    percent = serializers.CharField()
    is_included = serializers.BooleanField(help_text="Whether prices contain it; else it comes on top.")
    base = fields.MoneyField(help_text="What it is of; with the tax, if prices contain it.")
    amount = fields.MoneyField()
    shipping_base = fields.MoneyField(help_text="As much of the base as is the shipping.")
    shipping_amount = fields.MoneyField(help_text="As much of the tax as is on the shipping.")


class TrackingSerializer(RowSerializer):
    """How it travels."""

    carrier = serializers.CharField()
    number = serializers.CharField(source="tracking_number")
    url = serializers.SerializerMethodField(help_text="The carrier's page about the parcel, if we know one.")

    @extend_schema_field({"type": ["string", "null"], "format": "uri"})
    def get_url(self, order: Order) -> str | None:
        """Where the parcel can be followed."""
        return carriers.find_url(order)


class RecipientSerializer(RowSerializer):
    """Who gets it, if that is somebody else."""

    name = serializers.CharField(source="recipient_name")
    email = serializers.EmailField(source="recipient_email", allow_blank=True)


class SiblingSerializer(RowSerializer):
    """Another order that was placed at once, to be sent apart."""

    id = serializers.UUIDField()
    number = serializers.IntegerField()
    status = serializers.CharField()


@dataclass(frozen=True, slots=True)
class _Shown:
    """An order with its lines as somebody sees them."""

    order: Order
    lines: list[dict[str, Any]]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.order, name)


class OrderSerializer(RowSerializer):
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
    coupon = serializers.CharField(allow_null=True, help_text="Its code.")
    shipping_method = serializers.CharField(allow_null=True, help_text="Its code.")
    tax_included = fields.MoneyField(source="tax_included_total", help_text="What the prices contain; in them already.")
    taxes = TaxSerializer(many=True)
    stages = TotalStageSerializer(many=True, help_text="How the total came about.")
    awaits_acceptance = serializers.BooleanField(
        source="asks_for_acceptance",
        help_text="Whether staff ask more for something; it can be paid after `accept-quote`.",
    )
    shipping_address = serializers.DictField()
    is_gift = serializers.BooleanField()
    gift_message = serializers.CharField()
    is_anonymous = serializers.BooleanField(help_text="Whether the recipient never learns who bought it.")
    recipient = RecipientSerializer(source="*", allow_null=True, help_text="Who gets it, if the shopper has said so.")
    group = serializers.UUIDField(allow_null=True, help_text="What orders have in common that are sent in parts.")
    siblings = SiblingSerializer(many=True, help_text="The others of the group.")
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
        prefetch_related_objects([order], lines_in_order())
        actor = self.context["request"].user
        is_staff = can_see_all(actor)
        lines = [line_row(line, is_staff=is_staff) for line in order.lines.all()]
        data = super().to_representation(_Shown(order, lines))
        data |= {name: data[name] or None for name in ("coupon", "shipping_method")}
        data["recipient"] = data["recipient"] if order.recipient_name else None
        if is_staff:
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
