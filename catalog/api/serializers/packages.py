"""Packages' representations and input."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from catalog.api.serializers.media import MediaSerializer
from catalog.api.serializers.products import PRICE_DIGITS, TaxClassField
from catalog.api.serializers.rules import RuledSerializer
from catalog.api.serializers.sellables import SellableSerializer
from catalog.api.serializers.taxonomy import RowField
from catalog.models import Category, Package, Product
from catalog.selectors.packages import saving_of
from catalog.services.packages import MAX_PARTS, MAX_PIECES, Part, price_kind_faults, repeated_parts
from fantasize.core.api import fields
from fantasize.core.api.serializers import RowSerializer, StrictSerializer
from fantasize.core.errors import FieldError

_price = fields.MoneyField


class PartProductSerializer(RowSerializer):
    """A product as the packages that it is in show it. ``price`` is what one piece costs singly now."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    slug = serializers.CharField()
    price = fields.MoneyField(source="current_price.price")
    available = serializers.SerializerMethodField(help_text="Pieces that can be ordered now.")
    customizable = serializers.BooleanField(source="has_options")

    def get_available(self, product: Product) -> int:
        """None can be had of what is not in the shop."""
        return product.available if product.is_active else 0


class PartSerializer(RowSerializer):
    """One part of a package."""

    product = PartProductSerializer()
    quantity = serializers.IntegerField(help_text="Pieces in one package.")


class PackageSerializer(SellableSerializer):
    """A package as everybody may see it. ``price`` is what one costs now; it is as available as its scarcest part."""

    percent_off = serializers.DecimalField(
        5, 2, allow_null=True, help_text="Per cent less than its parts' list prices; null if it has a price of its own."
    )
    items = PartSerializer(many=True)
    parts_total = fields.MoneyField(help_text="What the parts cost singly, at their list prices.")
    saving = serializers.SerializerMethodField(help_text="How much less than its parts it costs now.")
    media = MediaSerializer(many=True, source="ready_media")

    def get_saving(self, package: Package) -> str:
        """How much less than its parts it costs now; 0.00 if it does not."""
        return _price().to_representation(saving_of(package, package.current_price.price))


@extend_schema_serializer(component_name="Package")
class StaffPackageSerializer(PackageSerializer):
    """A package. ``price`` is what one costs now; it is as available as its scarcest part."""

    tax_class = serializers.CharField(
        source="tax_class.code", required=False, allow_null=True, help_text="Its code; null: the default. Staff only."
    )


class PartInput(StrictSerializer):
    """A part: a product, never another package."""

    product = fields.IntegerField(min_value=1, max_value=fields.MAX_BIG_INTEGER, help_text="Its id.")
    quantity = fields.IntegerField(min_value=1, max_value=MAX_PIECES, help_text="Pieces in one package.")

    def _refused(self, data: Mapping[str, Any]) -> Iterator[tuple[str, list[ErrorDetail]]]:
        """A part is written as a whole, in a PATCH too; and packages are no parts."""
        for name in self.fields.keys() - data.keys():
            yield name, [ErrorDetail("This field is required.", "required")]
        for name, faults in super()._refused(data):
            no_package = [ErrorDetail("A package cannot be a part of a package.", "package_in_package")]
            yield name, no_package if name == "package" else faults


class PackageInputSerializer(RuledSerializer):
    """What staff write: a price of its own, or how much less than its parts it costs; neither is 0 per cent less."""

    name = fields.CharField(max_length=200)
    price = fields.MoneyField(
        source="own_price", max_digits=PRICE_DIGITS, required=False, allow_null=True, help_text="Its own list price."
    )
    percent_off = fields.PercentField(
        required=False, allow_null=True, help_text="Per cent less than the parts' list prices; not beside a price."
    )
    sku = fields.CharField(max_length=64, required=False, may_look_like_card=True)
    slug = fields.SlugField(max_length=220, required=False)
    description = fields.CharField(max_length=20_000, required=False, allow_blank=True)
    category = RowField(queryset=Category.objects.all(), required=False, allow_null=True)
    items = serializers.ListField(
        child=PartInput(), min_length=1, max_length=MAX_PARTS, help_text="In the order they are shown."
    )
    is_active = fields.BooleanField(required=False)
    tax_class = TaxClassField(required=False, allow_null=True, help_text="Its code; null: the default.")
    schema_rules: ClassVar = {"anyOf": [{"properties": {name: {"type": "null"}}} for name in ("price", "percent_off")]}

    def broken_rules(self, sound: Mapping[str, Any]) -> Iterable[FieldError]:
        """Two kinds of price, or a product that is a part twice."""
        yield from price_kind_faults(sound.get("price"), sound.get("percent_off"))
        yield from repeated_parts([Part(**item) for item in sound.get("items", ())])
