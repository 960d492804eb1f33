"""How values stand in cells. ``clean`` reads a cell or raises ValidationError; ``render`` writes the one way there is.

So two values are the same exactly when their cells are.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Model
from import_export.widgets import Widget

from fantasize.core import money

_NUMBER = re.compile(r"[+-]?[0-9]{1,12}(\.[0-9]{1,6})?")
_INTEGER = re.compile(r"[+-]?[0-9]{1,9}(\.0+)?")
_ITEM = re.compile(r"(?:[^\\|]|\\.)+", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_TRUE, _FALSE = {"1", "true", "yes"}, {"0", "false", "no"}
_ECHO = 60


class TextWidget(Widget):
    """Text as it is."""

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> str:  # noqa: ARG002 - the library's signature
        """The cell."""
        return value


class DecimalWidget(Widget):
    """A number with ``places`` decimals; an empty cell is none."""

    is_number = True

    def __init__(self, places: int = 2) -> None:
        super().__init__()
        self.places = places

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> Decimal | None:  # noqa: ARG002 - as above
        """The number; fractions that it cannot have are refused, not rounded."""
        text = value.strip()
        if not text:
            return None
        if not _NUMBER.fullmatch(text):
            raise ValidationError(f"“{text[:_ECHO]}” is not a number such as 12.50.")
        number = Decimal(text)
        if number != round(number, self.places):
            raise ValidationError(f"{text} has more than {self.places} decimals.")
        return round(number, self.places)

    def render(self, value: Decimal | None, obj: Any = None, **kwargs: Any) -> str:  # noqa: ARG002 - as above
        """Always with all its decimals."""
        return "" if value is None else f"{value:.{self.places}f}"


class MoneyWidget(DecimalWidget):
    """An amount in the shop's currency."""

    def __init__(self) -> None:
        super().__init__(money.exponent(settings.SHOP_CURRENCY))


class IntegerWidget(Widget):
    """A whole number; an empty cell is none."""

    is_number = True

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> int | None:  # noqa: ARG002 - as above
        """The number."""
        text = value.strip()
        if text and not _INTEGER.fullmatch(text):
            raise ValidationError(f"“{text[:_ECHO]}” is not a whole number below 1,000,000,000.")
        return int(text.split(".")[0]) if text else None


class BooleanWidget(Widget):
    """Yes or no, written 1 or 0."""

    is_number = True

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> bool:  # noqa: ARG002 - as above
        """Whether it is so."""
        text = value.strip().casefold()
        if text not in _TRUE | _FALSE:
            raise ValidationError(f"“{text[:_ECHO]}” is neither 1 (yes) nor 0 (no).")
        return text in _TRUE

    def render(self, value: object, obj: Any = None, **kwargs: Any) -> str:  # noqa: ARG002 - as above
        """1 or 0."""
        return str(int(bool(value)))


class MomentWidget(Widget):
    """A point in time, ISO 8601, written in UTC; a time without a zone is taken as UTC; an empty cell is none."""

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> datetime | None:  # noqa: ARG002 - as above
        """The moment."""
        text = value.strip()
        if not text:
            return None
        try:
            moment = datetime.fromisoformat(text)
            return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        except (ValueError, OverflowError):
            raise ValidationError(f"“{text[:_ECHO]}” is not a time such as 2026-12-24T18:00Z.") from None

    def render(self, value: datetime | None, obj: Any = None, **kwargs: Any) -> str:  # noqa: ARG002 - as above
        """Down to what it has: seconds, and fractions of them if there are any."""
        return value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z" if value else ""


