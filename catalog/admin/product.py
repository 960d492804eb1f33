"""Products: list, page with stock, import and export."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import BooleanRadioFilter, RelatedDropdownFilter

from catalog.admin import stock_card
from catalog.admin.filters import AvailabilityFilter, CategoryFilter
from catalog.admin.finding import find
from catalog.admin.materials import MaterialsInline
from catalog.admin.media import MediaInline
from catalog.admin.price_break import PriceBreakInline, PriceBreakWarnings
from catalog.admin.product_facts import facts_of
from catalog.admin.product_form import NewProductForm, ProductForm
from catalog.admin.tile import tile
from catalog.models import Product
from catalog.selectors.media import with_media
from catalog.selectors.products import list_products
from catalog.services import products
from fantasize.core.admin.actors import actor_of
from fantasize.core.admin.base import ImportExportModelAdmin
from fantasize.core.admin.display import amount, badge
from fantasize.core.errors import DomainError

_OWN_FIELDS = (
    *("name", "sku", "slug", "description", "list_price", "category", "brand", "tags", "is_active"),
    *("weight_grams", "tax_class"),
)


@admin.register(Product)
class ProductAdmin(PriceBreakWarnings, ImportExportModelAdmin):
    """What is sold. Every save goes through ``catalog.services``; stock is changed by deltas with a reason only."""

    form = ProductForm
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("name",),
                    ("sku", "slug"),
                    ("category", "brand"),
                    ("list_price", "is_active"),
                    ("weight_grams", "tax_class"),
                    "tags",
                    "description",
                    "expected_version",
                )
            },
        ),
    )
    add_fieldsets = (
        (
            None,
            {
                "fields": (
                    ("name",),
                    ("sku", "slug"),
                    ("category", "brand"),
                    ("list_price", "opening_stock"),
                    "is_active",
                    ("weight_grams", "tax_class"),
                    "tags",
                    "description",
                )
            },
        ),
    )
    inlines: ClassVar = [MaterialsInline, PriceBreakInline, MediaInline]
    autocomplete_fields = ("brand", "tags")
    prepopulated_fields = {"slug": ("name",)}
    list_display = ("product", "category", "costs", "availability", "available", "is_active")
    list_display_links = ("product",)
    list_editable = ("is_active",)
    list_filter: ClassVar = [
        CategoryFilter,
        ("brand", RelatedDropdownFilter),
        ("materials", RelatedDropdownFilter),
        ("tags", RelatedDropdownFilter),
        AvailabilityFilter,
        ("is_active", BooleanRadioFilter),
    ]
    search_fields = ("name",)  # shows the box; what it finds says get_search_results
    search_help_text = "Name or SKU"
    ordering = ("-created_at", "-pk")
    sortable_by = ("product", "costs")
    transfer = "product"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Product]:
        """Products with category, brand, stock and pictures."""
        return with_media(super().get_queryset(request).select_related("category", "brand", "stock"))

    def get_search_results(
        self,
        request: HttpRequest,  # noqa: ARG002 - Django's signature
        queryset: QuerySet[Product],
        search_term: str,
    ) -> tuple[QuerySet[Product], bool]:
        """By words, or by the start of the SKU."""
        return find(queryset, list_products(including_hidden=True), search_term), False

    def has_delete_permission(self, request: HttpRequest, obj: Product | None = None) -> bool:  # noqa: ARG002 - Django's signature
        """Products are taken out of the shop, not deleted: orders and the stock ledger refer to them."""
        return False

    @admin.display(description="Product", ordering="name")
    def product(self, product: Product) -> SafeString:
        """Its picture, its name, its SKU."""
        return tile(product)

    @admin.display(description="Price", ordering="price")
    def costs(self, product: Product) -> SafeString | str:
        """What one costs now; with an offer, what it costs without."""
        now = amount(product.price, settings.SHOP_CURRENCY)
        if product.price == product.list_price:
            return now
        usual = amount(product.list_price, settings.SHOP_CURRENCY)
        return format_html("{} <s>{}</s> {}", now, usual, badge("offer", "running", "Offer"))

    @admin.display(description="Availability")
    def availability(self, product: Product) -> SafeString:
        """What shoppers are told."""
        return badge("stock", product.status, product.status.label)

    @admin.display(description="Available")
    def available(self, product: Product) -> int:
        """Pieces that can be sold now."""
        return product.stock.available

    def get_form(self, request: HttpRequest, obj: Product | None = None, change: bool = False, **kwargs: Any) -> Any:  # noqa: FBT001, FBT002 - Django's signature
        """A new product's form asks for its opening stock."""
        if obj is None:
            kwargs["form"] = NewProductForm
        return super().get_form(request, obj, change, **kwargs)

    def save_model(self, request: HttpRequest, obj: Product, form: Any, change: bool) -> None:  # noqa: FBT001 - as above
        """Store what was changed, through the service.

        Raises:
            PreconditionFailedError: somebody else saved the product after the form was opened.
        """
        said = form.cleaned_data
        if change:
            changes = _own(said, set(form.changed_data))
            products.update_product(product=obj, changes=changes, expected_version=said.get("expected_version"))
            return
        new = products.NewProduct(**_own(said, set(_OWN_FIELDS)))
        created = products.create_product(new=new, on_hand=said["opening_stock"], actor=actor_of(request))
        obj.pk, obj.stock = created.pk, created.stock

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The form, with what it costs now, its packages and the stock beside it."""
        product = self.get_object(request, object_id) if request.method == "GET" else None
        context = {**stock_card.stock_card(product), "facts": facts_of(product)} if product else {}
        return super().change_view(request, object_id, form_url, context | (extra_context or {}))

    def get_urls(self) -> list[URLPattern]:
        """The usual pages, and where stock corrections are posted to."""
        correct = self.admin_site.admin_view(self.correct_stock_view)
        return [path("<int:product_id>/stock/", correct, name="catalog_product_stock"), *super().get_urls()]

    def correct_stock_view(self, request: HttpRequest, product_id: int) -> HttpResponse:
        """Book a correction and lead back to the product.

        Raises:
            PermissionDenied: this person may not change stock.
        """
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not request.user.has_perm("catalog.change_stockitem"):
            raise PermissionDenied
        product = self.get_object(request, str(product_id))
        if product is None:
            raise Http404
        self._correct_stock(request, product)
        return HttpResponseRedirect(reverse("admin:catalog_product_change", args=[product_id]))

    def _correct_stock(self, request: HttpRequest, product: Product) -> None:
        form = stock_card.StockCorrectionForm(request.POST)
        if not form.is_valid():
            field, errors = next(iter(form.errors.items()))
            messages.error(request, f"{form.fields[field].label or field.capitalize()}: {errors[0]}")
            return
        try:
            stock_card.correct(product, form, actor=actor_of(request))
        except DomainError as error:
            messages.error(request, error.detail)
        else:
            messages.success(request, f"Stock changed by {form.cleaned_data['delta']:+,}.")


def _own(said: dict[str, Any], names: set[str]) -> dict[str, Any]:
    """What the form says of the product itself, as the service takes it."""
    own = {name: said[name] for name in _OWN_FIELDS if name in names}
    return own | {"tags": [tag.pk for tag in own["tags"]]} if "tags" in own else own
