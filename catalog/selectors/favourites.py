"""Reads of what people have marked."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Q, QuerySet

from catalog.models import Favourite, Package, Product
from catalog.search.port import Hit, Kind
from catalog.selectors import search


def favourites_of(user_id: UUID) -> QuerySet[Favourite]:
    """The marks of somebody on what they may still see, the last one first."""
    shown = Q(product__is_active=True) | Q(package__is_active=True)
    return Favourite.objects.filter(shown, user_id=user_id).order_by("-created_at", "-pk")


def things_of(marks: Sequence[Favourite]) -> list[Product | Package]:
    """What marks of one person are on, in their order, as lists have it; what has gone meanwhile is left out.

    As many queries for a hundred marks as for one of each kind.
    """
    return search.load([_hit_of(mark) for mark in marks], marks[0].user_id) if marks else []


def _hit_of(mark: Favourite) -> Hit:
    return Hit(Kind.PACKAGE, mark.package_id, 0) if mark.package_id else Hit(Kind.PRODUCT, mark.product_id or 0, 0)
