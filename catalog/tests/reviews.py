"""Reviews for tests."""

from decimal import Decimal
from typing import Any

from accounts.models import User
from accounts.tests.factories import make_user
from catalog.enums import ReviewState
from catalog.models import Package, Product, Review
from catalog.services import reviews

STAFF = "user:staff"


def make_buyer(*products: Product, **fields: Any) -> User:
    """Somebody who has received these."""
    user = make_user(**fields)
    reviews.grant(user_id=user.pk, product_ids=[product.pk for product in products], reference="1001")
    return user


def make_review(
    product: Product, *, user: User | None = None, rating: int = 5, text: str = "Good.", state: str = "published"
) -> Review:
    """A review of somebody who has received the product, in this state."""
    user = user or make_buyer(product)
    review = reviews.write_review(user_id=user.pk, target=product, rating=rating, text=text)
    if state == ReviewState.PUBLISHED:
        reviews.publish_review(review_id=review.pk, actor=STAFF)
    if state == ReviewState.REJECTED:
        reviews.reject_review(review_id=review.pk, actor=STAFF)
    review.refresh_from_db()
    return review


def stars(thing: Product | Package) -> tuple[int, int, Decimal]:
    """Sum, number and average of its stars."""
    thing.refresh_from_db()
    return thing.rating_sum, thing.rating_count, thing.rating_average


def rows() -> list[dict[str, Any]]:
    """Everything that reviews say."""
    return [dict(row) for row in Review.objects.order_by("pk").values()]


def grant(user: User, product: Product) -> User:
    reviews.grant(user_id=user.pk, product_ids=[product.pk], reference="1002")
    return user
