"""Stock levels and their ledger, to look at. Corrections and marks are made on the product's page."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import F, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter

from catalog.admin.stock_card import LowMarkForm
from catalog.enums import StockStatus
from catalog.models import Product, StockItem, StockMovement
from catalog.selectors.products import list_products
from catalog.selectors.search import search_products
from catalog.services import stock
from fantasize.core.admin.base import ActorList, ReadOnlyModelAdmin
from fantasize.core.admin.display import badge, moment
from fantasize.core.admin.filters import DaysFilter
from fantasize.core.admin.transfer_lists import TransferLists


def _found(text: str) -> QuerySet[Product]:
    return search_products(list_products(including_hidden=True), text).order_by()


class ScarcityFilter(DropdownFilter):
    """Stock by what shoppers are told about it, or all that staff should see to."""

    title = "status"
    parameter_name = "status"
    conditions: ClassVar[dict[str, dict[str, Any]]] = {
        "scarce": {"left__lte": F("low_stock_at")},
        StockStatus.RUNNING_LOW: {"left__lte": F("low_stock_at"), "left__gte": 1},
        StockStatus.OUT_OF_STOCK: {"left__lte": 0},
        StockStatus.IN_STOCK: {"left__gt": F("low_stock_at"), "left__gte": 1},
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002 - Django's signature
        """Running low or sold out together, then the three things shoppers are told."""
        return [("scarce", "Running low or sold out"), *StockStatus.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[StockItem]) -> QuerySet[StockItem]:  # noqa: ARG002 - as above
        """The stock that is so."""
        condition = self.conditions.get(self.value() or "")
        if condition is None:
            return queryset
        return queryset.alias(left=F("on_hand") - F("held")).filter(**condition)


@admin.register(StockItem)
class StockItemAdmin(TransferLists, ReadOnlyModelAdmin):
    """What there is of every product."""

    transfer = "stock"
    list_display = ("product_link", "on_hand", "held", "available", "low_stock_at", "availability")
    list_display_links = None
    list_filter: ClassVar = [ScarcityFilter]
    list_select_related = ("product",)
    search_fields = ("product__name",)  # shows the box; products are found by their search vector
    search_help_text = "Product name or SKU"
    ordering = ("pk",)
    sortable_by = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[StockItem]:
        """Stock of products; what else is counted has its own pages, and of what is gone only the ledger tells."""
        return super().get_queryset(request).filter(product__isnull=False)

    def get_search_results(
        self,
        request: HttpRequest,  # noqa: ARG002 - Django's signature
        queryset: QuerySet[StockItem],
        search_term: str,
    ) -> tuple[QuerySet[StockItem], bool]:
        """The stock of the products found."""
        return (queryset.filter(product__in=_found(search_term).values("pk")) if search_term else queryset), False

    @admin.display(description="Product")
    def product_link(self, item: StockItem) -> SafeString:
        """What it is, leading to where it is corrected."""
        address = reverse("admin:catalog_product_change", args=[item.product.pk])
        return format_html('<a class="fz-link" href="{}">{}</a>', address, item.product.name)

    def get_urls(self) -> list[URLPattern]:
        """The usual pages, and where marks are posted to."""
        mark = self.admin_site.admin_view(self.low_mark_view)
        return [path("<int:item_id>/low-mark/", mark, name="catalog_stockitem_low_mark"), *super().get_urls()]

    def low_mark_view(self, request: HttpRequest, item_id: int) -> HttpResponse:
        """Set the mark from which on stock counts as running low, and lead back to the product.

        Raises:
            PermissionDenied: this person may not change stock.
        """
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not request.user.has_perm("catalog.change_stockitem"):
            raise PermissionDenied
        item = self.get_queryset(request).filter(pk=item_id).first()
        if item is None:
            raise Http404
        form = LowMarkForm(request.POST)
        if form.is_valid():
            mark = form.cleaned_data["low_stock_at"]
            stock.set_low_mark(item.pk, low_stock_at=mark)
            self.log_change(request, item, f"Running low at {mark} instead of {item.low_stock_at}.")
            messages.success(request, f"Staff are told from {mark} pieces on.")
        else:
            messages.error(request, f"Running low at: {form.errors['low_stock_at'][0]}")
        return HttpResponseRedirect(reverse("admin:catalog_product_change", args=[item.product.pk]))

    @admin.display(description="Status")
    def availability(self, item: StockItem) -> SafeString:
        """What shoppers are told."""
        return badge("stock", item.status, item.status.label)


@admin.register(StockMovement)
class StockMovementAdmin(TransferLists, ReadOnlyModelAdmin):
    """The ledger: every change of every level, newest first."""

    transfer = "movement"
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
        """What moved; nothing for what is no product, or none any more."""
        product: Product | None = getattr(movement.stock_item, "product", None)
        return product.name if product else "-"

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ActorList]:  # noqa: ARG002 - Django's signature
        """The class of the list."""
        return ActorList

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
