"""Categories, brands, materials and tags, in and out."""

from typing import Any, ClassVar

from rest_framework import serializers

from catalog.models import Brand, Category
from fantasize.core.api.serializers import StrictModelSerializer


class CategorySerializer(StrictModelSerializer):
    """A category, in and out."""

    class Meta:
        model = Category
        fields: ClassVar = ["id", "slug", "name", "parent", "position", "is_active"]


class BrandSerializer(StrictModelSerializer):
    """A brand, in and out."""

    class Meta:
        model = Brand
        fields: ClassVar = ["id", "slug", "name"]


class LabelRefSerializer(serializers.Serializer[Any]):
    """A related row as answers embed it."""

    id = serializers.IntegerField()
    slug = serializers.CharField()
    name = serializers.CharField()


class CategoryRefSerializer(LabelRefSerializer):
    """The category of a product."""


class BrandRefSerializer(LabelRefSerializer):
    """The brand of a product."""
