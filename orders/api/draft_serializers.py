"""Orders that staff prepare, in and out."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from rest_framework import serializers

from accounts.models import User
from fantasize.core.api import fields
from fantasize.core.api.serializers import StrictSerializer
from orders.api.line_serializers import OrderLineInputSerializer, requested_lines
from orders.api.placing_serializers import OrderInputSerializer, gift_in
from orders.api.placing_viewsets import address_for
from orders.enums import PaymentMethod
from orders.models import DraftOrder
from orders.models.cart import MAX_LINES
from orders.services.drafts import Content
from orders.services.quoting import Wishes


class DraftBodySerializer(OrderInputSerializer):
    """What a draft is of: what ``POST /orders`` takes, but for what only a shopper says."""

    schema_rules: ClassVar[Mapping[str, Any]] = {}

    lines = serializers.ListField(child=OrderLineInputSerializer(), min_length=1, max_length=MAX_LINES)
    from_cart = None  # type: ignore[assignment] # how DRF leaves an inherited field out
    expected_total = None  # type: ignore[assignment] # as above


class DraftInputSerializer(StrictSerializer):
    """A draft as it is to be."""

    customer = serializers.UUIDField(required=False, allow_null=True, help_text="Whose account; left out: a guest.")
    note = fields.CharField(default="", allow_blank=True, max_length=1000, help_text="Among staff.")
    order = DraftBodySerializer(help_text="As it would be placed; a guest's says their `email`.")

    def validate_customer(self, value: Any) -> User | None:
        """Whose account it is.

        Raises:
            ValidationError: nobody's that could order.
        """
        if value is None:
            return None
        user: User | None = User.objects.filter(pk=value, is_active=True).first()
        if user is None:
            raise serializers.ValidationError("There is no such account.", code="does_not_exist")
        return user


class PlaceDraftSerializer(StrictSerializer):
    """What a draft is placed on."""

    expected_total = fields.MoneyField(required=False, help_text="What staff were shown; refused when it differs.")


class DraftSerializer(serializers.Serializer[DraftOrder]):
    """An order that staff prepare."""

    id = serializers.UUIDField()
    customer = serializers.UUIDField(source="customer_id", allow_null=True)
    email = serializers.EmailField(allow_blank=True, help_text="A guest's.")
    note = serializers.CharField()
    order = serializers.DictField(source="body", help_text="As it would be placed.")
    total = fields.MoneyField(help_text="What it came to when it was saved.")
    currency = serializers.CharField()
    placed = serializers.UUIDField(source="order_id", allow_null=True, help_text="The order that became of it.")
    version = serializers.IntegerField(help_text="Counts changes; also the ETag.")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


def content_of(body: Mapping[str, Any], *, customer: User | None, caller_address: str = "") -> Content:
    """What a validated body comes to.

    Raises:
        InvalidError: nobody knows where it should go.
    """
    content = Content(
        customer=customer,
        email=body.get("email", "").lower(),
        body=body,
        lines=requested_lines(body),
        payment_method=PaymentMethod(body["payment_method"]),
        shipping_address={},
        wishes=Wishes(body.get("coupon", ""), body.get("shipping_method"), caller_address, body["ship_in_parts"]),
        gift=gift_in(body),
    )
    address = address_for(content.customer_by(""), body.get("shipping_address"))
    return replace(content, shipping_address=address)


def content_in(draft: DraftOrder) -> Content:
    """What a draft is of, read again by the rules of now.

    Raises:
        ValidationError, InvalidError: it cannot be ordered any more.
    """
    serializer = DraftBodySerializer(data=draft.body, context={"is_guest": draft.customer is None})
    serializer.is_valid(raise_exception=True)
    return content_of(serializer.validated_data, customer=draft.customer)
