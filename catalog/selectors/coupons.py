"""Reads of coupons."""

from django.db.models import Count, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from catalog.models import Coupon, CouponRedemption


def list_coupons() -> QuerySet[Coupon]:
    """Coupons, each with how many orders use it now (``uses``)."""
    live = CouponRedemption.objects.filter(coupon=OuterRef("pk"), released_at=None).order_by()
    count = live.values("coupon").annotate(total=Count("*")).values("total")
    return Coupon.objects.annotate(uses=Coalesce(Subquery(count), Value(0)))
