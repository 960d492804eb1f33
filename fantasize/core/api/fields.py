"""Serializer fields that take JSON's own types and nothing that merely looks like them."""

import re
from decimal import Decimal
from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from fantasize.core import card_numbers, money

MAX_INTEGER = 2**31 - 1
MAX_BIG_INTEGER = 2**63 - 1
_AMOUNT = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?")
_PERCENT = r"^(100(\.0{1,2})?|[0-9]{1,2}(\.[0-9]{1,2})?)$"
_SOME_PERCENT = r"^(100(\.0{1,2})?|([1-9][0-9]?|0[1-9])(\.[0-9]{1,2})?|00?\.(0[1-9]|[1-9][0-9]?))$"


class CharField(serializers.CharField):
    """A JSON string; numbers are not taken for one, and the numbers of payment cards for nothing.

    With ``may_look_like_card`` it takes them: passwords, which nobody reads, and numbers of goods and parcels.
    ``seen`` is a pattern, in Python's words and in ECMA's: a text that may not be blank has such a character.
    """

    # What str.strip() leaves something of: it takes some separators for blanks that ECMA's \s does not.
    seen = r"[^\s\u001c-\u001f\u0085]"

    def __init__(self, *, may_look_like_card: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not may_look_like_card:
            self.validators.append(card_numbers.refuse)

    def to_internal_value(self, data: Any) -> str:
        """The text, trimmed."""
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class SlugField(CharField, serializers.SlugField):
    """A JSON string of letters, digits, hyphens and underscores."""


class EmailField(CharField, serializers.EmailField):
    """A JSON string that is an e-mail address."""


class BooleanField(serializers.BooleanField):
    """``true`` or ``false``; ``"yes"`` and 1 are not taken for one."""

    def to_internal_value(self, data: Any) -> bool:
        """The truth value."""
        if not isinstance(data, bool):
            self.fail("invalid", input=type(data).__name__)
        return data


class IntegerField(serializers.IntegerField):
    """A whole JSON number that fits its column; 0 to 2^31-1 unless told."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("min_value", 0)
        kwargs.setdefault("max_value", MAX_INTEGER)
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> int:
        """The number."""
        if isinstance(data, bool) or not isinstance(data, (int, float)) or data != int(data):
            self.fail("invalid")
        return int(data)


class _ExactField(serializers.DecimalField):
    """A decimal as a JSON string or number."""

    def validate_empty_values(self, data: Any) -> tuple[bool, Any]:
        """Whether there is nothing to read: an empty text is no number, also where null may stand."""
        return serializers.Field.validate_empty_values(self, data)

    def to_internal_value(self, data: Any) -> Decimal:
        """The number, exactly as it was written."""
        if isinstance(data, bool) or not isinstance(data, (str, int, float)):
            self.fail("invalid")
        text = data if isinstance(data, str) else format(Decimal(repr(data)), "f")
        if not _AMOUNT.fullmatch(text):
            self.fail("invalid")
        return self.quantize(self.validate_precision(Decimal(text.removesuffix(".0"))))


class MoneyField(_ExactField):
    """An amount in whole minor units of a currency: a string such as ``"12.50"`` or a JSON number, read exactly.

    Zero or more unless ``min_value`` says otherwise; written as a string. The shop's currency unless told. With
    ``is_positive`` the document says more than zero, and whoever takes the amount refuses zero with all else.
    """

    def __init__(self, *, currency: str = "", is_positive: bool = False, **kwargs: Any) -> None:
        self.currency = currency or settings.SHOP_CURRENCY
        kwargs["decimal_places"] = money.exponent(self.currency)
        self.is_positive = is_positive
        kwargs.setdefault("max_digits", 14)
        # Three digits stay free for the currencies with three decimals, so that every amount fits every column.
        kwargs["max_digits"] = kwargs["max_digits"] - 3 + kwargs["decimal_places"]
        kwargs.setdefault("min_value", Decimal(0))
        super().__init__(**kwargs)

    def to_representation(self, value: Any) -> str:
        """The amount with all its decimals."""
        return format(money.quantize(Decimal(value), self.currency), "f")


@extend_schema_field(
    {
        "type": ["string", "number"],
        "format": "decimal",
        "minimum": 0,
        "maximum": 100,
        "multipleOf": 0.01,
        "pattern": _PERCENT,
    }
)
class PercentField(_ExactField):
    """From 0 to 100 per cent with at most two decimals: a string such as ``"12.50"`` or a JSON number, read exactly."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=5, decimal_places=2, min_value=Decimal(0), max_value=Decimal(100), **kwargs)


@extend_schema_field(
    {
        "type": ["string", "number"],
        "format": "decimal",
        "exclusiveMinimum": 0,
        "maximum": 100,
        "multipleOf": 0.01,
        "pattern": _SOME_PERCENT,
    }
)
class SomePercentField(PercentField):
    """The same, but more than nothing: the document says so, and whoever takes it refuses zero with all else."""
