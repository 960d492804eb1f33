"""Price breaks as staff write them."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.conf import settings
from rest_framework import serializers

from catalog.api.serializers.offers import AMOUNT_DIGITS
from catalog.models import PriceBreak
from catalog.services.price_breaks import MAX_QUANTITY
from fantasize.core.api import fields
from fantasize.core.api.serializers import StrictSerializer, exactly_one, replaced

_KINDS = ("percent", "unit_price")


class PriceBreakSerializer(serializers.Serializer[PriceBreak]):
    """From so many pieces of a product or a package on, each is cheaper."""

    id = serializers.IntegerField()
    product = serializers.IntegerField(source="product_id", allow_null=True)
    package = serializers.IntegerField(source="package_id", allow_null=True)
    min_quantity = serializers.IntegerField()
    percent = serializers.DecimalField(5, 2, allow_null=True, help_text="Per cent off the price, or null.")
    unit_price = fields.MoneyField(allow_null=True, help_text="In place of the price, or null.")
    currency = serializers.SerializerMethodField()

    def get_currency(self, price_break: PriceBreak) -> str:
        """ISO 4217 code of the price."""
        return str(settings.SHOP_CURRENCY)


class PriceBreakInputSerializer(StrictSerializer):
    """The terms of a price break: either ``percent`` or ``unit_price``; in a change, one replaces the other."""

    min_quantity = fields.IntegerField(min_value=2, max_value=MAX_QUANTITY)
    percent = fields.SomePercentField(required=False, allow_null=True)
    unit_price = fields.MoneyField(
        max_digits=AMOUNT_DIGITS, required=False, allow_null=True, help_text="No more than the list price."
    )
    schema_rules: ClassVar[Mapping[str, Any]] = exactly_one(*_KINDS)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The terms, with one kind of discount for the other."""
        return replaced(attrs, *_KINDS) if self.partial else attrs


class NewPriceBreakSerializer(PriceBreakInputSerializer):
    """A new price break, of either a ``product`` or a ``package``."""

    product = fields.IntegerField(required=False, min_value=1, max_value=fields.MAX_BIG_INTEGER)
    package = fields.IntegerField(required=False, min_value=1, max_value=fields.MAX_BIG_INTEGER)
    schema_rules: ClassVar = {"allOf": [exactly_one(*_KINDS), exactly_one("product", "package")]}
