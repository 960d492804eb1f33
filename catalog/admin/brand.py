"""Brands."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from catalog.admin.links import products_link
from catalog.models import Brand
from catalog.services import products
from fantasize.core.admin.base import ShopModelAdmin


@admin.register(Brand)
class BrandAdmin(ShopModelAdmin):
    """Who makes what; a changed name reaches the search at once."""

    fields = ("name", "slug")
    list_display = ("name", "slug", "product_count")
    search_fields = ("name__istartswith",)
    prepopulated_fields = {"slug": ("name",)}
    ordering = ("name",)
    sortable_by = ("name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Brand]:
        """Brands with the number of their products."""
        return super().get_queryset(request).annotate(product_total=Count("products"))

    @admin.display(description="Products")
    def product_count(self, brand: Brand) -> SafeString:
        """How many there are, leading to them."""
        return products_link("brand__id__exact", brand.pk, getattr(brand, "product_total", 0))

    def save_model(self, request: HttpRequest, obj: Brand, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        """Save, and bring the products' search and cached answers up to date."""
        super().save_model(request, obj, form, change)
        products.after_change(obj.products.values_list("pk", flat=True) if "name" in form.changed_data else [])
