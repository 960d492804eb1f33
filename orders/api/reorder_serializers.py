"""What of an order can be ordered again."""

from typing import Any

from rest_framework import serializers


class ChangeSerializer(serializers.Serializer[Any]):
    """What is otherwise than it was."""

    line = serializers.IntegerField(help_text="Of the order that was placed.")
    pointer = serializers.CharField(help_text="What of the line, as a JSON pointer into what would be sent.")
    code = serializers.CharField()
    detail = serializers.CharField()
    blocks = serializers.BooleanField(help_text="Whether the line cannot be ordered again as it was.")


class AgainSerializer(serializers.Serializer[Any]):
    """A line as it can be sent again."""

    product = serializers.IntegerField(required=False)
    package = serializers.IntegerField(required=False)
    quantity = serializers.IntegerField()
    answers = serializers.DictField(child=serializers.CharField())
    parts = serializers.DictField(child=serializers.DictField(child=serializers.CharField()))


class ReorderSerializer(serializers.Serializer[Any]):
    """What of an order can be ordered again, and what has changed since."""

    lines = AgainSerializer(many=True, help_text="Ready to be sent with a new order; without those that cannot be.")
    changes = ChangeSerializer(many=True)
