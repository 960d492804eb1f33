"""Coupons over HTTP, for staff only: a shopper learns of a code by having it."""

from decimal import Decimal
from http import HTTPStatus
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.discount_filters import CouponFilter
from catalog.api.serializers.coupons import CouponInputSerializer, CouponSerializer
from catalog.models import Coupon
from catalog.policies import may
from catalog.selectors.coupons import list_coupons
from catalog.services import coupons
from fantasize.core.api.conditional import require_version
from fantasize.core.api.permissions import policy
from fantasize.core.api.viewsets import ReadOnlyShopViewSet

# What a coupon is that is replaced without a word about these.
_UNSAID: dict[str, Any] = {
    "percent": None,
    "amount": None,
    "min_total": Decimal(0),
    "max_uses": None,
    "max_uses_per_customer": None,
    "ends_at": None,
    "is_active": True,
}


class CouponViewSet(ReadOnlyShopViewSet):
    """Codes that make an order cheaper."""

    queryset = Coupon.objects.none()
    serializer_class = CouponSerializer
    filterset_class = CouponFilter
    if_match = {"update": False, "partial_update": False, "destroy": False}
    permission_classes = (policy(may("view", "coupon")),)
    action_permissions = {
        "create": (policy(may("add", "coupon")),),
        "update": (policy(may("change", "coupon")),),
        "partial_update": (policy(may("change", "coupon")),),
        "destroy": (policy(may("delete", "coupon")),),
    }

    def get_queryset(self) -> QuerySet[Coupon]:
        """All there are, the newest first."""
        return list_coupons().order_by("-created_at", "-pk")

    @extend_schema(request=CouponInputSerializer, responses={201: CouponSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Make a coupon."""
        coupon = coupons.create_coupon(new=coupons.NewCoupon(**self.read_input(CouponInputSerializer)))
        return self.answer(self.get_queryset().get(pk=coupon.pk), status=HTTPStatus.CREATED)

    @extend_schema(request=CouponInputSerializer)
    def update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Replace a coupon; without ``starts_at`` it keeps its beginning."""
        return self._change(partial=False)

    @extend_schema(request=CouponInputSerializer(partial=True))
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change some of a coupon."""
        return self._change(partial=True)

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Take a coupon out of use: one that was ever used is switched off and kept, any other is deleted."""
        coupon = self.get_object()
        coupons.remove_coupon(coupon=coupon, expected_version=require_version(self.request, coupon))
        return Response(status=HTTPStatus.NO_CONTENT)

    def _change(self, *, partial: bool) -> Response:
        coupon = self.get_object()
        version = require_version(self.request, coupon)
        changes = self.read_input(CouponInputSerializer, partial=partial)
        coupons.update_coupon(
            coupon=coupon, changes=changes if partial else {**_UNSAID, **changes}, expected_version=version
        )
        return self.answer(self.get_object())
