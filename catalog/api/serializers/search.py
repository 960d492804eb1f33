"""What searches answer beside products and packages."""

from typing import Any

from rest_framework import serializers


class SuggestionsSerializer(serializers.Serializer[Any]):
    """Ways to finish what somebody is typing."""

    suggestions = serializers.ListField(child=serializers.CharField(), help_text="The likeliest first.")
