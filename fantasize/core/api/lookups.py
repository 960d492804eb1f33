"""Finding the row that a path names."""

from collections.abc import Sequence
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet

from fantasize.core.errors import NotFoundError

M = TypeVar("M", bound=Model)


def get_row(rows: QuerySet[M], text: str, fields: Sequence[str] = ("pk",)) -> M:
    """The one of ``rows`` that ``text`` names by the first of ``fields`` that fits (``("pk", "slug")``).

    Raises:
        NotFoundError: there is none, or ``text`` cannot be a name at all; the two look the same.
    """
    for name in fields:
        value = _value(rows.model, name, text)
        row = None if value is None else rows.filter(**{name: value}).first()
        if row is not None:
            return row
    raise NotFoundError


def _value(model: type[Model], name: str, text: str) -> Any:
    """``text`` as the field's type; None unless it is spelled as the field itself would spell it."""
    field = model._meta.pk if name == "pk" else model._meta.get_field(name)  # noqa: SLF001 - Django's documented interface
    try:
        value = field.to_python(text)  # type: ignore[union-attr]
    except ValidationError:
        return None
    return value if str(value).lower() == text.lower() else None
