"""Reads of products."""

from collections.abc import Sequence
from typing import cast
from uuid import UUID

from django.db.models import Exists, OuterRef, prefetch_related_objects

from catalog.models import Favourite, Product
from catalog.models.product import ProductQuerySet, shares_and_tags
from catalog.models.sellable import SEARCH_COLUMNS
from catalog.selectors.media import attach, with_media


def list_products(*, including_hidden: bool = False) -> ProductQuerySet:
    """What a shopper may see (or everything, for staff), with relations loaded."""
    products = Product.objects.with_relations().defer(*SEARCH_COLUMNS)
    return cast("ProductQuerySet", with_media(products if including_hidden else products.active()))


def complete(products: Sequence[Product]) -> None:
    """Give rows that were read or written otherwise what those of ``list_products`` have; who has it keeps it."""
    prefetch_related_objects(products, *shares_and_tags())
    attach(products)


def seen_by(products: ProductQuerySet, user_id: UUID | None) -> ProductQuerySet:
    """The same products; for somebody with an account each says whether they have marked it (``is_favorite``)."""
    if user_id is None:
        return products
    marks = Favourite.objects.filter(user_id=user_id, product=OuterRef("pk"))
    return products.annotate(is_favorite=Exists(marks))
