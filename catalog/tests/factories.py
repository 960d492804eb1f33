"""Catalogue rows for tests, made by the services that make them in the shop."""

import itertools
from decimal import Decimal
from typing import Any

from catalog.models import Product
from catalog.services.products import NewProduct, create_product

_numbers = itertools.count(1)


def make_product(*, name: str = "", price: str = "10.00", stock: int = 10, **fields: Any) -> Product:
    """A product with ``stock`` pieces on hand."""
    new = NewProduct(name=name or f"Gift {next(_numbers)}", list_price=Decimal(price), **fields)
    return create_product(new=new, on_hand=stock, actor="system")
