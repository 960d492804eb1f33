"""Categories, as the tree they are."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Case, Count, IntegerField, QuerySet, Value, When
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from catalog.admin.links import products_link
from catalog.admin.tree import category_tree
from catalog.models import Category
from catalog.selectors.taxonomy import category_ids_below
from catalog.services import products
from fantasize.core.admin.base import ShopModelAdmin


class CategoryForm(forms.ModelForm):  # type: ignore[type-arg] # generic only in its stubs
    """A category; it cannot come below itself."""

    def clean_parent(self) -> Category | None:
        """Refuse this category itself, and whatever is below it, as its parent."""
        parent: Category | None = self.cleaned_data["parent"]
        if parent and self.instance.pk and parent.pk in category_ids_below(str(self.instance.pk)):
            raise forms.ValidationError("A category cannot be below itself.")
        return parent


@admin.register(Category)
class CategoryAdmin(ShopModelAdmin):
    """The tree; a changed name reaches the products' search at once."""

    form = CategoryForm
    fields = ("name", "slug", "parent", "position", "is_active")
    list_display = ("tree_name", "slug", "product_count", "is_active")
    list_per_page = 200
    sortable_by = ()
    prepopulated_fields = {"slug": ("name",)}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Category]:
        """Categories in the tree's order, each with its depth and the number of its products."""
        tree = category_tree()
        place = Case(*(When(pk=node.pk, then=index) for index, node in enumerate(tree)), output_field=IntegerField())
        depth = Case(
            *(When(pk=node.pk, then=node.depth) for node in tree), default=Value(0), output_field=IntegerField()
        )
        rows = super().get_queryset(request).annotate(depth=depth, product_total=Count("products"))
        return rows.order_by(place.asc(nulls_last=True))

    @admin.display(description="Category")
    def tree_name(self, category: Category) -> SafeString:
        """Its name, further right the deeper it is."""
        return format_html(
            '<span class="fz-tree" style="--depth:{}">{}</span>', getattr(category, "depth", 0), category.name
        )

    @admin.display(description="Products")
    def product_count(self, category: Category) -> SafeString:
        """How many are right in it, leading to all in it and below."""
        return products_link("category", category.pk, getattr(category, "product_total", 0))

    def save_model(self, request: HttpRequest, obj: Category, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's signature
        """Save, and bring the products' search and cached answers up to date."""
        super().save_model(request, obj, form, change)
        products.after_change(obj.products.values_list("pk", flat=True) if "name" in form.changed_data else [])

    def delete_model(self, request: HttpRequest, obj: Category) -> None:
        """Delete an empty category, and make cached answers stale."""
        super().delete_model(request, obj)
        products.after_change([])
