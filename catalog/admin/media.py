"""Pictures and videos: a panel on the pages of the things that they show, and a list of all of them."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.forms import BaseInlineFormSet, Media, Script
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from catalog.admin import media_panel
from catalog.enums import MediaKind
from catalog.models import ProductMedia
from catalog.selectors.media import kind_of, target_of
from fantasize.core.admin.base import ReadOnlyModelAdmin
from fantasize.core.admin.display import badge, moment

_PANEL = (
    ("of/<str:kind>/<int:target_id>/", media_panel.show_or_add, "panel"),
    ("of/<str:kind>/<int:target_id>/order/", media_panel.reorder, "order"),
    ("<int:media_id>/alt/", media_panel.set_alt, "alt"),
    ("<int:media_id>/remove/", media_panel.remove, "remove"),
    ("<int:media_id>/retry/", media_panel.retry, "retry"),
)


class _NoForms(BaseInlineFormSet):  # type: ignore[type-arg] # generic only in its stubs
    """No part of the page's form: nothing is read from it and nothing is saved."""

    def __init__(self, data: Any = None, files: Any = None, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        super().__init__(**{name: options[name] for name in ("instance", "prefix", "queryset")})

    def is_valid(self) -> bool:
        """Always."""
        return True

    def save(self, commit: bool = True) -> list[Any]:  # noqa: ARG002, FBT001, FBT002 - Django's signature
        """Nothing."""
        self.new_objects, self.changed_objects, self.deleted_objects = [], [], []
        return []


class MediaInline(TabularInline):
    """The panel: name it in ``inlines`` of an admin of products, packages or categories.

    What is done in it is saved at once; it takes no part in the page's form.
    """

    model = ProductMedia
    formset = _NoForms
    template = "admin/catalog/media/inline.html"
    fields: ClassVar[list[str]] = []
    extra = max_num = 0
    verbose_name = "picture"
    verbose_name_plural = "pictures and videos"

    @property
    def media(self) -> Media:
        """The panel's script and style."""
        script: Any = Script("admin/media.js", defer=True)
        return Media(js=[script], css={"all": ["admin/media.css"]})

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProductMedia]:  # noqa: ARG002 - Django's signature
        """No rows for the form: the panel brings its own."""
        return ProductMedia.objects.none()

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002 - as above
        """Whoever sees the page; the panel asks for itself what they may do."""
        return True

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002 - as above
        """Nobody by way of the page's form."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002 - as above
        """Nobody by way of the page's form."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002 - as above
        """Nobody by way of the page's form."""
        return False


@admin.register(ProductMedia)
class ProductMediaAdmin(ReadOnlyModelAdmin):
    """All media, to find those that could not be prepared; and where the panels post to."""

    list_display = ("preview", "shows", "alt", "kind", "condition", "when")
    list_display_links = None
    list_filter: ClassVar = [("state", ChoicesDropdownFilter), ("kind", ChoicesDropdownFilter)]
    list_select_related = ("product", "package", "category")
    fields = ("kind", "state", "alt", "width", "height", "size", "created_at")
    ordering = ("-pk",)
    sortable_by = ()

    @property
    def media(self) -> Media:
        """How thumbnails look."""
        return super().media + Media(css={"all": ["admin/media.css"]})

    @admin.display(description="")
    def preview(self, row: ProductMedia) -> SafeString:
        """The smallest copy."""
        return thumbnail(row)

    @admin.display(description="Of")
    def shows(self, row: ProductMedia) -> SafeString:
        """The thing, leading to its page."""
        target = target_of(row)
        address = reverse(f"admin:catalog_{kind_of(target)}_change", args=[target.pk])
        return format_html('<a class="fz-link" href="{}">{}</a>', address, target)

    @admin.display(description="State")
    def condition(self, row: ProductMedia) -> SafeString:
        """Whether it can be shown."""
        return badge("media", row.state, row.get_state_display())

    @admin.display(description="When")
    def when(self, row: ProductMedia) -> str:
        """When it was added."""
        return moment(row.created_at)

    def get_urls(self) -> list[URLPattern]:
        """The list, and what the panels ask and post."""
        guard: Any = self.admin_site.admin_view
        panel = [path(route, guard(view), name=f"catalog_media_{name}") for route, view, name in _PANEL]
        return [*panel, *super().get_urls()]


def thumbnail(row: ProductMedia | None) -> SafeString:
    """The smallest copy of a picture that is ready; a sign in its place for everything else."""
    address = media_panel.preview_url(row, "thumb") if row else ""
    if row and address:
        return format_html('<img class="fz-media-thumb" src="{}" alt="{}" loading="lazy">', address, row.alt)
    sign = "movie" if row and row.kind == MediaKind.VIDEO else "image"
    return format_html('<span class="fz-media-none material-symbols-outlined" aria-hidden="true">{}</span>', sign)
