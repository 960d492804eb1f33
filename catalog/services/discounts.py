"""What every offer and coupon must be like. Faults are found all at once, each with its place."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings

from fantasize.core import money
from fantasize.core.errors import FieldError

MAX_AMOUNT = Decimal(10**9)
_WHOLE = Decimal(100)
# Per cent have two decimals.
_PERCENT_STEP = Decimal("0.01")


def faults(terms: Mapping[str, Any]) -> Iterator[FieldError]:
    """What is wrong with the ``percent``, ``amount``, ``starts_at`` and ``ends_at`` of a discount."""
    yield from exactly_one(terms, "percent", "amount")
    yield from percent_faults(terms["percent"])
    amount = terms["amount"]
    if amount is not None and not (0 < amount < MAX_AMOUNT and is_whole(amount)):
        detail = f"An amount is more than 0, less than {MAX_AMOUNT:,}, and in whole minor units."
        yield FieldError("/amount", "out_of_range", detail)
    yield from window_faults(terms["starts_at"], terms["ends_at"])


def window_faults(starts_at: datetime, ends_at: datetime | None) -> Iterator[FieldError]:
    """That a window, if it ends, begins before that."""
    if ends_at is not None and ends_at <= starts_at:
        yield FieldError("/ends_at", "ends_before_it_starts", "It ends before it starts.")


def exactly_one(terms: Mapping[str, Any], first: str, second: str) -> Iterator[FieldError]:
    """That one of two terms is given, and the other is not."""
    given = [name for name in (first, second) if terms[name] is not None]
    if len(given) != 1:
        code, detail = ("required", "Say one of") if not given else ("only_one", "Say only one of")
        for name in (first, second):
            yield FieldError(f"/{name}", code, f"{detail} {first} and {second}.")


def percent_faults(percent: Decimal | None) -> Iterator[FieldError]:
    """What is wrong with a percentage that makes something cheaper."""
    if percent is not None and not (0 < percent <= _WHOLE and percent % _PERCENT_STEP == 0):
        detail = "A percentage is more than 0, at most 100, and has at most two decimals."
        yield FieldError("/percent", "out_of_range", detail)


def is_whole(amount: Decimal) -> bool:
    """Whether an amount is in whole minor units of the shop's currency."""
    return money.quantize(amount, settings.SHOP_CURRENCY) == amount
