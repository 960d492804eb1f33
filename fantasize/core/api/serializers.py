"""Base serializers that refuse what they do not know."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache, partial
from operator import attrgetter, itemgetter
from threading import local
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


class Strict(serializers.Serializer[Any]):
    """Refuses unknown and read-only members of the input, together with every other fault in it.

    Attributes:
        schema_rules: what JSON Schema can say of the input beside its fields (``oneOf``).
    """

    schema_rules: ClassVar[Mapping[str, Any]] = {}

    def to_internal_value(self, data: Any) -> Any:
        """The validated input. Of what is changed in part, everything inside is still said whole.

        Raises:
            ValidationError: with all faults at once.
        """
        whole: Any = self.root
        if whole is self or not getattr(whole, "partial", False):
            return self._read_members(data)
        whole.partial = False
        try:
            return self._read_members(data)
        finally:
            whole.partial = True

    def _read_members(self, data: Any) -> Any:
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

    @classmethod
    def read(cls, data: Any, context: Mapping[str, Any]) -> dict[str, Any]:
        """The validated input. The fields are made once for every thread, not for every call.

        Raises:
            ValidationError: with all faults at once.
        """
        reader = _reader_of(cls, settings.SHOP_CURRENCY)
        reader._context = context  # noqa: SLF001 - what DRF's own constructor sets
        try:
            validated: dict[str, Any] = reader.run_validation(data)
        finally:
            reader._context = {}  # noqa: SLF001 - as above
        return validated


class RowSerializer(serializers.Serializer[Any]):
    """Base of what long lists show: how fields are read is found out once for the class, not for every call and row.

    Rows have all that is required of them, and nothing that wants to be called; they look the same whoever asks.
    Moments are shown in UTC.

    Attributes:
        getter: makes a function that reads what it is named: ``attrgetter``, or ``itemgetter`` for mappings.
    """

    getter: ClassVar["type[attrgetter[Any] | itemgetter[Any]]"] = attrgetter

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """As DRF shows it."""
        shown: dict[str, Any] = _way_to_show_rows(type(self), settings.SHOP_CURRENCY)(instance)
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


class _Readers(local):
    """Every thread's own."""

    def __init__(self) -> None:
        self.known: dict[tuple[type[StrictSerializer], str], Any] = {}


_readers = _Readers()


def _reader_of(kind: type[StrictSerializer], currency: str) -> Any:
    """This thread's; the currency is all that fields are made by beside what is written of them."""
    if (kind, currency) not in _readers.known:
        _readers.known[kind, currency] = kind(data={})
    return _readers.known[kind, currency]


@cache
def _way_to_show_rows(kind: type[RowSerializer], currency: str) -> _Way:
    """How rows are shown; the currency is all that amounts are shown by beside what they are."""
    ways = [
        (name, _way_to_read(field, kind.getter), _way_to_show(field, currency)) for name, field in kind().fields.items()
    ]

    def show_row(row: Any) -> dict[str, Any]:
        shown = {}
        for name, read, show in ways:
            try:
                value = read(row)
            except SkipField:
                continue
            shown[name] = None if value is None else show(value)
        return shown

    return show_row


def _way_to_read(field: _Field, getter: Callable[[str], _Way]) -> _Way:
    if field.source == "*":
        return lambda row: row
    return getter(str(field.source)) if field.required and field.default is empty else field.get_attribute


def _way_to_show(field: _Field, currency: str) -> _Way:
    """The field's own way, without the steps in between where it has plain ones."""
    if isinstance(field, serializers.SerializerMethodField):
        method: _Way = getattr(field.parent, field.method_name)
        return method
    if isinstance(field, RowSerializer):
        return _way_to_show_rows(type(field), currency)
    if type(field) is serializers.ListSerializer and isinstance(field.child, RowSerializer):
        return partial(_show_list, _way_to_show_rows(type(field.child), currency))
    if type(field) is serializers.DecimalField:
        return partial(_show_decimal, Decimal(1).scaleb(-(field.decimal_places or 0)))
    return _PLAIN.get(type(field), field.to_representation)


def _show_list(show: _Way, rows: Any) -> list[Any]:
    return [show(row) for row in (rows.all() if isinstance(rows, models.Manager) else rows)]


def _show_decimal(unit: Decimal, value: Decimal) -> str:
    return format(value.quantize(unit), "f")


def _show_moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


_PLAIN: Mapping[type, _Way] = {
    serializers.CharField: str,
    serializers.IntegerField: int,
    serializers.BooleanField: bool,
    serializers.DateTimeField: _show_moment,
}


def _as_mapping(detail: Any) -> dict[str, Any]:
    return dict(detail) if isinstance(detail, Mapping) else {"non_field_errors": detail}
