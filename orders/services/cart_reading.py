"""What a cart comes to at a moment: priced anew, with what its owner should know of each line. Writes nothing."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.conf import settings

from catalog.errors import OutOfStockError
from catalog.models import Package, Product, StockItem
from catalog.selectors import media
from customizations.services import previews
from customizations.services.evaluation import EvaluatedLine
from fantasize.core.errors import InvalidError
from orders.models import Cart, CartLine
from orders.pricing import Quote, QuotedLine
from orders.services import baskets
from orders.services.baskets import Basket, BasketLine, LineRequest, Thing


@dataclass(frozen=True, slots=True)
class Notice:
    """What somebody should know of a line.

    Attributes:
        code: ``not_sold``, ``out_of_stock``, ``only_n_left``, ``options_changed``, ``price_changed``, or what the
            engine says of an answer.
        pointer: what of the line, as a JSON pointer.
        blocks: the line cannot be ordered as it is.
        was, now: amounts.
        available: how many there are for this line.
    """

    code: str
    detail: str
    pointer: str = ""
    blocks: bool = True
    was: Decimal | None = None
    now: Decimal | None = None
    available: int | None = None


@dataclass(slots=True, eq=False)
class LineReading:
    """A line, and what was found out about it.

    Attributes:
        thing: what it is of; None if that is not sold.
        evaluated, priced: what its answers and all of it come to; None if it is not sold.
        found: what to tell of it beside its price.
        previews: where pictures of it are, by part; None for the thing itself.
    """

    line: CartLine
    thing: Thing | None = None
    evaluated: EvaluatedLine | None = None
    priced: QuotedLine | None = None
    found: list[Notice] = field(default_factory=list)
    previews: Mapping[int | None, str] = field(default_factory=dict)

    @property
    def request(self) -> LineRequest:
        """The line as an order is asked for it."""
        parts = {int(part): answers for part, answers in self.line.parts.items()}
        return LineRequest(self.line.product_id, self.line.quantity, self.line.package_id, self.line.answers, parts)

    @property
    def is_orderable(self) -> bool:
        """Whether it can be ordered as it is."""
        return not any(notice.blocks for notice in self.found)

    @property
    def has_legal_answers(self) -> bool:
        """Whether what it costs is what its owner has asked for."""
        return self.evaluated is not None and self.evaluated.is_valid

    @property
    def price_changes(self) -> list[Notice]:
        """What costs something else than its owner has agreed to."""
        line, priced = self.line, self.priced
        if priced is None or not self.has_legal_answers:
            return []
        pairs = {"unit_price": (line.unit_price, priced.unit_price), "once": (line.once, priced.once)}
        is_foreign = line.currency != settings.SHOP_CURRENCY
        changes = (
            (name, was, now) for name, (was, now) in pairs.items() if was != now or (is_foreign and (was or now))
        )
        return [_price_change(line, *change) for change in changes]

    @property
    def notices(self) -> list[Notice]:
        """Everything to tell of it."""
        return [*self.found, *self.price_changes]


@dataclass(frozen=True, slots=True)
class CartReading:
    """A cart: all lines in their order, and what those that can be ordered cost together."""

    cart: Cart
    lines: tuple[LineReading, ...]
    quote: Quote

    @property
    def version(self) -> int:
        """Counts what its owner changes."""
        return self.cart.version

    @property
    def is_orderable(self) -> bool:
        """Whether an order of all of it could be placed now."""
        return bool(self.lines) and all(reading.is_orderable for reading in self.lines)


def read(cart: Cart, lines: Sequence[CartLine], *, at: datetime) -> CartReading:
    """What the lines of a cart come to at a moment; what cannot be had is marked, not refused.

    As many queries for fifty lines as for one. Lines that cannot be ordered do not count for the price breaks of the
    others, and not for the total.
    """
    readings, principal = [LineReading(line) for line in lines], cart.owner
    basket = _read_sold(readings, principal, at)
    sold = _orderable(readings)
    for reading, asked in zip(sold, basket.lines, strict=True):
        _look_at_answers(reading, asked)
    _look_at_stock(list(zip(sold, basket.lines, strict=True)))
    left = _orderable(sold)
    if len(left) < len(sold):
        basket = _price(left, principal, at)
    return CartReading(cart, tuple(readings), basket.quote)


def complete(reading: CartReading) -> CartReading:
    """The same, with what can be shown of the things: three queries at most."""
    _attach_pictures(reading.lines)
    _find_previews(reading.lines, reading.cart.owner)
    return reading


def templates_of(evaluated: EvaluatedLine) -> list[list[int | None]]:
    """What asks about a line: part, template and version of each."""
    return [[thing.product, thing.template, thing.version] for thing in evaluated.things]


def _orderable(readings: Sequence[LineReading]) -> list[LineReading]:
    return [reading for reading in readings if reading.is_orderable]


def _read_sold(readings: Sequence[LineReading], principal: str, at: datetime) -> Basket:
    """What those cost that are sold; the others are marked. Mostly all of them are."""
    try:
        return _price(readings, principal, at)
    except (InvalidError, OutOfStockError):
        _mark_unsold(readings, at)
    return _price(_orderable(readings), principal, at)


def _price(readings: Sequence[LineReading], principal: str, at: datetime) -> Basket:
    basket = baskets.read([reading.request for reading in readings], principal=principal, at=at)
    for reading, asked, priced in zip(readings, basket.lines, basket.quote.lines, strict=True):
        reading.thing, reading.evaluated, reading.priced = asked.thing, asked.evaluated, priced
    return basket


def _mark_unsold(readings: Sequence[LineReading], at: datetime) -> None:
    things = baskets.find_things([reading.request for reading in readings], at=at)
    for reading, thing in zip(readings, things, strict=True):
        reading.thing = thing
        if thing is None:
            reading.found.append(Notice("not_sold", f"{reading.line.name} is not sold any more."))
        for part in baskets.parts_of(thing) if thing else ():
            if not part.product.is_active:
                reading.found.append(
                    Notice("out_of_stock", f"{part.product.name} is not sold any more.", "/package", available=0)
                )


def _look_at_answers(reading: LineReading, asked: BasketLine) -> None:
    """What cannot be answered so any more; and that something is asked in another way."""
    if templates_of(asked.evaluated) != reading.line.templates:
        detail = "What can be chosen has changed since the answers were given."
        reading.found.append(Notice("options_changed", detail, "/answers", blocks=False))
    for fault in asked.evaluated.errors:
        reading.found.append(Notice(fault.code, fault.detail, fault.pointer))


def _look_at_stock(rows: Sequence[tuple[LineReading, BasketLine]]) -> None:
    """What there is too little of; the lines that come first get it."""
    wanted = {item for _, asked in rows for item in asked.demand}
    left = Counter({item.pk: item.available for item in StockItem.objects.filter(pk__in=wanted)})
    for reading, asked in rows:
        quantity = reading.line.quantity
        most = min((left[item] * quantity // pieces for item, pieces in asked.demand.items()), default=quantity)
        if most < quantity:
            reading.found.append(_shortage(max(most, 0)))
        elif reading.is_orderable:
            left.subtract(asked.demand)


def _shortage(available: int) -> Notice:
    if available == 0:
        return Notice("out_of_stock", "There is none of it now.", "/quantity", available=0)
    return Notice("only_n_left", f"There are only {available} of it now.", "/quantity", available=available)


def _price_change(line: CartLine, name: str, was: Decimal, now: Decimal) -> Notice:
    detail = f"It was {was:f} {line.currency} and is {now:f} {settings.SHOP_CURRENCY} now."
    return Notice("price_changed", detail, f"/{name}", blocks=False, was=was, now=now)


def _attach_pictures(readings: Sequence[LineReading]) -> None:
    """Give the things what can be shown of them."""
    for kind in (Product, Package):
        media.attach(list({id(each.thing): each.thing for each in readings if isinstance(each.thing, kind)}.values()))


def _find_previews(readings: Sequence[LineReading], principal: str) -> None:
    """Where pictures of the lines are that were drawn a moment ago."""
    rows = [(reading, reading.evaluated) for reading in readings if reading.evaluated]
    addresses = previews.find_addresses([evaluated for _, evaluated in rows], principal)
    for (reading, _), found in zip(rows, addresses, strict=True):
        reading.previews = found
