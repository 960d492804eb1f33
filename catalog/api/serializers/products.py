"""Products' representations and input."""

from rest_framework import serializers

from catalog.api.serializers.media import MediaSerializer
from catalog.api.serializers.sellables import SellableSerializer
from catalog.api.serializers.taxonomy import BrandRefSerializer, MaterialRefSerializer, TagRefSerializer
from catalog.models import Brand, Category
from fantasize.core.api import fields
from fantasize.core.api.serializers import StrictSerializer

MAX_STOCK = 1_000_000
MAX_MATERIALS = 20
MAX_TAGS = 50
# Whole and fractional digits together, counted as for currencies with three decimals: less than a milliard.
PRICE_DIGITS = 12


class ProductSerializer(SellableSerializer):
    """A product as everybody may see it. ``price`` is what one piece costs now."""

    brand = BrandRefSerializer(allow_null=True)
    materials = MaterialRefSerializer(many=True, source="ordered_shares", help_text="100 per cent together, or none.")
    tags = TagRefSerializer(many=True, source="ordered_tags")
    media = MediaSerializer(many=True, source="ready_media")


class ShareInput(StrictSerializer):
    """How much of a product is of a material."""

    material = fields.IntegerField(min_value=1, max_value=fields.MAX_BIG_INTEGER, help_text="Its id.")
    percent = fields.PercentField(help_text="More than 0; all of a product's come to 100.")


class ProductInputSerializer(StrictSerializer):
    """What staff write. ``price`` is the list price; stock is given once, and corrected by deltas afterwards."""

    name = fields.CharField(max_length=200)
    price = fields.MoneyField(source="list_price", max_digits=PRICE_DIGITS)
    sku = fields.CharField(max_length=64, required=False)
    slug = fields.SlugField(max_length=220, required=False)
    description = fields.CharField(max_length=20_000, required=False, allow_blank=True)
    category = serializers.PrimaryKeyRelatedField(queryset=Category.objects.all(), required=False, allow_null=True)
    brand = serializers.PrimaryKeyRelatedField(queryset=Brand.objects.all(), required=False, allow_null=True)
    materials = serializers.ListField(
        child=ShareInput(), required=False, max_length=MAX_MATERIALS, help_text="All of them: 100 per cent."
    )
    tags = serializers.ListField(
        child=fields.IntegerField(min_value=1, max_value=fields.MAX_BIG_INTEGER),
        required=False,
        max_length=MAX_TAGS,
        help_text="Ids; all of them.",
    )
    is_active = fields.BooleanField(required=False)


class ProductCreateSerializer(ProductInputSerializer):
    """What staff write to make a product."""

    stock = fields.IntegerField(
        required=False, default=0, max_value=MAX_STOCK, help_text="Pieces on hand at the beginning."
    )
