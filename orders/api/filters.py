"""What lists of orders can be narrowed by."""

import django_filters
from django.db.models import QuerySet

from fantasize.core.api.filters import DateTimeFilter
from orders.enums import OrderStatus, PaymentStatus
from orders.models import Order
from orders.selectors import matching


class OrderFilter(django_filters.FilterSet):
    """Filters of ``GET /orders``."""

    status = django_filters.ChoiceFilter(choices=OrderStatus.choices)
    payment_status = django_filters.ChoiceFilter(choices=PaymentStatus.choices)
    placed_after = DateTimeFilter(field_name="placed_at", lookup_expr="gte")
    placed_before = DateTimeFilter(field_name="placed_at", lookup_expr="lt")
    q = django_filters.CharFilter(
        method="filter_search",
        label="An order's number or id, the beginning of an e-mail address, or words of a product's name.",
    )

    class Meta:
        model = Order
        fields: tuple[str, ...] = ()

    def filter_search(self, queryset: QuerySet[Order], _name: str, value: str) -> QuerySet[Order]:
        """By number, id, e-mail or product."""
        return matching(queryset, value)
