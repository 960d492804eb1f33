"""Reads of products."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from django.db.models import Exists, OuterRef

from catalog.models import Favourite, Product
from catalog.models.product import ProductQuerySet
from catalog.models.sellable import SEARCH_COLUMNS
from catalog.selectors import media
from fantasize.core.statements import IdsSlot, Statement, fetch_all

# In the order of ProductQuerySet.with_labels. Said once: Django takes longer to put such statements together, and rows
# into models, than PostgreSQL to answer them.
_MATERIALS = """
    SELECT product_id, material.id, slug, name, percent
      FROM catalog_productmaterial AS share JOIN catalog_material AS material ON material.id = material_id
     WHERE product_id = ANY (%s) ORDER BY percent DESC, share.id
"""
_TAGS = """
    SELECT product_id, tag.id, slug, name
      FROM catalog_product_tags JOIN catalog_tag AS tag ON tag.id = tag_id
     WHERE product_id = ANY (%s) ORDER BY position, name, tag.id
"""


class Label(NamedTuple):
    """A tag or a material as products show it; ``percent`` is how much of the product is of the material."""

    id: int
    slug: str
    name: str
    percent: Decimal | None = None


def list_products(*, including_hidden: bool = False) -> ProductQuerySet:
    """What a shopper may see (or everything, for staff), with what it belongs to; ``complete`` adds the rest."""
    products = Product.objects.with_relations().defer(*SEARCH_COLUMNS)
    return products.select_related("tax_class") if including_hidden else products.active()


_NAMED: Statement[Product] = Statement(lambda: list_products().filter(pk__in=IdsSlot("ids")))


def read_products(ids: Sequence[int], user_id: UUID | None) -> Sequence[Product]:
    """Those of these that shoppers may see, in no order, as somebody sees them, or as everybody does."""
    if user_id is None:
        return _NAMED.fetch(ids=list(ids))
    return list(seen_by(list_products().filter(pk__in=ids), user_id))


def complete(products: Sequence[Product]) -> None:
    """Give products what they show beside themselves: material and tag labels, media. Three queries for all."""
    materials, tags = (_labels(statement, products) for statement in (_MATERIALS, _TAGS))
    for product in products:
        product.material_labels, product.tag_labels = materials[product.pk], tags[product.pk]
    media.attach(products)


def seen_by(products: ProductQuerySet, user_id: UUID | None) -> ProductQuerySet:
    """The same products; for somebody with an account each says whether they have marked it (``is_favorite``)."""
    if user_id is None:
        return products
    marks = Favourite.objects.filter(user_id=user_id, product=OuterRef("pk"))
    return products.annotate(is_favorite=Exists(marks))


def _labels(statement: str, products: Sequence[Product]) -> Mapping[int, list[Label]]:
    """The labels of each product, by its id."""
    found: defaultdict[int, list[Label]] = defaultdict(list)
    if products:
        for pk, *facts in fetch_all(statement, [[product.pk for product in products]]):
            found[pk].append(Label(*facts))
    return found
