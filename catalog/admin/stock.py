"""Stock levels and their ledger, to look at. Corrections are made on the product's page."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from catalog.models import Product, StockItem, StockMovement
from catalog.selectors.products import list_products
from catalog.selectors.search import search_products
from fantasize.core.admin.actors import names_of
from fantasize.core.admin.base import ReadOnlyModelAdmin, ShopChangeList
from fantasize.core.admin.display import badge, moment
from fantasize.core.admin.filters import DaysFilter


def _found(text: str) -> QuerySet[Product]:
    return search_products(list_products(including_hidden=True), text).order_by()


@admin.register(StockItem)
class StockItemAdmin(ReadOnlyModelAdmin):
    """What there is of everything."""

    list_display = ("product", "on_hand", "held", "available", "availability")
    list_display_links = None
    list_select_related = ("product",)
    search_fields = ("product__name",)  # shows the box; products are found by their search vector
    search_help_text = "Product name or SKU"
    ordering = ("pk",)
    sortable_by = ()

    def get_search_results(
        self,
        request: HttpRequest,  # noqa: ARG002 - Django's signature
        queryset: QuerySet[StockItem],
        search_term: str,
    ) -> tuple[QuerySet[StockItem], bool]:
        """The stock of the products found."""
        return (queryset.filter(product__in=_found(search_term).values("pk")) if search_term else queryset), False

    @admin.display(description="Status")
    def availability(self, item: StockItem) -> SafeString:
        """What shoppers are told."""
        return badge("stock", item.status, item.status.label)


class LedgerList(ShopChangeList):
    """Movements with the names of who made them; one query more, however many there are."""

    def get_results(self, request: HttpRequest) -> None:
        """Find the page's rows and name their actors."""
        super().get_results(request)
        page: Any = self
        page.result_list = list(page.result_list)
        names = names_of(movement.actor for movement in page.result_list)
        for movement in page.result_list:
            movement.actor_name = names[movement.actor]


@admin.register(StockMovement)
class StockMovementAdmin(ReadOnlyModelAdmin):
    """The ledger: every change of every level, newest first."""

    list_display = ("when", "product", "signed_delta", "reason", "reference", "who")
    list_display_links = None
    list_filter: ClassVar = [("reason", ChoicesDropdownFilter), ("at", DaysFilter)]
    list_select_related = ("stock_item__product",)
    search_fields = ("reference",)  # as above
    search_help_text = "Product name or SKU"
    ordering = ("-pk",)
    sortable_by = ()

    def get_search_results(
        self,
        request: HttpRequest,  # noqa: ARG002 - Django's signature
        queryset: QuerySet[StockMovement],
        search_term: str,
    ) -> tuple[QuerySet[StockMovement], bool]:
        """The movements of the products found."""
        items = _found(search_term).values("stock")
        return (queryset.filter(stock_item__in=items) if search_term else queryset), False

    @admin.display(description="Product")
    def product(self, movement: StockMovement) -> str:
        """What moved."""
        return movement.stock_item.product.name

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[LedgerList]:  # noqa: ARG002 - Django's signature
        """The class of the list."""
        return LedgerList

    @admin.display(description="Who")
    def who(self, movement: StockMovement) -> str:
        """Who moved it."""
        return str(getattr(movement, "actor_name", movement.actor))

    @admin.display(description="When")
    def when(self, movement: StockMovement) -> str:
        """When it moved."""
        return moment(movement.at)

    @admin.display(description="Change")
    def signed_delta(self, movement: StockMovement) -> SafeString:
        """By how much."""
        return badge("delta", "in" if movement.delta > 0 else "out", f"{movement.delta:+,}")
