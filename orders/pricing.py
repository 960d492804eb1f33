"""The quote: what an order costs and why. Pure; anyone can recompute a total from the answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from fantasize.core import money


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of a unit price. ``amount`` is the unit price after the step, ``rule`` says which rule made it."""

    stage: str
    rule: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Item:
    """What is asked for. ``list_price`` is per piece, in whole minor units; ``quantity`` at least 1."""

    list_price: Decimal
    quantity: int


@dataclass(frozen=True, slots=True)
class QuotedLine:
    """One line's price. ``total = unit_price * quantity``; nothing is rounded after the unit price."""

    stages: tuple[Stage, ...]
    unit_price: Decimal
    quantity: int
    total: Decimal


@dataclass(frozen=True, slots=True)
class Quote:
    """What everything costs together: ``total = items - discounts + shipping + tax``."""

    lines: tuple[QuotedLine, ...]
    items: Decimal
    discounts: Decimal
    shipping: Decimal
    tax: Decimal
    total: Decimal
    currency: str


def quote(items: Sequence[Item], *, currency: str) -> Quote:
    """Price ``items``. No shipping or tax rule matches yet, which costs 0."""
    lines = tuple(_quote_line(item, currency) for item in items)
    total = sum((line.total for line in lines), start=Decimal(0))
    zero = money.quantize(Decimal(0), currency)
    return Quote(lines, items=total, discounts=zero, shipping=zero, tax=zero, total=total, currency=currency)


def _quote_line(item: Item, currency: str) -> QuotedLine:
    unit_price = money.quantize(item.list_price, currency)
    stages = (Stage("list_price", "list price", unit_price),)
    return QuotedLine(stages, unit_price, item.quantity, unit_price * item.quantity)
