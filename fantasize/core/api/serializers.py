"""Base serializers that refuse what they do not know."""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from operator import attrgetter, itemgetter
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.fields import SkipField, empty

from fantasize.core.api import fields
from fantasize.core.fields import MoneyField


def exactly_one(*names: str) -> dict[str, Any]:
    """The rule that just one of these members is there and not null; in a change, that at most one is said."""
    return {"oneOf": [{"required": [name], "properties": {name: {"not": {"type": "null"}}}} for name in names]}


def replaced(changes: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Changes in which whoever says one of several alternatives says that the others are no more."""
    unsaid = dict.fromkeys(names) if not changes.keys().isdisjoint(names) else {}
    return {**unsaid, **changes}


_Field = serializers.Field[Any, Any, Any, Any]
_Way = Callable[[Any], Any]
_PLAIN: Mapping[type, _Way] = {serializers.CharField: str, serializers.IntegerField: int}


class Strict(serializers.Serializer[Any]):
    """Refuses unknown and read-only members of the input, together with every other fault in it.

    Attributes:
        schema_rules: what JSON Schema can say of the input beside its fields (``oneOf``).
    """

    schema_rules: ClassVar[Mapping[str, Any]] = {}

    def to_internal_value(self, data: Any) -> Any:
        """The validated input.

        Raises:
            ValidationError: with all faults at once.
        """
        refused = dict(self._refused(data)) if isinstance(data, Mapping) else {}
        try:
            value = super().to_internal_value(data)
        except ValidationError as error:
            raise ValidationError({**_as_mapping(error.detail), **refused}) from None
        if refused:
            raise ValidationError(refused)
        return value

    def _refused(self, data: Mapping[str, Any]) -> Iterator[tuple[str, list[ErrorDetail]]]:
        for name in data:
            field = self.fields.get(name)
            if field is None or isinstance(field, serializers.HiddenField):
                yield name, [ErrorDetail("There is no such field.", "unknown_field")]
            elif field.read_only:
                yield name, [ErrorDetail("This field cannot be set.", "read_only")]


class StrictSerializer(Strict):
    """Base of serializers for input, and of plain ones for output."""


class RowSerializer(serializers.Serializer[Any]):
    """Base of what long lists show: how fields are read is found out once for the class, not for every call and row.

    Rows have all that is required of them, and nothing that wants to be called; they look the same whoever asks.

    Attributes:
        getter: makes a function that reads what it is named: ``attrgetter``, or ``itemgetter`` for mappings.
    """

    getter: ClassVar["type[attrgetter[Any] | itemgetter[Any]]"] = attrgetter

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """As DRF shows it."""
        shown = {}
        # The currency is all that amounts are shown by beside what they are.
        for name, read, show in _ways_to_show(type(self), settings.SHOP_CURRENCY):
            try:
                value = read(instance)
            except SkipField:
                continue
            shown[name] = None if value is None else show(value)
        return shown


class StrictModelSerializer(Strict, serializers.ModelSerializer[Any]):
    """Base of serializers of reference rows."""

    serializer_field_mapping: ClassVar[dict[Any, Any]] = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.CharField: fields.CharField,
        models.TextField: fields.CharField,
        models.EmailField: fields.EmailField,
        models.SlugField: fields.SlugField,
        models.BooleanField: fields.BooleanField,
        models.IntegerField: fields.IntegerField,
        models.SmallIntegerField: fields.IntegerField,
        models.BigIntegerField: fields.IntegerField,
        models.PositiveIntegerField: fields.IntegerField,
        models.PositiveSmallIntegerField: fields.IntegerField,
        models.PositiveBigIntegerField: fields.IntegerField,
        MoneyField: fields.MoneyField,
    }


@cache
def _ways_to_show(kind: type[RowSerializer], _currency: str) -> list[tuple[str, _Way, _Way]]:
    """Each field's name, how it is read, and how it is shown."""
    fields_by_name = kind().fields
    return [(name, _way_to_read(field, kind.getter), _way_to_show(field)) for name, field in fields_by_name.items()]


def _way_to_read(field: _Field, getter: Callable[[str], _Way]) -> _Way:
    if field.source == "*":
        return lambda row: row
    return getter(str(field.source)) if field.required and field.default is empty else field.get_attribute


def _way_to_show(field: _Field) -> _Way:
    """The field's own way, without the steps in between where it has plain ones."""
    if isinstance(field, serializers.SerializerMethodField):
        method: _Way = getattr(field.parent, field.method_name)
        return method
    return _PLAIN.get(type(field), field.to_representation)


def _as_mapping(detail: Any) -> dict[str, Any]:
    return dict(detail) if isinstance(detail, Mapping) else {"non_field_errors": detail}
