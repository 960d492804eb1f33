"""Materials."""

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from catalog.admin.arranged import LabelAdmin
from catalog.admin.links import products_link
from catalog.models import Material


@admin.register(Material)
class MaterialAdmin(LabelAdmin):
    """What things are made of."""

    list_display = ("name", "slug", "product_count")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Material]:
        """Materials with the number of products that they are in."""
        return super().get_queryset(request).annotate(product_total=Count("uses"))

    @admin.display(description="Products")
    def product_count(self, material: Material) -> SafeString:
        """How many there are, leading to them."""
        return products_link("materials__id__exact", material.pk, getattr(material, "product_total", 0))
