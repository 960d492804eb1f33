"""Categories, brands, materials and tags, in and out."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog.api.serializers.media import MediaSerializer
from catalog.models import Brand, Category, Material, Tag
from fantasize.core.api import fields
from fantasize.core.api.serializers import RowSerializer, StrictModelSerializer

_BRANCHES = {"type": "array", "items": {"$ref": "#/components/schemas/Category"}}


class RowField(serializers.PrimaryKeyRelatedField[Any]):
    """A row that the input names by its id: a whole JSON number, which fractions and texts are not taken for."""

    def to_internal_value(self, data: Any) -> Any:
        """The row."""
        if isinstance(data, bool) or not isinstance(data, (int, float)) or data != int(data):
            self.fail("incorrect_type", data_type=type(data).__name__)
        return super().to_internal_value(int(data))


class CategorySerializer(RowSerializer):
    """A category with everything below it."""

    id = serializers.IntegerField()
    slug = serializers.CharField()
    name = serializers.CharField()
    parent = serializers.IntegerField(source="parent_id", allow_null=True, help_text="Id of the one above it.")  # type: ignore[assignment] # DRF takes fields off the class
    position = serializers.IntegerField(help_text="Where it stands among its siblings.")
    is_active = serializers.BooleanField()
    image = MediaSerializer(source="ready_image", allow_null=True)
    children = serializers.SerializerMethodField(help_text="The categories right below it, in their order.")

    @extend_schema_field(_BRANCHES)
    def get_children(self, category: Category) -> Any:
        """The categories right below it, each with those below them."""
        branches: Any = category.branches
        return CategorySerializer(branches, many=True).data


class CategoryInputSerializer(StrictModelSerializer):
    """What staff write. Without a slug it gets one made from its name, without a position it comes last."""

    slug = fields.SlugField(max_length=140, required=False)
    serializer_related_field = RowField

    class Meta:
        model = Category
        fields: ClassVar = ["name", "slug", "parent", "position", "is_active"]

    def validate_slug(self, slug: str) -> str:
        """Refuse another category's."""
        category: Category | None = self.instance
        others = Category.objects.exclude(pk=category.pk) if category else Category.objects.all()
        if others.filter(slug=slug).exists():
            raise serializers.ValidationError("Another category has this slug.", code="duplicate")
        return slug


class _LabelSerializer(StrictModelSerializer):
    """Without a slug it gets one made from its name, without a position it comes last."""

    class Meta:
        fields: ClassVar = ["id", "slug", "name", "position"]
        extra_kwargs: ClassVar = {"slug": {"required": False}}


class BrandSerializer(_LabelSerializer):
    """A brand, in and out."""

    class Meta(_LabelSerializer.Meta):
        model = Brand


class MaterialSerializer(_LabelSerializer):
    """A material, in and out."""

    class Meta(_LabelSerializer.Meta):
        model = Material


class TagSerializer(_LabelSerializer):
    """A tag, in and out."""

    class Meta(_LabelSerializer.Meta):
        model = Tag


class LabelRefSerializer(RowSerializer):
    """A related row as answers embed it."""

    id = serializers.IntegerField()
    slug = serializers.CharField()
    name = serializers.CharField()


class CategoryRefSerializer(LabelRefSerializer):
    """The category of a product."""


class BrandRefSerializer(LabelRefSerializer):
    """The brand of a product."""


class TagRefSerializer(LabelRefSerializer):
    """A tag of a product."""


class MaterialRefSerializer(RowSerializer):
    """How much of a product is of a material."""

    id = serializers.IntegerField()
    slug = serializers.CharField()
    name = serializers.CharField()
    percent = serializers.DecimalField(5, 2)
