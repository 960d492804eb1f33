"""Facets as lists show them."""

from operator import itemgetter
from typing import Any

from rest_framework import serializers

from fantasize.core.api import fields
from fantasize.core.api.serializers import RowSerializer


class _ValueSerializer(RowSerializer):
    """A value of a facet."""

    getter = itemgetter


class NamedFacetSerializer(_ValueSerializer):
    """A value with a name, and how many have it."""

    id = serializers.IntegerField()
    slug = serializers.CharField()
    name = serializers.CharField()
    count = serializers.IntegerField()


class CategoryFacetSerializer(NamedFacetSerializer):
    """A category, and how many are in it or below it."""

    parent = serializers.IntegerField(allow_null=True)  # type: ignore[assignment] # DRF takes fields off the class


class PriceFacetSerializer(_ValueSerializer):
    """A range of prices; its ends can be given as min_price and max_price."""

    min = fields.MoneyField()
    max = fields.MoneyField(allow_null=True)
    count = serializers.IntegerField()


class RatingFacetSerializer(_ValueSerializer):
    """How many have at least so many stars."""

    min = serializers.IntegerField()
    count = serializers.IntegerField()


class YesNoFacetSerializer(_ValueSerializer):
    """How many are so, or are not."""

    value = serializers.BooleanField()
    count = serializers.IntegerField()


class FacetsSerializer(serializers.Serializer[Any]):
    """What can be narrowed further, and to how many; each counted as if it were not narrowed by itself."""

    category = CategoryFacetSerializer(many=True)
    price = PriceFacetSerializer(many=True)
    rating = RatingFacetSerializer(many=True)
    in_stock = YesNoFacetSerializer(many=True)
    on_offer = YesNoFacetSerializer(many=True)


class ProductFacetsSerializer(FacetsSerializer):
    """The same, and what only products have."""

    brand = NamedFacetSerializer(many=True, help_text="The brands with the most.")
    material = NamedFacetSerializer(many=True, help_text="The materials that are in the most.")
