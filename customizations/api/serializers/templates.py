"""Templates and presets, in and out."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from customizations.enums import TemplateState
from customizations.models import CustomizationTemplate
from customizations.selectors.templates import levels_of
from customizations.services import presets, templates
from customizations.services.links import MAX_TARGETS
from fantasize.core import card_numbers
from fantasize.core.api import fields
from fantasize.core.api.serializers import StrictSerializer

_SCHEMA = {
    "type": "object",
    "properties": {"options": {"type": "array"}, "canvas": {"type": ["object", "null"]}},
    "required": ["options"],
    "additionalProperties": False,
}
_ANSWERS = {"type": "object", "additionalProperties": {"type": "string"}}


@extend_schema_field(_SCHEMA)
class SchemaField(serializers.JSONField):
    """A document in the schema language; the engine reads it."""


@extend_schema_field(_ANSWERS)
class AnswersField(serializers.JSONField):
    """Answers by option; the engine judges them."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """The answers."""
        if not isinstance(data, dict):
            self.fail("invalid")
        if faults := card_faults(data):
            raise serializers.ValidationError(faults)
        return data


def card_faults(answers: Mapping[str, Any]) -> dict[str, list[ErrorDetail]]:
    """The answers that hold the number of a payment card, which no engine needs to know."""
    found = (key for key, answer in answers.items() if isinstance(answer, str) and card_numbers.has_one(answer))
    return {key: [ErrorDetail(card_numbers.MESSAGE, "card_number")] for key in found}


class PresetSerializer(serializers.Serializer[Any]):
    """Answers that a shopper can begin with."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    answers = AnswersField()


class StaffPresetSerializer(PresetSerializer):
    """A preset as staff see it."""

    template = serializers.IntegerField(source="template_id")
    position = serializers.IntegerField()
    is_offered = serializers.BooleanField(help_text="Whether the template takes its answers as it is now.")


class PresetInput(StrictSerializer):
    """What staff write of a preset; pictures are somebody's own, and cannot be among its answers."""

    name = fields.CharField(max_length=presets.MAX_NAME)
    answers = AnswersField()


class PresetChanges(PresetInput):
    """What can be changed of a preset."""

    position = fields.IntegerField(required=False, help_text="Lower ones come first.")


class ChoiceLevelSerializer(serializers.Serializer[Any]):
    """How many there are of a choice that is counted."""

    option = serializers.CharField()
    value = serializers.CharField()
    available = serializers.IntegerField(help_text="Pieces that can be ordered now.")


class _AskingSerializer(serializers.Serializer[CustomizationTemplate]):
    """What can be asked about a thing. The template was read ``with_relations``."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    version = serializers.IntegerField(help_text="Counts its changes; an order keeps the one that it was placed with.")
    state = serializers.ChoiceField(choices=TemplateState.choices)
    schema = SchemaField()
    presets = serializers.SerializerMethodField()
    stock = serializers.SerializerMethodField()

    @extend_schema_field(PresetSerializer(many=True))
    def get_presets(self, template: Any) -> Any:
        """Answers to begin with, in their order: those that it takes as it is now."""
        return PresetSerializer(template.offered_presets, many=True).data

    @extend_schema_field(ChoiceLevelSerializer(many=True))
    def get_stock(self, template: CustomizationTemplate) -> Any:
        """What there is of choices that are counted."""
        return ChoiceLevelSerializer(list(levels_of(template)), many=True).data


class TemplateSerializer(_AskingSerializer):
    """A template."""

    products = serializers.ListField(
        child=serializers.IntegerField(), source="product_ids", required=False, help_text="For staff: what it is for."
    )
    packages = serializers.ListField(
        child=serializers.IntegerField(), source="package_ids", required=False, help_text="For staff: what it is for."
    )


class ThingTemplateSerializer(_AskingSerializer):
    """A template as a product or a package has it."""

    part = serializers.IntegerField(
        allow_null=True, help_text="The part of the package that it is about, by its product; null: the thing itself."
    )
    pieces = serializers.IntegerField(help_text="Of it in one of the thing; all are made alike.")


class TemplateInput(StrictSerializer):
    """What staff write of a template."""

    name = fields.CharField(max_length=templates.MAX_NAME)
    schema = SchemaField()
    state = serializers.ChoiceField(choices=TemplateState.choices, required=False)
    products = serializers.ListField(
        child=fields.IntegerField(min_value=1, max_value=fields.MAX_BIG_INTEGER),
        max_length=MAX_TARGETS,
        required=False,
        help_text="Ids; a product has at most one template that is published.",
    )
    packages = serializers.ListField(
        child=fields.IntegerField(min_value=1, max_value=fields.MAX_BIG_INTEGER),
        max_length=MAX_TARGETS,
        required=False,
        help_text="Ids; a package has at most one template that is published.",
    )


class CloneInput(StrictSerializer):
    """What the copy is to be called."""

    name = fields.CharField(max_length=templates.MAX_NAME, required=False, default="")
