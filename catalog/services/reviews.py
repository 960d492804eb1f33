"""What buyers say: allowed by a delivery, written once, seen by shoppers once staff have published it.

A database trigger keeps the stars of products and packages with every change of a review. Locks the author's row, then
the review, then (by the trigger) the product or package.
"""

import unicodedata
from collections.abc import Collection
from datetime import datetime
from itertools import chain
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import transaction

from catalog.caching import products as product_cache
from catalog.enums import ReviewState
from catalog.models import Package, Product, Review, ReviewGrant
from fantasize.core import clock
from fantasize.core.errors import (
    ConflictError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    PreconditionFailedError,
    UnauthenticatedError,
)

MOST_CHARACTERS = 4000
# Marks that turn the direction of text: they would make the words around a review read otherwise.
_DIRECTIONS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def grant(*, user_id: UUID, product_ids: Collection[int], package_ids: Collection[int] = (), reference: str) -> None:
    """Let somebody review what they have received, in the caller's transaction; once more changes nothing.

    One query, however much it was.

    Args:
        user_id: who received it.
        product_ids: which products.
        package_ids: which packages.
        reference: the order that brought it.
    """
    facts: dict[str, Any] = {"user_id": user_id, "reference": reference}
    grants = chain(
        (ReviewGrant(product_id=pk, **facts) for pk in sorted(product_ids)),
        (ReviewGrant(package_id=pk, **facts) for pk in sorted(package_ids)),
    )
    ReviewGrant.objects.bulk_create(grants, ignore_conflicts=True)


@transaction.atomic
def write_review(*, user_id: UUID, target: Product | Package, rating: int, text: str) -> Review:
    """Write a review, which then waits for moderation. Locks the author's row: there is one review for each thing.

    Raises:
        UnauthenticatedError: the account was closed meanwhile.
        ForbiddenError: ``not_received``.
        ConflictError: ``duplicate``: they have reviewed it already.
        InvalidError: the text is too long.
    """
    _require_open_account(user_id)
    about = {"user_id": user_id, _kind_of(target): target}
    if not ReviewGrant.objects.filter(**about).exists():
        raise ForbiddenError("Only who has received it can review it.", code="not_received", title="Not received")
    if Review.objects.filter(**about).exists():
        raise ConflictError("You have reviewed it already. Change that review.", code="duplicate", title="Duplicate")
    return Review.objects.create(**about, rating=rating, text=_plain(text))


@transaction.atomic
def edit_review(*, review_id: int, user_id: UUID, changes: dict[str, Any]) -> Review:
    """Change the ``rating`` or ``text`` of one's own review; changed, it waits for moderation again. Locks its row.

    Raises:
        NotFoundError: it is not there any more, or somebody else's.
        InvalidError: the text is too long.
    """
    review = _lock(review_id, user_id=user_id)
    wanted = {name: _plain(value) if name == "text" else value for name, value in changes.items()}
    if any(getattr(review, name) != value for name, value in wanted.items()):
        for name, value in wanted.items():
            setattr(review, name, value)
        review.edited_at = clock.now()
        _set_state(review, ReviewState.PENDING)
    return review


@transaction.atomic
def withdraw_review(*, review_id: int, user_id: UUID) -> None:
    """Take one's own review away; another one may be written. Locks its row.

    Raises:
        NotFoundError: it is not there any more, or somebody else's.
    """
    _lock(review_id, user_id=user_id).delete()
    product_cache.invalidate_on_commit()


@transaction.atomic
def publish_review(*, review_id: int, actor: str, seen_at: datetime | None = None) -> None:
    """Show a review to shoppers and count its stars.

    Raises as :func:`reject_review` does.
    """
    _decide(review_id, ReviewState.PUBLISHED, actor, seen_at)


@transaction.atomic
def reject_review(*, review_id: int, actor: str, seen_at: datetime | None = None) -> None:
    """Do not show a review, or not any more; its author sees that and may change it. Locks its row.

    Args:
        review_id: which one.
        actor: who decides.
        seen_at: when they were shown what they decide about; None: they have just read it.

    Raises:
        NotFoundError: it was withdrawn.
        PreconditionFailedError: its author changed it after ``seen_at``.
    """
    _decide(review_id, ReviewState.REJECTED, actor, seen_at)


def _decide(review_id: int, state: ReviewState, actor: str, seen_at: datetime | None) -> None:
    review = _lock(review_id)
    if seen_at and review.edited_at and review.edited_at > seen_at:
        raise PreconditionFailedError("Its author changed it after you opened the page. Read it again.")
    if review.state != state:
        _set_state(review, state, actor=actor)


def _set_state(review: Review, state: ReviewState, *, actor: str = "") -> None:
    review.state = state
    review.moderated_by, review.moderated_at = actor, clock.now() if actor else None
    review.save()
    product_cache.invalidate_on_commit()


def _lock(review_id: int, **whose: Any) -> Review:
    review = Review.objects.select_for_update(no_key=True).filter(pk=review_id, **whose).first()
    if review is None:
        raise NotFoundError("The review is not there any more.")
    return review


def _require_open_account(user_id: UUID) -> None:
    people = get_user_model()._default_manager.select_for_update(no_key=True)  # noqa: SLF001 - Django's documented interface
    if people.filter(pk=user_id, is_active=True).first() is None:
        raise UnauthenticatedError("The account is closed.")


def _kind_of(target: Product | Package) -> str:
    return "product" if isinstance(target, Product) else "package"


def _plain(text: str) -> str:
    """The text composed (NFC), with line feeds, and without what is no sign of any script.

    Raises:
        InvalidError: it is longer than a review may be.
    """
    composed = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    plain = "".join(sign for sign in composed if sign in "\n\t" or not _is_sign_of_nothing(sign)).strip()
    if len(plain) > MOST_CHARACTERS:
        raise InvalidError.at("/text", f"At most {MOST_CHARACTERS} characters.", code="max_length")
    return plain


def _is_sign_of_nothing(sign: str) -> bool:
    return sign in _DIRECTIONS or unicodedata.category(sign) == "Cc"
