"""Reads of reviews."""

from uuid import UUID

from django.db.models import Count, Q, QuerySet

from catalog.enums import ReviewState
from catalog.models import Package, Product, Review

STARS = (5, 4, 3, 2, 1)
NAMELESS = "A customer"


def reviews_of(target: Product | Package, *, reader_id: UUID | None) -> QuerySet[Review]:
    """The published reviews of a thing, the newest first; for who has written one, theirs whatever has become of it."""
    seen = Q(state=ReviewState.PUBLISHED)
    if reader_id is not None:
        seen |= Q(user=reader_id)
    return target.reviews.filter(seen).select_related("user").order_by("-created_at", "-pk")


def reviews_by(user_id: UUID) -> QuerySet[Review]:
    """What somebody has written, the newest first."""
    return Review.objects.filter(user=user_id).select_related("user").order_by("-created_at", "-pk")


def count_stars(target: Product | Package) -> dict[int, int]:
    """How many published reviews give five stars, four and so on. One query."""
    rows = target.reviews.filter(state=ReviewState.PUBLISHED).order_by().values_list("rating")
    return {**dict.fromkeys(STARS, 0), **dict(rows.annotate(reviews=Count("pk")))}


def author_name(review: Review) -> str:
    """Whom shoppers take it from: first name and an initial. Never an e-mail address, also where that is the name."""
    first, last = (str(getattr(review.user, name)).strip() for name in ("first_name", "last_name"))
    if not first or "@" in first:
        return NAMELESS
    return f"{first} {last[0]}." if last else first
