"""Marking products, and taking the marks away. Doing either twice changes nothing."""

from collections.abc import Iterator
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import transaction

from catalog.models import Favourite, Product
from fantasize.core import privacy
from fantasize.core.errors import ConflictError, UnauthenticatedError
from fantasize.core.privacy import Document

MAX_FAVOURITES = 1000


def register() -> None:
    """Have exports and erasures ask us too."""
    privacy.register("catalog", export=parts_of, erase=forget)


@transaction.atomic
def add(*, user_id: UUID, product: Product) -> bool:
    """Mark a product; returns whether it was not marked before. Locks the user's row, so that the limit is exact.

    Raises:
        ConflictError: ``too_many_favourites``.
        UnauthenticatedError: the account was closed meanwhile.
    """
    people = get_user_model()._default_manager.select_for_update(no_key=True)  # noqa: SLF001 - Django's documented interface
    if people.filter(pk=user_id, is_active=True).first() is None:
        raise UnauthenticatedError("The account is closed.")
    marked = Favourite.objects.filter(user_id=user_id)
    if marked.filter(product=product).exists():
        return False
    if marked.count() >= MAX_FAVOURITES:
        raise ConflictError(f"There can be {MAX_FAVOURITES} favourites.", code="too_many_favourites")
    Favourite.objects.create(user_id=user_id, product=product)
    return True


def remove(*, user_id: UUID, product_id: int) -> None:
    """Take a mark away, if there is one."""
    Favourite.objects.filter(user_id=user_id, product_id=product_id).delete()


def parts_of(user_id: UUID) -> Iterator[Document]:
    """What somebody has marked, in that order."""
    rows = Favourite.objects.filter(user_id=user_id).order_by("created_at", "pk")
    yield Document("favourites", list(rows.values("product_id", "product__name", "created_at")))


def forget(user_id: UUID) -> None:
    """Take all of somebody's marks away."""
    Favourite.objects.filter(user_id=user_id).delete()
