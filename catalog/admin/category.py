"""Categories, as the tree they are."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import Case, Count, IntegerField, QuerySet, Value, When
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from catalog.admin.arranged import ArrangedModelAdmin
from catalog.admin.links import products_link
from catalog.admin.media import MediaInline
from catalog.admin.tree import category_tree
from catalog.models import Category, ProductMedia
from catalog.selectors.taxonomy import branch_ids
from catalog.services import taxonomy

_OWN_FIELDS = ("name", "slug", "parent", "is_active")


class CategoryForm(forms.ModelForm):  # type: ignore[type-arg] # generic only in its stubs
    """A category; it cannot come below itself."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        parent: Any = self.fields.get("parent")
        if parent:  # absent in the list, and for those who may only look
            parent.choices = [("", "None: at the top"), *((node.pk, node.label) for node in category_tree())]

    def clean_parent(self) -> Category | None:
        """Refuse this category itself, and whatever is below it, as its parent."""
        parent: Category | None = self.cleaned_data["parent"]
        if parent and self.instance.pk and parent.pk in branch_ids(self.instance):
            raise forms.ValidationError("A category cannot be below itself.")
        return parent


@admin.register(Category)
class CategoryAdmin(ArrangedModelAdmin):
    """The tree. Categories are dragged among those with the same parent; the form moves them below another one."""

    form = CategoryForm
    fields = _OWN_FIELDS
    inlines: ClassVar = [MediaInline]
    list_display = ("tree_name", "slug", "product_count", "is_active")
    list_display_links = ("tree_name",)
    ordering = ()  # they come as the tree

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

    def store(self, obj: Category, form: Any, *, is_new: bool) -> None:
        """Store what the form says through the service.

        Raises:
            InvalidError: somebody has moved the parent below it meanwhile.
        """
        said = form.cleaned_data
        if is_new:
            created = taxonomy.create_category(values={name: said[name] for name in _OWN_FIELDS})
            obj.pk, obj.position = created.pk, created.position
        else:
            changes = {name: said[name] for name in form.changed_data if name in _OWN_FIELDS}
            taxonomy.update_category(category=obj, changes=changes)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, Any, set[str], list[Any]]:
        """What would go; whoever may delete a category may delete its picture with it."""
        rows, counts, forbidden, protected = super().get_deleted_objects(objs, request)
        return rows, counts, forbidden - {ProductMedia._meta.verbose_name}, protected  # noqa: SLF001 - Django's documented interface

    def delete_model(self, request: HttpRequest, obj: Category) -> None:  # noqa: ARG002 - Django's signature
        """Delete an empty category."""
        taxonomy.remove_category(category=obj)
