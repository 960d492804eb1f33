"""Reviews, in and out."""

from rest_framework import serializers

from catalog.models import Review
from catalog.selectors.reviews import STARS, author_name
from catalog.services.reviews import MOST_CHARACTERS
from fantasize.core.api import fields
from fantasize.core.api.serializers import StrictSerializer


class ReviewSerializer(serializers.Serializer[Review]):
    """A review as whoever may read it sees it."""

    id = serializers.IntegerField()
    product = serializers.IntegerField(source="product_id", allow_null=True, help_text="What it is about, or null.")
    package = serializers.IntegerField(source="package_id", allow_null=True, help_text="What it is about, or null.")
    rating = serializers.IntegerField(min_value=1, max_value=5)
    text = serializers.CharField(help_text="Plain text: HTML in it is none.")
    author = serializers.SerializerMethodField(help_text="First name and an initial.")
    state = serializers.CharField(
        help_text="published; one's own may also be pending (waiting for moderation) or rejected."
    )
    created_at = serializers.DateTimeField()
    edited_at = serializers.DateTimeField(allow_null=True)

    def get_author(self, review: Review) -> str:
        """Whom it is from."""
        return author_name(review)


class ReviewInputSerializer(StrictSerializer):
    """What a buyer says."""

    rating = fields.IntegerField(min_value=1, max_value=5)
    text = fields.CharField(max_length=MOST_CHARACTERS, required=False, allow_blank=True, default="")


class ReviewChangesSerializer(StrictSerializer):
    """What a buyer says now."""

    rating = fields.IntegerField(min_value=1, max_value=5, required=False)
    text = fields.CharField(max_length=MOST_CHARACTERS, required=False, allow_blank=True)


class StarsSerializer(serializers.Serializer[dict[int, int]]):
    """How many published reviews give how many stars."""

    def get_fields(self) -> dict[str, serializers.Field]:  # type: ignore[type-arg] # generic only in its stubs
        """One field for each number of stars."""
        return {str(stars): serializers.IntegerField(source="*") for stars in STARS}

    def to_representation(self, instance: dict[int, int]) -> dict[str, int]:
        """The counts by the number of stars, as text."""
        return {str(stars): count for stars, count in instance.items()}


class ReviewFacetsSerializer(serializers.Serializer[dict[str, dict[int, int]]]):
    """What stands beside a list of reviews."""

    rating = StarsSerializer()
