"""Finds what a scenario's document refers to: of the document itself, or what the shop had before."""

from collections.abc import Sequence
from typing import Any

from catalog.models import Category, Package, Product
from fantasize.core.errors import InvalidError

Referable = type[Product] | type[Package] | type[Category]


def ids_of(model: Referable, keys: Sequence[str], pointers: Sequence[str]) -> list[int]:
    """The ids of things by their keys, which are their SKUs, or their names if they are categories. One query.

    Raises:
        InvalidError: there is no such thing, at the pointer of the key that names it.
    """
    name = "name" if model is Category else "sku"
    rows: Any = model._default_manager.filter(**{f"{name}__in": keys}).order_by("-pk")  # noqa: SLF001 - Django's documented interface
    known: dict[str, int] = dict(rows.values_list(name, "pk"))
    for key, pointer in zip(keys, pointers, strict=True):
        if key not in known:
            kind = model._meta.verbose_name  # noqa: SLF001 - as above
            raise InvalidError.at(pointer, f"There is no such {kind}.", code="does_not_exist")
    return [known[key] for key in keys]
