"""What an order was of: pieces of products and packages, the parts of packages among them."""

from collections import Counter
from dataclasses import dataclass, field

from catalog.models import Package, Product
from catalog.services import sales
from orders.models import Order


@dataclass(frozen=True, slots=True)
class Pieces:
    """How many pieces, by product and by package; of those that still exist."""

    products: Counter[int] = field(default_factory=Counter)
    packages: Counter[int] = field(default_factory=Counter)


def pieces_of(order: Order) -> Pieces:
    """What the order was of. A package counts itself, and as the pieces that it is made of. At most three queries."""
    pieces = Pieces()
    for product, package, quantity, parts in order.lines.values_list("product", "package", "quantity", "parts"):
        for part in parts:
            pieces.products[part["product"]] += part["quantity"] * quantity
        if product:
            pieces.products[product] += quantity
        if package:
            pieces.packages[package] += quantity
    for counted, model in ((pieces.products, Product), (pieces.packages, Package)):
        gone = counted.keys() - set(model._default_manager.filter(pk__in=counted).values_list("pk", flat=True))  # noqa: SLF001 - Django's documented interface
        for pk in gone:
            del counted[pk]
    return pieces


def record_sale(order: Order, *, sign: int = 1) -> None:
    """Count what was sold; with ``sign=-1``, that it was not after all."""
    pieces = pieces_of(order)
    products = {pk: sign * count for pk, count in pieces.products.items()}
    packages = {pk: sign * count for pk, count in pieces.packages.items()}
    sales.record(products, packages=packages)
