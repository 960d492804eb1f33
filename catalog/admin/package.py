"""Packages: list with availability, page with parts, price and saving."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import Media
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import BooleanRadioFilter

from catalog.admin import package_preview
from catalog.admin.filters import CategoryFilter
from catalog.admin.finding import find
from catalog.admin.media import MediaInline
from catalog.admin.package_form import OWN_FIELDS, PackageForm, PartFormSet, PartsInline
from catalog.admin.price_break import PriceBreakInline, PriceBreakWarnings
from catalog.admin.tile import tile
from catalog.models import Package
from catalog.selectors.media import with_media
from catalog.services import packages
from fantasize.core.admin.actors import actor_of
from fantasize.core.admin.base import ImportExportModelAdmin
from fantasize.core.admin.display import amount, badge


@admin.register(Package)
class PackageAdmin(PriceBreakWarnings, ImportExportModelAdmin):
    """What is sold together. A package is saved with its parts, as a whole, by ``catalog.services.packages``."""

    transfer = "package"
    form = PackageForm
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("name",),
                    ("sku", "slug"),
                    ("category", "is_active"),
                    ("own_price", "percent_off"),
                    "tax_class",
                    "description",
                    "expected_version",
                )
            },
        ),
    )
    inlines: ClassVar = [PartsInline, PriceBreakInline, MediaInline]
    prepopulated_fields = {"slug": ("name",)}
    list_display = ("package", "category", "costs", "saves", "availability", "can_be_sold", "is_active")
    list_display_links = ("package",)
    list_editable = ("is_active",)
    list_filter: ClassVar = [CategoryFilter, ("is_active", BooleanRadioFilter)]
    search_fields = ("name",)  # shows the box; what it finds says get_search_results
    search_help_text = "Name or SKU"
    ordering = ("-created_at", "-pk")
    sortable_by = ("package", "costs")

    @property
    def media(self) -> Media:
        """The preview's script."""
        return super().media + Media(js=["admin/package.js"])

    def get_queryset(self, request: HttpRequest) -> QuerySet[Package]:
        """Packages with their categories and pictures, and how often they can be sold."""
        return with_media(super().get_queryset(request).with_parts().select_related("category"))

    def get_search_results(
        self,
        request: HttpRequest,  # noqa: ARG002 - Django's signature
        queryset: QuerySet[Package],
        search_term: str,
    ) -> tuple[QuerySet[Package], bool]:
        """By words, or by the start of the SKU."""
        return find(queryset, Package.objects.all(), search_term), False

    def has_delete_permission(self, request: HttpRequest, obj: Package | None = None) -> bool:  # noqa: ARG002 - Django's signature
        """Packages are taken out of the shop, not deleted: reviews and orders refer to them."""
        return False

    @admin.display(description="Package", ordering="name")
    def package(self, package: Package) -> SafeString:
        """Its picture, its name, its SKU."""
        return tile(package)

    @admin.display(description="Price", ordering="price")
    def costs(self, package: Package) -> str:
        """What one costs now."""
        return amount(package.price, settings.SHOP_CURRENCY)

    @admin.display(description="Saving")
    def saves(self, package: Package) -> str:
        """How much less that is than its parts singly."""
        return amount(package.saving, settings.SHOP_CURRENCY)

    @admin.display(description="Availability")
    def availability(self, package: Package) -> SafeString:
        """What shoppers are told."""
        return badge("stock", package.status, package.status.label)

    @admin.display(description="Available")
    def can_be_sold(self, package: Package) -> int:
        """How often its scarcest part allows."""
        return package.available

    def save_model(self, request: HttpRequest, obj: Package, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        """Nothing yet: a package is stored together with its parts."""

    def save_related(self, request: HttpRequest, form: Any, formsets: list[Any], change: bool) -> None:  # noqa: FBT001 - as above
        """Store the package with its parts, then the rest.

        Raises:
            PreconditionFailedError: somebody else saved the package after the form was opened.
            InvalidError: what the service refuses.
        """
        parts = next((each for each in formsets if isinstance(each, PartFormSet)), None)
        if change:
            self._update(request, form, parts)
        else:
            self._create(request, form, parts)
        others = [each for each in formsets if each is not parts]
        if parts is not None:
            parts.save(commit=False)  # only notes for the history what was added, changed and deleted
        super().save_related(request, form, others, change)

    def _create(self, request: HttpRequest, form: Any, parts: Any) -> None:
        said = form.cleaned_data
        new = packages.NewPackage(**{name: said[name] for name in OWN_FIELDS})
        created = packages.create_package(new=new, items=parts.parts(), actor=actor_of(request))
        form.instance.pk, form.instance.list_price = created.pk, created.list_price
        _warn_if_dearer(request, created)

    def _update(self, request: HttpRequest, form: Any, parts: Any) -> None:
        said = form.cleaned_data
        changes = {name: said[name] for name in form.changed_data if name in OWN_FIELDS}
        if changes.keys() & {"own_price", "percent_off"}:
            changes |= {name: said[name] for name in ("own_price", "percent_off")}
        changed = packages.update_package(
            package=form.instance,
            changes=changes,
            items=parts.parts() if parts is not None and parts.has_changed() else None,
            expected_version=said.get("expected_version"),
            actor=actor_of(request),
        )
        form.instance.list_price = changed.list_price
        _warn_if_dearer(request, changed)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The form, with price and availability beside it."""
        package = self.get_object(request, object_id) if request.method == "GET" else None
        context = {"preview": package_preview.preview_of(package)} if package else {}
        return super().change_view(request, object_id, form_url, context | (extra_context or {}))

    def get_urls(self) -> list[URLPattern]:
        """The usual pages, and what the preview is asked."""
        preview = self.admin_site.admin_view(self.preview_view)
        return [path("preview/", preview, name="catalog_package_preview"), *super().get_urls()]

    def preview_view(self, request: HttpRequest) -> HttpResponse:
        """What the package in the query would be: its card, and the facts of its parts.

        Raises:
            PermissionDenied: this person sees no packages.
        """
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        found = package_preview.read(request)
        card = render_to_string("admin/catalog/package/preview.html", {"preview": found}, request)
        return JsonResponse({"card": card, "facts": found.facts})


def _warn_if_dearer(request: HttpRequest, package: Package) -> None:
    if package.list_price > package.parts_total:
        more = amount(package.list_price - package.parts_total, settings.SHOP_CURRENCY)
        messages.warning(request, f"This package costs {more} more than its parts do singly.")
