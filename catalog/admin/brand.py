"""Brands."""

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from catalog.admin.arranged import LabelAdmin
from catalog.admin.links import products_link
from catalog.models import Brand


@admin.register(Brand)
class BrandAdmin(LabelAdmin):
    """Who makes what."""

    list_display = ("name", "slug", "product_count")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Brand]:
        """Brands with the number of their products."""
        return super().get_queryset(request).annotate(product_total=Count("products"))

    @admin.display(description="Products")
    def product_count(self, brand: Brand) -> SafeString:
        """How many there are, leading to them."""
        return products_link("brand__id__exact", brand.pk, getattr(brand, "product_total", 0))
