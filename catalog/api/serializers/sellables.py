"""What the representations of products and packages have in common."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from django.conf import settings
from rest_framework import serializers

from catalog.api.serializers.taxonomy import CategoryRefSerializer
from catalog.models.sellable import Sellable
from catalog.pricing import CurrentPrice, bulk_price
from fantasize.core.api import fields
from fantasize.core.api.serializers import RowSerializer


class OfferRefSerializer(RowSerializer):
    """The offer that makes something cheaper now."""

    name = serializers.CharField()
    percent = serializers.DecimalField(5, 2, allow_null=True, help_text="Per cent off the list price, or null.")
    amount = fields.MoneyField(allow_null=True, help_text="So much off the list price, or null.")
    until = serializers.DateTimeField(source="ends_at", allow_null=True, help_text="Null while nobody has said.")


class _PriceBreaksSerializer(serializers.ListSerializer[Any]):
    """A price's breaks."""

    def to_representation(self, data: Any) -> Any:
        """Those of a ``CurrentPrice`` that make a piece cheaper, smallest quantity first."""
        return super().to_representation(list(_steps(data)))


class PriceBreakRefSerializer(serializers.Serializer[Any]):
    """What a piece costs for whoever takes more of them."""

    class Meta:
        list_serializer_class = _PriceBreaksSerializer

    min_quantity = serializers.IntegerField()
    percent = serializers.DecimalField(5, 2, allow_null=True, help_text="Per cent off the price, or null.")
    unit_price = fields.MoneyField(allow_null=True, help_text="In place of the price, or null.")
    price = fields.MoneyField(help_text="What each piece costs then.")


class RatingSerializer(RowSerializer):
    """What published reviews say."""

    average = serializers.SerializerMethodField(help_text="1 to 5 stars; null without reviews.")
    count = serializers.IntegerField(source="rating_count")

    def get_average(self, thing: Sellable) -> float | None:
        """The mean of the stars, to two decimals."""
        return float(thing.rating_average) if thing.rating_count else None


class SellableSerializer(RowSerializer):
    """Something as everybody may see it. ``price`` is what one costs now.

    The rows have their ``current_price`` (``selectors.prices.attach``).
    """

    id = serializers.IntegerField()
    sku = serializers.CharField()
    slug = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField(help_text="HTML, cleaned.")
    price = fields.MoneyField(source="current_price.price")
    list_price = fields.MoneyField()
    currency = serializers.SerializerMethodField()
    offer = OfferRefSerializer(source="current_price.offer", allow_null=True)
    price_breaks = PriceBreakRefSerializer(
        many=True,
        source="current_price",
        help_text="What a piece costs for whoever takes more, from few to many.",
    )
    available = serializers.IntegerField(help_text="Pieces that can be ordered now.")
    status = serializers.CharField(help_text="in_stock, running_low or out_of_stock.")
    category = CategoryRefSerializer(allow_null=True)
    rating = RatingSerializer(source="*")
    customizable = serializers.BooleanField(source="has_options")
    is_favorite = serializers.BooleanField(
        required=False, help_text="Whether the caller has marked it; signed in only."
    )
    is_active = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()

    def get_currency(self, thing: Sellable) -> str:
        """ISO 4217 code of all prices."""
        return str(settings.SHOP_CURRENCY)


def _steps(current: CurrentPrice) -> Iterator[dict[str, Any]]:
    """The price breaks that make a piece cheaper than fewer pieces would."""
    for terms in current.breaks:
        price, applied = bulk_price(current, terms.min_quantity, currency=settings.SHOP_CURRENCY)
        if applied is terms:
            yield {**asdict(terms), "price": price}
