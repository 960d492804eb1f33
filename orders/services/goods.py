"""What an order was of: pieces of products and packages, the parts of packages among them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from catalog.models import Package, Product
from catalog.services import sales, stock
from customizations.models import ChoiceStock
from orders.models import CreditNote, CreditNoteLine, Order, OrderLine


@dataclass(frozen=True, slots=True)
class Pieces:
    """How many pieces, by product and by package; of those that still exist."""

    products: Counter[int] = field(default_factory=Counter)
    packages: Counter[int] = field(default_factory=Counter)


def pieces_of(order: Order) -> Pieces:
    """What the order was of. A package counts itself, and as the pieces that it is made of. At most three queries."""
    return _existing(_whole(*row) for row in order.lines.values_list("product", "package", "quantity", "parts"))


def credited_pieces(order: Order, note: CreditNote | None = None) -> Pieces:
    """What of it was given back for, by one of its credit notes or by all. At most three queries."""
    found = CreditNoteLine.objects.filter(note__order=order) if note is None else note.lines.all()
    rows = found.values_list("part", "line__product", "line__package", "quantity", "line__parts")
    return _existing(_credited(*row) for row in rows)


def record_sale(order: Order, *, sign: int = 1) -> None:
    """Count what was sold; with ``sign=-1``, that what was not given back for was not after all."""
    sold = pieces_of(order)
    if sign < 0:
        given_back = credited_pieces(order)
        sold = Pieces(sold.products - given_back.products, sold.packages - given_back.packages)
    _record(sold, sign)


def unrecord_sale(order: Order, note: CreditNote) -> None:
    """Count that what a credit note gives back for was not sold after all."""
    _record(credited_pieces(order, note), -1)


def _record(pieces: Pieces, sign: int) -> None:
    products = {pk: sign * count for pk, count in pieces.products.items()}
    packages = {pk: sign * count for pk, count in pieces.packages.items()}
    sales.record(products, packages=packages)


def _whole(product: int | None, package: int | None, quantity: int, parts: list[dict[str, Any]]) -> Pieces:
    """Units of a position."""
    pieces = Pieces()
    for part in parts:
        pieces.products[part["product"]] += part["quantity"] * quantity
    if product:
        pieces.products[product] += quantity
    if package:
        pieces.packages[package] += quantity
    return pieces


def _credited(
    part: int | None, product: int | None, package: int | None, quantity: int, parts: list[dict[str, Any]]
) -> Pieces:
    """Units of a position, or pieces of one of its parts."""
    return _whole(product, package, quantity, parts) if part is None else Pieces(Counter({part: quantity}))


def _existing(found: Iterable[Pieces]) -> Pieces:
    """All of them together, without what is no more."""
    pieces = Pieces()
    for each in found:
        pieces.products.update(each.products)
        pieces.packages.update(each.packages)
    for counted, model in ((pieces.products, Product), (pieces.packages, Package)):
        gone = counted.keys() - set(model._default_manager.filter(pk__in=counted).values_list("pk", flat=True))  # noqa: SLF001 - Django's documented interface
        for pk in gone:
            del counted[pk]
    return pieces


def stock_of(pieces: Iterable[tuple[OrderLine, int | None, int]]) -> stock.Demand:
    """What of the stock these were: units of positions, or pieces of their parts, with the choices made about them.

    By stock item id; without what is no more, and what was forgotten. Two queries at most.
    """
    products: Counter[int] = Counter()
    choices: Counter[tuple[int, str, str]] = Counter()
    for line, part, quantity in pieces:
        products += _credited(part, line.product_id, line.package_id, quantity, line.parts).products
        for thing in line.customizations:
            if part in (None, thing["part"]):
                many = quantity * (thing["pieces"] if part is None else 1)
                choices.update({(thing["template"], *answer): many for answer in thing["answers"].items()})
    demand: Counter[int] = Counter()
    for product, item in Product.objects.filter(pk__in=products).values_list("pk", "stock"):
        demand[item] += products[product]
    counted = ChoiceStock.objects.filter(template__in={template for template, _, _ in choices})
    for template, option, value, item in counted.values_list("template", "option", "value", "stock"):
        demand[item] += choices[template, option, value]
    return +demand
