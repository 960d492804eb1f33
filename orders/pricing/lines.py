"""What each line costs: the stages from the list price to the unit price."""

from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from catalog.pricing import BreakTerms, CurrentPrice, bulk_price, reduce_exactly
from fantasize.core import money

_NOTHING = Decimal(0)


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

    Attributes:
        parts_total: of a package, what its parts cost singly; None for a product.
        per_unit: what the answers to its options add to the price of one, exactly.
        once: what they add to the line, however many there are, in whole minor units.
        extra: what staff ask more for the line, in whole minor units.
        weight_grams: of one.
        tax_class: which of the terms' rates is on it.
    """

    thing: Hashable
    current: CurrentPrice
    quantity: int
    parts_total: Decimal | None = None
    per_unit: Decimal = _NOTHING
    once: Decimal = _NOTHING
    extra: Decimal = _NOTHING
    weight_grams: int = 0
    tax_class: Hashable = None


@dataclass(frozen=True, slots=True)
class QuotedLine:
    """One line's price. ``total = unit_price * quantity + once + extra``; nothing is rounded after the unit price.

    Attributes:
        extra: what staff ask more for the line.
        discount: its share of what the coupon takes off.
        tax: its share of the tax that comes on top.
        tax_included: its share of the tax that prices contain.
        tax_class: code of the class that it was taxed by; empty if no rate matched.
    """

    stages: tuple[Stage, ...]
    unit_price: Decimal
    quantity: int
    once: Decimal
    total: Decimal
    extra: Decimal = _NOTHING
    discount: Decimal = _NOTHING
    tax: Decimal = _NOTHING
    tax_included: Decimal = _NOTHING
    tax_class: str = ""


def price_lines(items: Sequence[Item], *, currency: str) -> list[QuotedLine]:
    """What each item costs, before anything that is of the order as a whole."""
    pieces = _count(items)
    return [_quote_line(item, pieces[item.thing], currency) for item in items]


def exact_prices(items: Sequence[Item], *, currency: str) -> list[Decimal]:
    """What one of each item costs after offers and price breaks, not rounded yet: what percentages of it are of."""
    pieces = _count(items)
    return [_last(_stages_before(item, pieces[item.thing], currency)).amount for item in items]


def _count(items: Sequence[Item]) -> Counter[Hashable]:
    """How many pieces of each thing there are over all items."""
    pieces: Counter[Hashable] = Counter()
    for item in items:
        pieces[item.thing] += item.quantity
    return pieces


def _quote_line(item: Item, pieces: int, currency: str) -> QuotedLine:
    *before, last = _stages(item, pieces, currency)
    unit_price = money.quantize(last.amount, currency)
    stages = (*before, Stage(last.stage, last.rule, unit_price))
    once, extra = money.quantize(item.once, currency), money.quantize(item.extra, currency)
    return QuotedLine(stages, unit_price, item.quantity, once, unit_price * item.quantity + once + extra, extra)


def _stages(item: Item, pieces: int, currency: str) -> Iterator[Stage]:
    """All steps to what each of ``pieces`` costs."""
    before = list(_stages_before(item, pieces, currency))
    yield from before
    if item.per_unit:
        more = _tidy(item.per_unit, currency)
        yield Stage("customization", f"options: {more:f} {currency} more", _tidy(before[-1].amount + more, currency))


def _stages_before(item: Item, pieces: int, currency: str) -> Iterator[Stage]:
    """The steps to what one costs as everybody gets it."""
    current, whole = item.current, _tidy(item.current.list_price, currency)
    if item.parts_total is None:
        yield Stage("list_price", "list price", whole)
    else:
        yield Stage("list_price", "parts singly", _tidy(item.parts_total, currency))
        yield Stage("package", f"together: {whole:f} each", whole)
    offer = current.offer
    if offer is not None:
        rule = f"{offer.name}: {reduction(offer.percent, offer.amount, currency)}"
        yield Stage("offer", rule, _tidy(current.exact_price, currency))
    _, step = bulk_price(current, pieces, currency=currency)
    if step is not None:
        yield _bulk_break(current, step, currency)


def _bulk_break(current: CurrentPrice, step: BreakTerms, currency: str) -> Stage:
    if step.unit_price is not None:
        return Stage("bulk_break", f"from {step.min_quantity}: {step.unit_price} each", step.unit_price)
    exact = reduce_exactly(current.exact_price, percent=step.percent, amount=None)
    rule = f"from {step.min_quantity}: {reduction(step.percent, None, currency)}"
    return Stage("bulk_break", rule, _tidy(exact, currency))


def _last(stages: Iterator[Stage]) -> Stage:
    *_, last = stages
    return last


def reduction(percent: Decimal | None, amount: Decimal | None, currency: str) -> str:
    """How a rule says that it takes off a percentage, or an amount."""
    return f"{percent.normalize():f} % off" if percent is not None else f"{amount} {currency} off"


def read_reduction(rule: str) -> tuple[Decimal | None, Decimal | None]:
    """The percentage, or the amount, that a rule says that it takes off: what ``reduction`` made the text of."""
    number, unit, _ = rule.rsplit(" ", 2)
    value = Decimal(number.rpartition(" ")[2])
    return (value, None) if unit == "%" else (None, value)


def _tidy(amount: Decimal, currency: str) -> Decimal:
    """The same amount, written with the minor unit's decimals if it is whole in them."""
    rounded = money.quantize(amount, currency)
    return rounded if rounded == amount else amount.normalize()
