"""Products' representations and input."""

from collections.abc import Iterable, Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers
from rest_framework.fields import empty

from catalog.api.serializers.media import MediaSerializer
from catalog.api.serializers.rules import RuledSerializer
from catalog.api.serializers.sellables import SellableSerializer
from catalog.api.serializers.taxonomy import BrandRefSerializer, MaterialRefSerializer, RowField, TagRefSerializer
from catalog.models import Brand, Category, TaxClass
from catalog.services.materials import Share, faults
from fantasize.core.api import fields
from fantasize.core.api.serializers import StrictSerializer
from fantasize.core.errors import FieldError

MAX_STOCK = 1_000_000
MAX_MATERIALS = 20
MAX_TAGS = 50
# Whole and fractional digits together, counted as for currencies with three decimals: less than a milliard.
PRICE_DIGITS = 12


class ProductSerializer(SellableSerializer):
    """A product as everybody may see it. ``price`` is what one piece costs now."""

    brand = BrandRefSerializer(allow_null=True)
    materials = MaterialRefSerializer(many=True, source="material_labels", help_text="100 per cent together, or none.")
    tags = TagRefSerializer(many=True, source="tag_labels")
    media = MediaSerializer(many=True, source="ready_media")


@extend_schema_serializer(component_name="Product")
class StaffProductSerializer(ProductSerializer):
    """A product. ``price`` is what one piece costs now."""

    weight_grams = serializers.IntegerField(required=False, help_text="Of one piece. Staff only.")
    tax_class = serializers.CharField(
        source="tax_class.code", required=False, allow_null=True, help_text="Its code; null: the default. Staff only."
    )


class TaxClassField(serializers.SlugRelatedField[TaxClass]):
    """A tax class that the input names by its code: a JSON string."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(slug_field="code", queryset=TaxClass.objects.all(), **kwargs)

    def run_validation(self, data: Any = empty) -> Any:
        """The row; an empty text names none, and is not null."""
        return serializers.Field.run_validation(self, data)

    def to_internal_value(self, data: Any) -> TaxClass:
        """The row."""
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class ShareInput(StrictSerializer):
    """How much of a product is of a material."""

    material = fields.IntegerField(min_value=1, max_value=fields.MAX_BIG_INTEGER, help_text="Its id.")
    percent = fields.PercentField(help_text="More than 0; all of a product's come to 100.")


class ProductInputSerializer(RuledSerializer):
    """What staff write. ``price`` is the list price; stock is given once, and corrected by deltas afterwards."""

    name = fields.CharField(max_length=200)
    price = fields.MoneyField(source="list_price", max_digits=PRICE_DIGITS)
    sku = fields.CharField(max_length=64, required=False, may_look_like_card=True)
    slug = fields.SlugField(max_length=220, required=False)
    description = fields.CharField(max_length=20_000, required=False, allow_blank=True)
    category = RowField(queryset=Category.objects.all(), required=False, allow_null=True)
    brand = RowField(queryset=Brand.objects.all(), required=False, allow_null=True)
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
    weight_grams = fields.IntegerField(required=False, help_text="Of one piece; shipping may go by it.")
    tax_class = TaxClassField(required=False, allow_null=True, help_text="Its code; null: the default.")

    def broken_rules(self, sound: Mapping[str, Any]) -> Iterable[FieldError]:
        """Materials that are not 100 per cent, or named twice."""
        return faults([Share(**share) for share in sound.get("materials", ())])


class ProductCreateSerializer(ProductInputSerializer):
    """What staff write to make a product."""

    stock = fields.IntegerField(
        required=False, default=0, max_value=MAX_STOCK, help_text="Pieces on hand at the beginning."
    )
