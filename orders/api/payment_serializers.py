"""The representations and input of payments. There is no field for a card, and none is taken."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from fantasize.core import clock
from fantasize.core.api import fields
from fantasize.core.api.serializers import StrictSerializer
from orders.enums import PaymentMethod
from orders.models import Payment


class CheckoutInputSerializer(StrictSerializer):
    """What somebody who wants to pay may say."""

    expected_total = fields.MoneyField(required=False, help_text="What the shopper was shown; refused when it differs.")


class PaymentInputSerializer(CheckoutInputSerializer):
    """What is to be paid, and how."""

    order = serializers.UUIDField(help_text="The order's id.")
    method = serializers.ChoiceField(choices=PaymentMethod.choices, help_text="As it was chosen with the order.")


class PaymentSerializer(serializers.Serializer[Payment]):
    """One attempt to pay, and what came of it."""

    id = serializers.UUIDField()
    order = serializers.UUIDField(source="order_id")
    method = serializers.CharField()
    gateway = serializers.CharField()
    status = serializers.CharField(source="state")
    amount = fields.MoneyField()
    refunded = fields.MoneyField(help_text="What went back, or is on its way.")
    currency = serializers.CharField()
    redirect_url = serializers.SerializerMethodField(help_text="The page to pay on while it is open; else null.")
    created_at = serializers.DateTimeField()

    @extend_schema_field({"type": ["string", "null"], "format": "uri"})
    def get_redirect_url(self, payment: Payment) -> str | None:
        """Where to pay."""
        return page_of(payment)


class CheckoutSerializer(serializers.Serializer[Any]):
    """Where to pay for an order."""

    payment = PaymentSerializer()
    redirect_url = serializers.URLField(
        allow_null=True, help_text="Null for what costs nothing and goes ahead at once."
    )


class ReceiptSerializer(serializers.Serializer[Any]):
    """That a message is safe."""

    received = serializers.BooleanField()


def page_of(payment: Payment) -> str | None:
    """The address of the page to pay on, while somebody can."""
    session = getattr(payment, "session", None)
    if session is None or session.closed_at or session.facts.get("is_completed") or session.expires_at <= clock.now():
        return None
    return session.redirect_url or None
