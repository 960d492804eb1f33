"""Filters of the product list."""

from typing import Any, ClassVar

from django.db.models import F, QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import DropdownFilter

from catalog.admin.tree import category_tree
from catalog.enums import StockStatus
from catalog.models import Product
from catalog.selectors.taxonomy import in_category


class CategoryFilter(DropdownFilter):
    """Products in a category or anywhere below it."""

    title = "category"
    parameter_name = "category"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002 - Django's signature
        """The tree."""
        return [(str(node.pk), node.label) for node in category_tree()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Product]) -> QuerySet[Product]:  # noqa: ARG002 - as above
        """The products there."""
        value = self.value()
        return in_category(queryset, value) if value else queryset


class AvailabilityFilter(DropdownFilter):
    """Products by what shoppers are told about their stock."""

    title = "availability"
    parameter_name = "availability"
    conditions: ClassVar[dict[str, dict[str, Any]]] = {
        StockStatus.IN_STOCK: {"pieces__gt": F("stock__low_stock_at"), "pieces__gte": 1},
        StockStatus.RUNNING_LOW: {"pieces__lte": F("stock__low_stock_at"), "pieces__gte": 1},
        StockStatus.OUT_OF_STOCK: {"pieces__lte": 0},
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002 - as above
        """The three things shoppers are told."""
        return [(status.value, status.label) for status in StockStatus]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Product]) -> QuerySet[Product]:  # noqa: ARG002 - as above
        """The products that are so."""
        condition = self.conditions.get(self.value() or "")
        if condition is None:
            return queryset
        return queryset.alias(pieces=F("stock__on_hand") - F("stock__held")).filter(**condition)
