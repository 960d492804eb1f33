"""Spreadsheets that run nothing: text that a spreadsheet would take for a formula is exported with an apostrophe."""

import re
from typing import Any

from import_export.fields import Field
from import_export.resources import ModelResource

# What starts a formula or another cell, also behind apostrophes that are there already: so the way back is exact.
_FORMULA = re.compile(r"'*[=+\-@\t\r\n]")
_ESCAPED = re.compile(r"'+[=+\-@\t\r\n]")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


def neutralise(value: Any) -> Any:
    """``value`` as a spreadsheet may have it: an apostrophe before text like a formula; numbers stay numbers."""
    if isinstance(value, str) and _FORMULA.match(value) and not _NUMBER.fullmatch(value):
        return f"'{value}"
    return value


def restore(value: Any) -> Any:
    """The value that :func:`neutralise` was given."""
    return value[1:] if isinstance(value, str) and _ESCAPED.match(value) else value


class SafeResource(ModelResource):
    """Exports nothing that a spreadsheet would run, and imports what it exported unchanged."""

    def export_field(self, field: Field, instance: Any, **kwargs: Any) -> Any:
        """One cell."""
        return neutralise(super().export_field(field, instance, **kwargs))

    def before_import_row(self, row: dict[str, Any], **kwargs: Any) -> None:
        """Take the apostrophes off again; an empty cell is empty text, whatever the format calls it."""
        super().before_import_row(row, **kwargs)
        row.update({column: "" if value is None else restore(value) for column, value in row.items()})
