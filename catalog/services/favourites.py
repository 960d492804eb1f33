"""Marking products and packages, and taking the marks away. Doing either twice changes nothing."""

from collections.abc import Iterator
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import transaction

from catalog.models import Favourite, Package, Product
from fantasize.core.errors import ConflictError, UnauthenticatedError
from fantasize.core.privacy import Document

MAX_FAVOURITES = 1000
_EXPORTED = ("product_id", "product__name", "package_id", "package__name", "created_at")


@transaction.atomic
def add(*, user_id: UUID, product: Product | None = None, package: Package | None = None) -> bool:
    """Mark a product or a package, whichever is named; returns whether it was not marked before.

    Locks the user's row, so that the limit is exact.

    Raises:
        ConflictError: ``too_many_favourites``.
        UnauthenticatedError: the account was closed meanwhile.
    """
    people = get_user_model()._default_manager.select_for_update(no_key=True)  # noqa: SLF001 - Django's documented interface
    if people.filter(pk=user_id, is_active=True).first() is None:
        raise UnauthenticatedError("The account is closed.")
    marked = Favourite.objects.filter(user_id=user_id)
    if marked.filter(product=product, package=package).exists():
        return False
    if marked.count() >= MAX_FAVOURITES:
        raise ConflictError(f"There can be {MAX_FAVOURITES} favourites.", code="too_many_favourites")
    Favourite.objects.create(user_id=user_id, product=product, package=package)
    return True


def remove(*, user_id: UUID, product_id: int | None = None, package_id: int | None = None) -> None:
    """Take the mark off a product or a package, if there is one."""
    Favourite.objects.filter(user_id=user_id, product=product_id, package=package_id).delete()


def parts_of(user_id: UUID) -> Iterator[Document]:
    """What somebody has marked, in that order."""
    rows = Favourite.objects.filter(user_id=user_id).order_by("created_at", "pk")
    yield Document("favourites", list(rows.values(*_EXPORTED)))


def forget(user_id: UUID) -> None:
    """Take all of somebody's marks away."""
    Favourite.objects.filter(user_id=user_id).delete()
