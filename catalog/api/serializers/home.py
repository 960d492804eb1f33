"""The front page."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog.api.serializers.kinds import THINGS, ThingSerializer
from catalog.selectors.home import Home


class ShelfField(serializers.Field[Any, Any, Any, Any]):
    """Products and packages side by side, each saying by its ``type`` which it is."""

    def to_representation(self, value: Any) -> Any:
        """As lists show them."""
        return ThingSerializer(value, many=True, context=self.context).data


_SHELF = extend_schema_field(THINGS)


class HomeSerializer(serializers.Serializer[Home]):
    """The shelves of the front page."""

    new = _SHELF(ShelfField)(help_text="The latest first.")
    offers = _SHELF(ShelfField)(help_text="What costs less than usual.")
    best_rated = _SHELF(ShelfField)(help_text="What reviewers like best.")
    recommended = _SHELF(ShelfField)(
        help_text="Best sellers; for who is signed in, first those like their favourites, which are left out."
    )