class LookupWidget(Widget):
    """Another row, by what people call it; an empty cell is none."""

    def __init__(self, model: type[Model], field: str = "slug") -> None:
        super().__init__()
        self.model, self.field = model, field
        self.found: dict[str, Model] = {}

    def prefetch(self, texts: Iterable[str]) -> None:
        """Find what these cells name; one query."""
        wanted = {name for text in texts for name in self.names_in(text)}
        rows = self.model._default_manager.filter(**{f"{self.field}__in": wanted})  # noqa: SLF001 - Django's documented interface
        self.found = {getattr(row, self.field): row for row in rows.only(self.field)} if wanted else {}

    def names_in(self, text: str) -> Sequence[str]:
        """What a cell names."""
        return [text.strip()] if text.strip() else []

    def get(self, name: str) -> Model:
        """The row of that name, of those that were fetched.

        Raises:
            ValidationError: there is none.
        """
        try:
            return self.found[name]
        except KeyError:
            kind = self.model._meta.verbose_name  # noqa: SLF001 - as above
            raise ValidationError(f"There is no {kind} with the {self.field} “{name[:_ECHO]}”.") from None

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> Any:  # noqa: ARG002 - as above
        """The row."""
        names = self.names_in(value)
        return self.get(names[0]) if names else None

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:  # noqa: ARG002 - as above
        """Its name."""
        return "" if value is None else str(getattr(value, self.field))


class ListWidget(LookupWidget):
    """Any number of rows: ``one|two``. A bar or backslash in a name is written with a backslash before it."""

    def names_in(self, text: str) -> Sequence[str]:
        """What a cell names, in its order."""
        return [_ESCAPED.sub(r"\1", item).strip() for item in _ITEM.findall(text) if item.strip()]

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> Any:  # noqa: ARG002 - as above
        """The rows as a list; each once."""
        return [self.get(name) for name in dict.fromkeys(self.names_in(value))]

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:  # noqa: ARG002 - as above
        """Their names, in the order of the alphabet: it means nothing."""
        rows = value.all() if hasattr(value, "all") else value or ()
        return "|".join(sorted(escape(str(getattr(row, self.field))) for row in rows))


class AmountsWidget(ListWidget):
    """Rows with so much of each: ``one:60|two:40``.

    Args:
        model, field: what is named.
        relation: of the rows that hold the amounts: the name of their relation to ``model``.
        amount: the name of the amount.
        number: reads and writes the amounts.
        by_amount: write the most first, where the order means nothing.
    """

    def __init__(
        self, model: type[Model], field: str, *, relation: str, amount: str, number: Any, by_amount: bool = False
    ) -> None:
        super().__init__(model, field)
        self.relation, self.amount, self.number, self.by_amount = relation, amount, number, by_amount

    def names_in(self, text: str) -> Sequence[str]:
        """What a cell names."""
        return [item.rpartition(":")[0].strip() for item in super().names_in(text)]

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> Any:  # noqa: ARG002 - as above
        """The amounts by row, in their order."""
        amounts: dict[Any, Any] = {}
        for item in super().names_in(value):
            name, colon, text = item.rpartition(":")
            number = self.number.clean(text) if colon and text.strip() else None
            if number is None:
                raise ValidationError(f"“{item[:_ECHO]}” is not a {self.field}, a colon and a number.")
            target = self.get(name.strip())
            if target in amounts:
                raise ValidationError(f"“{name[:_ECHO]}” is there twice.")
            amounts[target] = number
        return amounts

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:  # noqa: ARG002 - as above
        """One item for each."""
        pairs = [(escape(str(getattr(row, self.field))), amount) for row, amount in self._pairs(value)]
        if self.by_amount:
            pairs.sort(key=lambda pair: (-pair[1], pair[0]))
        return "|".join(f"{name}:{self.number.render(amount)}" for name, amount in pairs)

    def _pairs(self, value: Any) -> Iterable[tuple[Any, Any]]:
        if isinstance(value, Mapping):
            return value.items()
        rows = value.all() if hasattr(value, "all") else value or ()
        return [(getattr(held, self.relation), getattr(held, self.amount)) for held in rows]


def escape(name: str) -> str:
    """A name as an item of a list."""
    return name.replace("\\", "\\\\").replace("|", "\\|")
