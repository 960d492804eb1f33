"""Catalogue rows for tests, made by the services that make them in the shop."""

import itertools
from decimal import Decimal
from typing import Any

from catalog.models import Offer, Package, Product
from catalog.services.offers import NewOffer, create_offer
from catalog.services.packages import NewPackage, Part, create_package
from catalog.services.products import NewProduct, create_product

_numbers = itertools.count(1)


def make_product(*, name: str = "", price: str = "10.00", stock: int = 10, **fields: Any) -> Product:
    """A product with ``stock`` pieces on hand."""
    new = NewProduct(name=name or f"Gift {next(_numbers)}", list_price=Decimal(price), **fields)
    return create_product(new=new, on_hand=stock, actor="system")


def make_package(*parts: Product | tuple[Product, int], name: str = "", **fields: Any) -> Package:
    """A package of these products, each with its number of pieces or one; of a new product if none is named."""
    pairs = [part if isinstance(part, tuple) else (part, 1) for part in parts or (make_product(),)]
    new = NewPackage(name=name or f"Box {next(_numbers)}", **fields)
    return create_package(new=new, items=[Part(product.pk, pieces) for product, pieces in pairs], actor="system")


def make_offer(*, name: str = "", percent: str | None = None, amount: str | None = None, **fields: Any) -> Offer:
    """An offer that runs from now on, unless told; ``products``, ``packages`` and ``categories`` are ids."""
    less = {"percent": percent and Decimal(percent), "amount": amount and Decimal(amount)}
    return create_offer(new=NewOffer(name=name or f"Offer {next(_numbers)}", **{**less, **fields}))
