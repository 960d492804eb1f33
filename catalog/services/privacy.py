"""What the catalogue knows about people: what they marked, received and used, and what they said about it."""

from collections.abc import Iterator
from uuid import UUID

from catalog.caching import products as product_cache
from catalog.models import CouponRedemption, Package, Product, Review, ReviewGrant
from catalog.services import favourites
from catalog.services.coupons import ERASED
from fantasize.core import privacy
from fantasize.core.privacy import Document

_ABOUT = ("product_id", "product__name", "package_id", "package__name")


def register() -> None:
    """Have exports and erasures ask us too."""
    privacy.register("catalog", export=parts_of, erase=forget)


def parts_of(user_id: UUID) -> Iterator[Document]:
    """What somebody has marked, written, used and received, oldest first."""
    yield from favourites.parts_of(user_id)
    written = Review.objects.filter(user=user_id).order_by("created_at", "pk")
    yield Document("reviews", list(written.values(*_ABOUT, "rating", "text", "state", "created_at", "edited_at")))
    redeemed = CouponRedemption.objects.filter(customer=_customer(user_id)).order_by("pk")
    yield Document("coupons", list(redeemed.values("coupon__code", "reference", "amount", "created_at", "released_at")))
    received = ReviewGrant.objects.filter(user=user_id).order_by("created_at", "pk")
    yield Document("received", list(received.values(*_ABOUT, "reference", "created_at")))


def forget(user_id: UUID) -> None:
    """Take somebody's marks and reviews away, stars included: an opinion that nobody holds any more counts no more.

    Locks the reviews, then what they are about, each in primary-key order.
    """
    favourites.forget(user_id)
    mine = Review.objects.filter(user=user_id)
    reviews = list(mine.order_by("pk").select_for_update().values_list("pk", "product", "package"))
    for model, ids in ((Product, [row[1] for row in reviews]), (Package, [row[2] for row in reviews])):
        list(model.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True).values_list("pk"))
    mine.delete()
    ReviewGrant.objects.filter(user=user_id).delete()
    # The use counts on, for nobody.
    CouponRedemption.objects.filter(customer=_customer(user_id)).update(customer=ERASED)
    if reviews:
        product_cache.invalidate_on_commit()


def _customer(user_id: UUID) -> str:
    return f"user:{user_id}"
