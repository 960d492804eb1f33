"""One column of a table: how its cells are read and written, found out once and not for every row."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from import_export.fields import Field
from import_export.widgets import NumberWidget


class Column:
    """What django-import-export's ``field`` says of a column of ``model``.

    Attributes:
        widget: reads and writes its cells.
        attribute: where a row has its value; with two underlines, where what belongs to the row has it.
        is_read: whether an import reads it.
        is_number: whether it is a number in a workbook.
    """

    def __init__(self, field: Field, model: type[models.Model]) -> None:
        self.widget = field.widget
        self.attribute = str(field.attribute)
        self.is_read = not field.readonly
        self.is_number = isinstance(field.widget, NumberWidget) or hasattr(field.widget, "is_number")
        self.value_of = field.get_value
        self._rule = _rule(model, self.attribute)

    def cell_of(self, instance: Any) -> str:
        """What stands in the cell of a row."""
        value = getattr(instance, self.attribute, None)
        # Paths, and what has to be called, are the library's business.
        if value is None or callable(value):
            value = self.value_of(instance)
        return str(self.widget.render(value))

    def render(self, value: Any) -> str:
        """A value as a cell."""
        return str(self.widget.render(value))

    def read(self, row: Mapping[str, str], name: str) -> Any:
        """The value that the cell of that name says; a field of the model has its own rules beside the widget's.

        Raises:
            ValidationError: it says none, or one that cannot be.
        """
        value = self.widget.clean(row[name], row=row)
        if self._rule is not None and not (value is None and self._rule.null):
            self._rule.validate(value, None)
            self._rule.run_validators(value)
        return value


def _rule(model: type[models.Model], attribute: str) -> "models.Field[Any, Any] | None":
    """The field of the model that the column is, if it is one that can be written."""
    try:
        found = model._meta.get_field(attribute)  # noqa: SLF001 - Django's documented interface
    except FieldDoesNotExist:
        return None
    if isinstance(found, models.Field) and found.concrete and not found.is_relation and found.editable:
        return found
    return None
