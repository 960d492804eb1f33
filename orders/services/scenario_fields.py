"""Reads single values of a scenario's document. Every fault says where it is, as a JSON pointer."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.conf import settings

from fantasize.core import money
from fantasize.core.errors import FieldError, InvalidError

MAX_PIECES = 1_000_000_000
MAX_PRICE = Decimal(100_000_000)
_NO_NUMBER = Decimal("NaN")


def require(condition: bool, pointer: str, detail: str, *, code: str = "invalid") -> None:  # noqa: FBT001 - the condition is the point
    """Go on only if the condition holds.

    Raises:
        InvalidError: it does not.
    """
    if not condition:
        raise InvalidError.at(pointer, detail, code=code)


def members(item: Any, pointer: str, *, allowed: Iterable[str], required: Iterable[str] = ()) -> dict[str, Any]:
    """The members of an object, without those that are null unless they are required; no others than ``allowed``."""
    require(isinstance(item, dict), pointer, "This is an object.")
    for name in item.keys() - set(allowed):
        raise InvalidError.at(f"{pointer}/{name}", "Nothing has this name.", code="unknown_field")
    for name in required:
        require(name in item, f"{pointer}/{name}", "This is missing.")
    return {name: value for name, value in item.items() if value is not None or name in required}


def items(fields: Mapping[str, Any], name: str, pointer: str = "") -> list[tuple[str, Any]]:
    """The items of a list that may be absent, each with its pointer."""
    found = fields.get(name) or []
    require(isinstance(found, list), f"{pointer}/{name}", "This is a list.")
    return [(f"{pointer}/{name}/{index}", item) for index, item in enumerate(found)]


def text(value: Any, pointer: str, *, longest: int) -> str:
    """A text that says something."""
    is_text = isinstance(value, str) and bool(value.strip()) and len(value) <= longest and value.isprintable()
    require(is_text, pointer, f"This is a text of 1 to {longest} printable characters.")
    return str(value)


def optional_text(fields: Mapping[str, Any], name: str, pointer: str, *, longest: int) -> str:
    """A text, empty if there is none."""
    return text(fields[name], f"{pointer}/{name}", longest=longest) if name in fields else ""


def texts(fields: Mapping[str, Any], name: str, pointer: str, *, longest: int) -> list[str]:
    """A list of texts that may be absent."""
    return [text(item, place, longest=longest) for place, item in items(fields, name, pointer)]


def count(value: Any, pointer: str) -> int:
    """A whole number of pieces or times."""
    is_count = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_PIECES
    require(is_count, pointer, "This is a whole number, 0 or more.")
    return int(value)


def optional_count(fields: Mapping[str, Any], name: str, pointer: str) -> int | None:
    """A whole number, if there is one."""
    return count(fields[name], f"{pointer}/{name}") if name in fields else None


def price(value: Any, pointer: str) -> Decimal:
    """An amount of the shop's currency."""
    number = _number(value)
    is_price = number.is_finite() and 0 <= number <= MAX_PRICE
    is_price = is_price and money.quantize(number, settings.SHOP_CURRENCY) == number
    require(is_price, pointer, f"This is an amount of {settings.SHOP_CURRENCY}, 0 or more, in whole minor units.")
    return money.quantize(number, settings.SHOP_CURRENCY)


def optional_price(fields: Mapping[str, Any], name: str, pointer: str) -> Decimal | None:
    """An amount, if there is one."""
    return price(fields[name], f"{pointer}/{name}") if name in fields else None


def optional_percent(fields: Mapping[str, Any], pointer: str) -> Decimal | None:
    """The member ``percent``, if there is one."""
    if "percent" not in fields:
        return None
    number = _number(fields["percent"])
    require(number.is_finite(), f"{pointer}/percent", "This is a number.")
    return number


def optional_moment(fields: Mapping[str, Any], name: str, pointer: str) -> datetime | None:
    """A moment, if there is one."""
    if name not in fields:
        return None
    try:
        moment = datetime.fromisoformat(fields[name])
        require(moment.tzinfo is not None, f"{pointer}/{name}", "This moment needs its time zone.")
        return moment.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        raise InvalidError.at(f"{pointer}/{name}", "This is a moment such as 2026-01-31T12:00:00Z.") from None


def document(value: Any, pointer: str) -> Any:
    """A document of its own as it is stored: numbers as JSON has them."""
    try:
        return json.loads(json.dumps(value, default=float, allow_nan=False))
    except ValueError:
        raise InvalidError.at(pointer, "A number in this is too big.") from None


def require_once(keys: Iterable[tuple[str, str]], name: str) -> None:
    """Refuse whatever is named twice, given pointers with what is there."""
    seen: set[str] = set()
    for pointer, key in keys:
        require(key not in seen, f"{pointer}/{name}", "This is named twice.", code="duplicate")
        seen.add(key)


@contextmanager
def placed(pointer: str) -> Iterator[None]:
    """Say of the faults that a service finds where in the document they are: below this pointer."""
    try:
        yield
    except InvalidError as error:
        found = error.errors or (FieldError("", error.code, error.detail),)
        faults = [replace(fault, location=pointer + fault.location) for fault in found]
        raise InvalidError(error.detail, errors=faults) from error


def _number(value: Any) -> Decimal:
    """Not a number for whatever is none."""
    try:
        is_number = isinstance(value, str | int | Decimal) and not isinstance(value, bool)
        return Decimal(value) if is_number else _NO_NUMBER
    except InvalidOperation:
        return _NO_NUMBER
