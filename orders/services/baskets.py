"""What somebody wants, and what it comes to now: read in as many queries for fifty lines as for one."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Prefetch, QuerySet

from catalog.errors import OutOfStockError
from catalog.models import Package, PackageItem, Product
from catalog.models.sellable import SEARCH_COLUMNS
from catalog.selectors import prices
from customizations.services import evaluation
from customizations.services.evaluation import Answers, EvaluatedLine, Kept
from fantasize.core.errors import FieldError, InvalidError
from fantasize.core.statements import IdsSlot, Statement
from orders.models import OrderLine
from orders.pricing import Item, Quote, exact_prices, quote

Thing = Product | Package

_PRODUCTS = Statement(lambda: _sold(Product.objects.active().select_related("stock")))
_PACKAGES = Statement(lambda: _sold(Package.objects.active().prefetch_related(Prefetch("items", queryset=_parts()))))


@dataclass(frozen=True, slots=True)
class LineRequest:
    """What somebody wants: a product or a package, how many of it (at least 1), and what they answer.

    Attributes:
        answers: to the options of the thing itself, by option.
        parts: to those of a package's parts, by the part's product; the same for all units of the line.
    """

    product_id: int | None = None
    quantity: int = 1
    package_id: int | None = None
    answers: Answers = field(default_factory=dict)
    parts: Mapping[int, Answers] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BasketLine:
    """A line with the thing that it is of, what its answers come to, and what it is priced by."""

    request: LineRequest
    thing: Thing
    evaluated: EvaluatedLine
    item: Item

    @property
    def demand(self) -> Counter[int]:
        """Pieces by stock item: of the thing or its parts, and of the choices."""
        wanted = Counter({product.stock_id: pieces for product, pieces in _pieces_of(self.thing)})
        wanted.update(self.evaluated.stock_demand)
        return Counter({item: pieces * self.request.quantity for item, pieces in wanted.items()})


@dataclass(frozen=True, slots=True)
class Basket:
    """All lines, and what they cost together at a moment."""

    lines: tuple[BasketLine, ...]
    quote: Quote
    at: datetime

    @property
    def evaluated(self) -> list[EvaluatedLine]:
        """What the answers of each line come to."""
        return [line.evaluated for line in self.lines]

    @property
    def needs_approval(self) -> bool:
        """Whether staff look at it before it goes on."""
        return any(line.needs_approval for line in self.evaluated)

    @property
    def demand(self) -> dict[int, int]:
        """Pieces per stock item over all lines, in primary-key order."""
        wanted: Counter[int] = Counter()
        for line in self.lines:
            wanted.update(line.demand)
        return dict(sorted(wanted.items()))

    def with_extra(self, extra: Sequence[Decimal]) -> "Basket":
        """The same with what staff ask more for each line, which only they say."""
        lines = [
            replace(line, item=replace(line.item, extra=more)) for line, more in zip(self.lines, extra, strict=True)
        ]
        price = quote([line.item for line in lines], currency=settings.SHOP_CURRENCY)
        return Basket(tuple(lines), price, self.at)

    @property
    def faults(self) -> list[FieldError]:
        """What is wrong with the answers, by ``/lines/<n>/...``."""
        return [
            FieldError(f"/lines/{index}{fault.pointer}", fault.code, fault.detail)
            for index, line in enumerate(self.evaluated)
            for fault in line.errors
        ]


def parts_of(thing: Thing) -> list[PackageItem]:
    """What a package is made of; nothing for a product."""
    return list(thing.items.all()) if isinstance(thing, Package) else []


def request_of(line: OrderLine) -> LineRequest:
    """A line that was ordered, as it was asked for."""
    answers = {thing["part"]: thing["answers"] for thing in line.customizations}
    own = answers.pop(None, {})
    return LineRequest(line.product_id, line.quantity, line.package_id, own, answers)


def evaluate(lines: Sequence[LineRequest], *, principal: str, kept: Kept | None = None) -> list[EvaluatedLine]:
    """What the answers come to, whether or not the things are sold, and without what they cost."""
    return evaluation.evaluate_lines([_asked(line) for line in lines], principal=principal, kept=kept or Kept())


def read(
    lines: Sequence[LineRequest],
    *,
    principal: str,
    at: datetime,
    kept: Kept | None = None,
    is_to_be_held: bool = False,
) -> Basket:
    """What the lines come to at a moment, with the offers and price breaks as they are committed by now.

    ``kept`` is what an order has already whose lines these become. What ``is_to_be_held`` and is not there is refused
    before anything else is asked about it: of a crowd that wants the last pieces, most get no further.

    Raises:
        InvalidError: a line names something that is not sold.
        OutOfStockError: a package has a part that is not sold, or there is less of something than is to be held.
    """
    found = _find_all(lines)
    things = _require_sold(lines, found)
    if is_to_be_held:
        _require_there(lines, things)
    _attach_prices(found, at)
    items = [_item(line, thing) for line, thing in zip(lines, things, strict=True)]
    exact = exact_prices(items, currency=settings.SHOP_CURRENCY)
    asked = [replace(_asked(line), unit_price=price) for line, price in zip(lines, exact, strict=True)]
    evaluated = evaluation.evaluate_lines(asked, principal=principal, kept=kept or Kept())
    items = [
        replace(item, per_unit=answered.per_unit, once=answered.once)
        for item, answered in zip(items, evaluated, strict=True)
    ]
    rows = zip(lines, things, evaluated, items, strict=True)
    return Basket(tuple(BasketLine(*row) for row in rows), quote(items, currency=settings.SHOP_CURRENCY), at)


def find_things(lines: Sequence[LineRequest], *, at: datetime) -> list[Thing | None]:
    """What each line is of, with its price at a moment, packages with their parts; None for what is not sold."""
    found = _find_all(lines)
    _attach_prices(found, at)
    return found


def _find_all(lines: Sequence[LineRequest]) -> list[Thing | None]:
    products = _find(_PRODUCTS, {line.product_id for line in lines})
    packages = _find(_PACKAGES, {line.package_id for line in lines})
    return [products.get(line.product_id) or packages.get(line.package_id) for line in lines]


def _find(things: Statement[Any], ids: set[int | None]) -> dict[int | None, Any]:
    """Those of these ids. One query, and one for the parts, if any are wanted."""
    wanted = ids - {None}
    return {thing.pk: thing for thing in things.fetch(ids=list(wanted))} if wanted else {}


def _attach_prices(things: Sequence[Thing | None], at: datetime) -> None:
    """Two queries for the products, and two for the packages."""
    prices.attach([thing for thing in things if isinstance(thing, Product)], at=at)
    prices.attach([thing for thing in things if isinstance(thing, Package)], at=at)


def _sold(things: QuerySet[Any]) -> QuerySet[Any]:
    return things.defer(*SEARCH_COLUMNS).filter(pk__in=IdsSlot("ids"))


def _parts() -> QuerySet[PackageItem]:
    return PackageItem.objects.select_related("product__stock").order_by("position", "pk")


def _require_sold(lines: Sequence[LineRequest], things: Sequence[Thing | None]) -> list[Thing]:
    """The things, all of them, with parts that are all sold."""
    sold = [thing for thing in things if thing is not None]
    if len(sold) < len(lines):
        errors = [
            FieldError(f"/lines/{index}/{_kind_of(line)}", "does_not_exist", f"There is no such {_kind_of(line)}.")
            for index, (line, thing) in enumerate(zip(lines, things, strict=True))
            if thing is None
        ]
        raise InvalidError("Some things are not sold here.", errors=errors)
    hidden = {part.product_id: 0 for thing in sold for part in parts_of(thing) if not part.product.is_active}
    if hidden:
        raise OutOfStockError(hidden)
    return sold


def _require_there(lines: Sequence[LineRequest], things: Sequence[Thing]) -> None:
    """That there are as many pieces as the lines take together, as far as can be seen without a lock."""
    wanted: Counter[Product] = Counter()
    for line, thing in zip(lines, things, strict=True):
        for product, pieces in _pieces_of(thing):
            wanted[product] += pieces * line.quantity
    if short := {
        product.pk: product.stock.available for product in wanted if product.stock.available < wanted[product]
    }:
        raise OutOfStockError(short)


def _pieces_of(thing: Thing) -> list[tuple[Product, int]]:
    """The products that one unit takes from the shelf."""
    if isinstance(thing, Product):
        return [(thing, 1)]
    return [(part.product, part.quantity) for part in parts_of(thing)]


def _kind_of(line: LineRequest) -> str:
    return "product" if line.package_id is None else "package"


def _asked(line: LineRequest) -> evaluation.Line:
    return evaluation.Line(line.product_id, line.package_id, line.answers, line.parts)


def _item(line: LineRequest, thing: Thing) -> Item:
    total = thing.parts_total if isinstance(thing, Package) else None
    weight, tax_class = _weight_of(thing), thing.tax_class_id
    what = (_kind_of(line), thing.pk)
    return Item(what, thing.current_price, line.quantity, total, weight_grams=weight, tax_class=tax_class)


def _weight_of(thing: Thing) -> int:
    """Grams; a package weighs what its parts do."""
    if isinstance(thing, Product):
        return thing.weight_grams
    return sum(part.product.weight_grams * part.quantity for part in parts_of(thing))
