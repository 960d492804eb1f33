"""Model fields that every app uses."""

from decimal import Decimal
from typing import Any, TypeVar

from django.conf import settings
from django.db import models

from fantasize.core import money

# What may be set and what is got: None too, where a column may be empty.
_Set = TypeVar("_Set")
_Get = TypeVar("_Get")


class MoneyField(models.DecimalField[_Set, _Get]):
    """An amount of money with room for every currency's minor unit; read back in the shop currency's minor unit."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_digits", 14)
        kwargs.setdefault("decimal_places", 3)
        super().__init__(*args, **kwargs)

    def from_db_value(self, value: Decimal | None, expression: Any, connection: Any) -> Decimal | None:  # noqa: ARG002 - Django's signature
        """Trim zeros below the minor unit; an amount that has more decimals than that stays as it is."""
        if value is None:
            return None
        trimmed = money.quantize(value, settings.SHOP_CURRENCY)
        return trimmed if trimmed == value else value
