"""Products' representations and input."""

from django.conf import settings
from rest_framework import serializers

from catalog.api.serializers.taxonomy import BrandRefSerializer, CategoryRefSerializer
from catalog.models import Brand, Category, Product
from fantasize.core.api import fields
from fantasize.core.api.serializers import StrictSerializer

MAX_STOCK = 1_000_000


class ProductSerializer(serializers.Serializer[Product]):
    """A product as everybody may see it. ``price`` is what one piece costs now."""

    id = serializers.IntegerField()
    sku = serializers.CharField()
    slug = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField(help_text="HTML, cleaned.")
    price = fields.MoneyField(source="current_price.price")
    list_price = fields.MoneyField()
    currency = serializers.SerializerMethodField()
    available = serializers.IntegerField(help_text="Pieces that can be ordered now.")
    status = serializers.CharField(help_text="in_stock, running_low or out_of_stock.")
    category = CategoryRefSerializer(allow_null=True)
    brand = BrandRefSerializer(allow_null=True)
    customizable = serializers.BooleanField(source="has_options")
    is_favorite = serializers.BooleanField(
        required=False, help_text="Whether the caller has marked it; signed in only."
    )
    is_active = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()

    def get_currency(self, product: Product) -> str:
        """ISO 4217 code of both prices."""
        return str(settings.SHOP_CURRENCY)


class ProductInputSerializer(StrictSerializer):
    """What staff write. ``price`` is the list price; stock is given once, and corrected by deltas afterwards."""

    name = fields.CharField(max_length=200)
    price = fields.MoneyField(source="list_price")
    sku = fields.CharField(max_length=64, required=False)
    slug = fields.SlugField(max_length=220, required=False)
    description = fields.CharField(max_length=20_000, required=False, allow_blank=True)
    category = serializers.PrimaryKeyRelatedField(queryset=Category.objects.all(), required=False, allow_null=True)
    brand = serializers.PrimaryKeyRelatedField(queryset=Brand.objects.all(), required=False, allow_null=True)
    is_active = fields.BooleanField(required=False)


class ProductCreateSerializer(ProductInputSerializer):
    """What staff write to make a product."""

    stock = fields.IntegerField(
        required=False, default=0, max_value=MAX_STOCK, help_text="Pieces on hand at the beginning."
    )
