"""The quote: what an order costs and why. Pure; anyone can recompute a total from the answer."""

from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from catalog.pricing import CurrentPrice, bulk_price
from fantasize.core import money


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of a unit price. ``amount`` is the unit price after the step, ``rule`` says which rule made it.

    The last stage's amount is rounded to the minor unit; those before it are exact.
    """

    stage: str
    rule: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Item:
    """What is asked for: so many of ``thing`` (at least 1), whose price is ``current``.

    Items of an equal ``thing`` reach its price breaks together.
    """

    thing: Hashable
    current: CurrentPrice
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
    pieces: Counter[Hashable] = Counter()
    for item in items:
        pieces[item.thing] += item.quantity
    lines = tuple(_quote_line(item, pieces[item.thing], currency) for item in items)
    total = sum((line.total for line in lines), start=Decimal(0))
    zero = money.quantize(Decimal(0), currency)
    return Quote(lines, items=total, discounts=zero, shipping=zero, tax=zero, total=total, currency=currency)


def _quote_line(item: Item, pieces: int, currency: str) -> QuotedLine:
    *before, last = _stages(item.current, pieces, currency)
    unit_price = money.quantize(last.amount, currency)
    stages = (*before, Stage(last.stage, last.rule, unit_price))
    return QuotedLine(stages, unit_price, item.quantity, unit_price * item.quantity)


def _stages(current: CurrentPrice, pieces: int, currency: str) -> Iterator[Stage]:
    """The steps from the list price to what each of ``pieces`` costs."""
    yield Stage("list_price", "list price", _tidy(current.list_price, currency))
    offer = current.offer
    if offer is not None:
        rule = f"{offer.name}: {_less(offer.percent, offer.amount, currency)}"
        yield Stage("offer", rule, _tidy(current.exact_price, currency))
    price, step = bulk_price(current, pieces, currency=currency)
    if step is not None:
        terms = f"{price} each" if step.percent is None else _less(step.percent, None, currency)
        yield Stage("bulk_break", f"from {step.min_quantity}: {terms}", price)


def _less(percent: Decimal | None, amount: Decimal | None, currency: str) -> str:
    return f"{percent.normalize():f} % off" if percent is not None else f"{amount} {currency} off"


def _tidy(amount: Decimal, currency: str) -> Decimal:
    """The same amount, written with the minor unit's decimals if it is whole in them."""
    rounded = money.quantize(amount, currency)
    return rounded if rounded == amount else amount.normalize()
