"""What lists of products can be narrowed by and ordered by."""

import django_filters
from django.db.models import QuerySet
from django_filters import NumberFilter
from drf_spectacular.utils import extend_schema_field

from catalog.models import Product
from catalog.selectors.search import search_products
from catalog.selectors.taxonomy import in_category
from fantasize.core.api.filters import BooleanFilter

ORDERINGS = {
    "price": ("list_price", "id"),
    "-price": ("-list_price", "-id"),
    "name": ("name", "id"),
    "-created": ("-created_at", "-id"),
    "-sales": ("-sales_count", "-id"),
    "relevance": (),
}


MAX_AMOUNT = 10**9
_AMOUNT = extend_schema_field({"type": "number", "minimum": 0, "maximum": MAX_AMOUNT})


class ProductFilter(django_filters.FilterSet):
    """Filters of ``GET /products``."""

    q = django_filters.CharFilter(method="filter_search", label="Words to look for; the last one may be unfinished.")
    category = django_filters.CharFilter(method="filter_category", label="Id or slug of a category; with its children.")
    brand = django_filters.CharFilter(method="filter_brand", label="Id or slug of a brand.")
    min_price = _AMOUNT(NumberFilter(field_name="list_price", lookup_expr="gte", min_value=0, max_value=MAX_AMOUNT))
    max_price = _AMOUNT(NumberFilter(field_name="list_price", lookup_expr="lte", min_value=0, max_value=MAX_AMOUNT))
    in_stock = BooleanFilter(method="filter_in_stock")
    ordering = django_filters.ChoiceFilter(
        choices=[(name, name) for name in ORDERINGS],
        method="filter_ordering",
        label="Newest first unless told; with q, the best match first.",
    )

    class Meta:
        model = Product
        fields: tuple[str, ...] = ()

    def filter_search(self, queryset: QuerySet[Product], _name: str, value: str) -> QuerySet[Product]:
        """Full-text search, best matches first unless another ordering is asked for."""
        return search_products(queryset, value)

    def filter_category(self, queryset: QuerySet[Product], _name: str, value: str) -> QuerySet[Product]:
        """A category and everything below it."""
        return in_category(queryset, value)

    def filter_brand(self, queryset: QuerySet[Product], _name: str, value: str) -> QuerySet[Product]:
        """A brand by id or slug."""
        return queryset.filter(brand__pk=int(value)) if value.isdecimal() else queryset.filter(brand__slug=value)

    def filter_in_stock(self, queryset: QuerySet[Product], _name: str, value: bool) -> QuerySet[Product]:  # noqa: FBT001 - django-filter's signature
        """Only those that can be sold now, or only those that cannot."""
        available = Product.objects.in_stock().values("pk")
        return queryset.filter(pk__in=available) if value else queryset.exclude(pk__in=available)

    def filter_ordering(self, queryset: QuerySet[Product], _name: str, value: str) -> QuerySet[Product]:
        """One of the orders there are."""
        return queryset.order_by(*ORDERINGS[value]) if ORDERINGS[value] else queryset

    def filter_queryset(self, queryset: QuerySet[Product]) -> QuerySet[Product]:
        """The filtered products, always in some order: pages of an unordered list would repeat rows."""
        found: QuerySet[Product] = super().filter_queryset(queryset)
        if found.query.order_by:
            return found
        best_first = ("-rank", "id") if "rank" in found.query.annotations else ("-created_at", "-id")
        return found.order_by(*best_first)
