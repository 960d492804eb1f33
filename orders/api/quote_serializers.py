"""Quotes, in and out."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from accounts.api.fields import CountryField, LineField, PostalCodeField
from customizations.api.serializers.previews import SurchargeSerializer
from fantasize.core.api import fields
from fantasize.core.api.serializers import StrictSerializer
from orders.api.line_serializers import OrderLineInputSerializer
from orders.api.placing_serializers import GOODS_RULES, faults_in_goods
from orders.api.serializers import TaxSerializer, TotalStageSerializer
from orders.models.cart import MAX_LINES


class DestinationInput(StrictSerializer):
    """Where it would go; of an address only the country must be known yet."""

    country = CountryField()
    region = LineField(default="", allow_blank=True, max_length=100)
    full_name = LineField(default="", allow_blank=True, max_length=150)
    line1 = LineField(default="", allow_blank=True, max_length=200)
    line2 = LineField(default="", allow_blank=True, max_length=200)
    city = LineField(default="", allow_blank=True, max_length=100)
    postal_code = PostalCodeField(default="", allow_blank=True, max_length=20)
    phone = LineField(default="", allow_blank=True, max_length=30)


class QuoteInputSerializer(StrictSerializer):
    """What somebody thinks of ordering."""

    schema_rules: ClassVar[Mapping[str, Any]] = GOODS_RULES

    lines = serializers.ListField(child=OrderLineInputSerializer(), min_length=1, max_length=MAX_LINES, required=False)
    from_cart = fields.BooleanField(required=False, help_text="What is in one's cart, all of it, in place of lines.")
    coupon = fields.CharField(required=False, max_length=100)
    shipping_method = fields.CharField(required=False, max_length=40, help_text="Its code. Left out: the cheapest.")
    shipping_address = DestinationInput(required=False, help_text="Left out: the account's default address, if any.")
    ship_in_parts = fields.BooleanField(
        default=False, help_text="What staff look at first would be an order of its own; `quotes` tells of each."
    )

    def _refused(self, data: Mapping[str, Any]) -> Iterator[tuple[str, list[ErrorDetail]]]:
        """With the other faults: that it is the cart, or lines."""
        yield from super()._refused(data)
        yield from faults_in_goods(data)


class NoticeSerializer(serializers.Serializer[Any]):
    """What keeps a line from being ordered as it is."""

    code = serializers.CharField(help_text="`out_of_stock` or `only_n_left`.")
    detail = serializers.CharField()
    available = serializers.IntegerField()


class QuotedLineSerializer(serializers.Serializer[Any]):
    """A line with everything that makes its price."""

    product = serializers.IntegerField(allow_null=True)
    package = serializers.IntegerField(allow_null=True)
    name = serializers.CharField()
    sku = serializers.CharField()
    quantity = serializers.IntegerField()
    stages = serializers.ListField(child=serializers.DictField(), help_text="How the unit price comes about.")
    unit_price = fields.MoneyField()
    surcharges = SurchargeSerializer(many=True)
    once = fields.MoneyField(help_text="What the answers cost once, however many units there are.")
    line_total = fields.MoneyField()
    discount = fields.MoneyField(help_text="Its share of what the coupon takes off.")
    tax = fields.MoneyField(help_text="Its share of the tax that comes on top.")
    tax_included = fields.MoneyField(help_text="Its share of the tax that prices contain.")
    needs_approval = serializers.BooleanField(help_text="Whether staff look at it before it is made.")
    notices = NoticeSerializer(many=True)


class ShippingOptionSerializer(serializers.Serializer[Any]):
    """A way to send it."""

    code = serializers.CharField()
    name = serializers.CharField()
    price = fields.MoneyField()
    rule = serializers.CharField(help_text="Why it costs this.")


class QuoteSerializer(serializers.Serializer[Any]):
    """What it would cost now, and why: `total = items - discounts + shipping + tax`."""

    lines = QuotedLineSerializer(many=True)
    items = fields.MoneyField()
    coupon = serializers.CharField(allow_null=True, help_text="Its code.")
    discounts = fields.MoneyField(help_text="What the coupon takes off.")
    shipping_method = serializers.CharField(allow_null=True, help_text="The code of the one that was reckoned with.")
    shipping = fields.MoneyField()
    shipping_methods = ShippingOptionSerializer(many=True, help_text="All that there are, the cheapest first.")
    tax = fields.MoneyField(help_text="What comes on top.")
    tax_included = fields.MoneyField(help_text="What the prices contain; it is in them already.")
    taxes = TaxSerializer(many=True)
    total = fields.MoneyField()
    currency = serializers.CharField()
    stages = TotalStageSerializer(many=True, help_text="How the total comes about.")
    needs_approval = serializers.BooleanField(help_text="Whether staff look at it before it goes on.")


class EstimateSerializer(QuoteSerializer):
    """What somebody thinks of ordering."""

    quotes = QuoteSerializer(
        many=True,
        required=False,
        help_text="Of each order, if it would be sent in parts; what is beside it is of all of them together.",
    )
