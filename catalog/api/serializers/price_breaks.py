"""Price breaks as staff write them."""

from django.conf import settings
from rest_framework import serializers

from catalog.models import PriceBreak
from catalog.services.price_breaks import MAX_QUANTITY
from fantasize.core.api import fields
from fantasize.core.api.serializers import StrictSerializer


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
    """The terms of a price break: either ``percent`` or ``unit_price``."""

    min_quantity = fields.IntegerField(min_value=2, max_value=MAX_QUANTITY)
    percent = fields.PercentField(required=False, allow_null=True)
    unit_price = fields.MoneyField(required=False, allow_null=True)


class NewPriceBreakSerializer(PriceBreakInputSerializer):
    """A new price break, of either a ``product`` or a ``package``."""

    product = fields.IntegerField(required=False, min_value=1, max_value=fields.MAX_BIG_INTEGER)
    package = fields.IntegerField(required=False, min_value=1, max_value=fields.MAX_BIG_INTEGER)
