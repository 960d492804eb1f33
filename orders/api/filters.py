"""What lists of orders can be narrowed by."""

import django_filters
from django.db.models import Q, QuerySet
from drf_spectacular.utils import extend_schema_field

from fantasize.core.api.filters import BooleanFilter, DateTimeFilter
from fantasize.core.errors import FieldError, InvalidError
from orders.enums import OrderStatus, PaymentStatus
from orders.models import LineReview, Order, OrderLine
from orders.selectors import matching, with_lines_of

_ANSWER = extend_schema_field({"type": "string", "pattern": "^[^:\\s]+:[^\\s].*$"})


class OrderFilter(django_filters.FilterSet):
    """Filters of ``GET /orders``."""

    status = django_filters.ChoiceFilter(choices=OrderStatus.choices)
    payment_status = django_filters.ChoiceFilter(choices=PaymentStatus.choices)
    group = django_filters.UUIDFilter(label="What orders have in common that were placed at once.")
    placed_after = DateTimeFilter(field_name="placed_at", lookup_expr="gte")
    placed_before = DateTimeFilter(field_name="placed_at", lookup_expr="lt")
    needs_review = BooleanFilter(
        method="filter_needs_review", label="Whether staff have to look at something of it before it goes on."
    )
    q = django_filters.CharFilter(
        method="filter_search",
        label="An order's number or id, the beginning of an e-mail address, or words of a product's name.",
    )
    answer = _ANSWER(
        django_filters.CharFilter(
            method="filter_answer",
            label="What was answered, of a thing or of a part: option:value, such as colour:gold.",
        )
    )
    font = django_filters.CharFilter(method="filter_font", label="A font that something is written in.")

    class Meta:
        model = Order
        fields: tuple[str, ...] = ()

    def filter_needs_review(self, queryset: QuerySet[Order], _name: str, value: bool) -> QuerySet[Order]:  # noqa: FBT001 - django-filter's signature
        """By whether it waits for staff: for a decision about a line, or to go on when none is left to decide about."""
        waiting = LineReview.objects.needing_approval().order_by().values("line__order")
        asked = LineReview.objects.needing_change().order_by().values("line__order")
        wanted = Q(pk__in=waiting) | (Q(status=OrderStatus.UNDER_REVIEW) & ~Q(pk__in=asked))
        return queryset.filter(wanted if value else ~wanted)

    def filter_search(self, queryset: QuerySet[Order], _name: str, value: str) -> QuerySet[Order]:
        """By number, id, e-mail or product."""
        return matching(queryset, value)

    def filter_answer(self, queryset: QuerySet[Order], _name: str, value: str) -> QuerySet[Order]:
        """By an answer of one of its lines."""
        option, separator, answer = value.partition(":")
        if not (option and separator and answer):
            fault = FieldError("answer", "invalid", "Say it as option:value.", "parameter")
            raise InvalidError("The query is not valid.", errors=[fault])
        return with_lines_of(queryset, OrderLine.objects.answered(option, answer))

    def filter_font(self, queryset: QuerySet[Order], _name: str, value: str) -> QuerySet[Order]:
        """By a font of one of its lines."""
        return with_lines_of(queryset, OrderLine.objects.written_in(value))
