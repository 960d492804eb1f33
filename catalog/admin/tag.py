"""Tags."""

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from catalog.admin.arranged import LabelAdmin
from catalog.admin.links import products_link
from catalog.models import Tag


@admin.register(Tag)
class TagAdmin(LabelAdmin):
    """Themes that shoppers look for."""

    list_display = ("name", "slug", "product_count")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tag]:
        """Tags with the number of products that have them."""
        return super().get_queryset(request).annotate(product_total=Count("products"))

    @admin.display(description="Products")
    def product_count(self, tag: Tag) -> SafeString:
        """How many there are, leading to them."""
        return products_link("tags__id__exact", tag.pk, getattr(tag, "product_total", 0))
