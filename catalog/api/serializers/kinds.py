"""Products and packages in one list: each says which it is."""

from functools import cached_property
from typing import Any

from drf_spectacular.utils import PolymorphicProxySerializer
from rest_framework import serializers

from catalog.api.serializers.packages import PackageSerializer
from catalog.api.serializers.products import ProductSerializer
from catalog.models import Package, Product


class ProductOfKindSerializer(ProductSerializer):
    """A product among products and packages."""

    type = serializers.ChoiceField(choices=["product"], default="product")


class PackageOfKindSerializer(PackageSerializer):
    """A package among products and packages."""

    type = serializers.ChoiceField(choices=["package"], default="package")


class ThingSerializer(serializers.Serializer[Product | Package]):
    """A product or a package, whichever it is given; its ``type`` says which."""

    def to_representation(self, instance: Product | Package) -> dict[str, Any]:
        """As lists of its kind show it, with its ``type``."""
        shown = self._of_products if isinstance(instance, Product) else self._of_packages
        return dict(shown.to_representation(instance))

    # One for all rows: to make one costs more than to show a row.
    @cached_property
    def _of_products(self) -> serializers.Serializer[Any]:
        return ProductOfKindSerializer(context=self.context)

    @cached_property
    def _of_packages(self) -> serializers.Serializer[Any]:
        return PackageOfKindSerializer(context=self.context)


def _documented(*, many: bool) -> PolymorphicProxySerializer:
    kinds: dict[str, Any] = {"product": ProductOfKindSerializer, "package": PackageOfKindSerializer}
    return PolymorphicProxySerializer(
        component_name="Thing", serializers=kinds, resource_type_field_name="type", many=many
    )


# What a ThingSerializer answers, as the OpenAPI document has it.
THING = _documented(many=False)
THINGS = _documented(many=True)
