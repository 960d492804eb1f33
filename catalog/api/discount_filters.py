"""What lists of offers, coupons and price breaks can be narrowed by."""

from typing import TypeVar

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field

from catalog.enums import DiscountState
from catalog.models import Coupon, Offer, PriceBreak
from catalog.models.offer import Discount
from catalog.selectors.offers import in_state
from fantasize.core import clock
from fantasize.core.api import fields

_MAX_ID = fields.MAX_BIG_INTEGER
_ID = extend_schema_field({"type": "integer", "minimum": 1, "maximum": _MAX_ID})
D = TypeVar("D", bound=Discount)


class _DiscountFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(
        choices=DiscountState.choices, method="filter_state", label="Where it is in its time."
    )

    def filter_state(self, queryset: QuerySet[D], _name: str, value: str) -> QuerySet[D]:
        """Those in a state now."""
        return in_state(queryset, DiscountState(value), at=clock.now())


class OfferFilter(_DiscountFilter):
    """Filters of ``GET /offers``."""

    class Meta:
        model = Offer
        fields: tuple[str, ...] = ()


class CouponFilter(_DiscountFilter):
    """Filters of ``GET /coupons``."""

    code = django_filters.CharFilter(lookup_expr="iexact", max_length=40, label="Its code, in whatever case.")

    class Meta:
        model = Coupon
        fields: tuple[str, ...] = ()


class PriceBreakFilter(django_filters.FilterSet):
    """Filters of ``GET /price-breaks``."""

    product = _ID(
        django_filters.NumberFilter(
            field_name="product_id", min_value=1, max_value=_MAX_ID, decimal_places=0, label="Its id."
        )
    )
    package = _ID(
        django_filters.NumberFilter(
            field_name="package_id", min_value=1, max_value=_MAX_ID, decimal_places=0, label="Its id."
        )
    )

    class Meta:
        model = PriceBreak
        fields: tuple[str, ...] = ()
