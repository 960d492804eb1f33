"""Previews, in and out."""

import re
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from customizations.api.serializers.templates import AnswersField, card_faults
from fantasize.core.api import fields
from fantasize.core.api.serializers import StrictSerializer

_KINDS = ("product", "package")
_ID = "^[1-9][0-9]{0,17}$"
_ANSWERS = {"type": "object", "additionalProperties": {"type": "string"}}


@extend_schema_field({"type": "object", "patternProperties": {_ID: _ANSWERS}, "additionalProperties": False})
class PartsField(serializers.JSONField):
    """Answers about parts of a package, by the part's product."""

    def to_internal_value(self, data: Any) -> Any:
        """The answers, by number."""
        if not isinstance(data, dict):
            self.fail("invalid")
        bad = [key for key, answers in data.items() if not (re.fullmatch(_ID[1:-1], key) and isinstance(answers, dict))]
        if bad:
            raise serializers.ValidationError(dict.fromkeys(bad, "Answers by the id of the part's product."))
        if faults := {key: found for key, answers in data.items() if (found := card_faults(answers))}:
            raise serializers.ValidationError(faults)
        return {int(key): answers for key, answers in data.items()}


class PreviewInput(StrictSerializer):
    """Answers about a product or a package, as far as they have come."""

    product = fields.IntegerField(min_value=1, max_value=fields.MAX_BIG_INTEGER, required=False)
    package = fields.IntegerField(min_value=1, max_value=fields.MAX_BIG_INTEGER, required=False)
    answers = AnswersField(default=dict)
    parts = PartsField(default=dict)
    schema_rules: ClassVar = {"oneOf": [{"required": [kind]} for kind in _KINDS]}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """What to look at.

        Raises:
            ValidationError: neither or both are there.
        """
        named = attrs.keys() & set(_KINDS)
        if len(named) != 1:
            code = "exclusive" if named else "required"
            raise serializers.ValidationError(dict.fromkeys(_KINDS, "Name either a product or a package."), code=code)
        return attrs


class FaultSerializer(serializers.Serializer[Any]):
    """What is wrong with an answer."""

    pointer = serializers.CharField(help_text="Where, as a JSON pointer into what was sent.")
    code = serializers.CharField()
    detail = serializers.CharField()


class SurchargeSerializer(serializers.Serializer[Any]):
    """What an answer costs."""

    part = serializers.IntegerField(allow_null=True, help_text="The part of the package; null: the thing itself.")
    key = serializers.CharField(help_text="Of the option.")
    label = serializers.CharField()  # type: ignore[assignment]  # DRF takes fields out of the class
    mode = serializers.CharField()
    amount = serializers.CharField(
        help_text="In each; in all pieces of a part. Exact: the price is rounded when whole."
    )
    is_once = serializers.BooleanField(help_text="Whether it is paid once, however many are ordered.")


class PartPreviewSerializer(serializers.Serializer[Any]):
    """What is asked about a part of a package, and what it looks like."""

    product = serializers.IntegerField()
    visible = serializers.ListField(child=serializers.CharField(), help_text="The options that are asked.")
    preview_url = serializers.URLField(allow_null=True)


class PreviewSerializer(serializers.Serializer[Any]):
    """What answers come to."""

    valid = serializers.BooleanField(help_text="Whether it can be ordered like this.")
    errors = FaultSerializer(many=True)  # type: ignore[assignment]  # as above
    visible = serializers.ListField(child=serializers.CharField(), help_text="The options that are asked.")
    surcharges = SurchargeSerializer(many=True)
    unit_price = serializers.CharField(help_text="What one costs with these answers.")
    once = serializers.CharField(help_text="What is paid beside, however many are ordered.")
    currency = serializers.CharField()
    needs_approval = serializers.BooleanField(help_text="Whether staff look at it before it is made.")
    preview_url = serializers.URLField(
        allow_null=True, help_text="A WebP picture for some minutes; null: there is none. Of a package, the first."
    )
    parts = PartPreviewSerializer(many=True, help_text="Those of a package that ask something.")
