"""Reads of products."""

from uuid import UUID

from django.db.models import Exists, OuterRef

from catalog.models import Favourite, Product
from catalog.models.product import ProductQuerySet


def list_products(*, including_hidden: bool = False) -> ProductQuerySet:
    """What a shopper may see (or everything, for staff), with relations loaded."""
    products = Product.objects.with_relations()
    return products if including_hidden else products.active()


def seen_by(products: ProductQuerySet, user_id: UUID | None) -> ProductQuerySet:
    """The same products; for somebody with an account each says whether they have marked it (``is_favorite``)."""
    if user_id is None:
        return products
    marks = Favourite.objects.filter(user_id=user_id, product=OuterRef("pk"))
    return products.annotate(is_favorite=Exists(marks))


def favourites_of(user_id: UUID) -> ProductQuerySet:
    """What somebody has marked and may still see, the last mark first."""
    marked = seen_by(list_products(), user_id).filter(favourites__user=user_id)
    return marked.order_by("-favourites__created_at", "-favourites__pk")
