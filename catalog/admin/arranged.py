"""Lists that staff bring into order by dragging."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict

from catalog.models import Brand, Material, Tag
from catalog.services import taxonomy
from fantasize.core.admin.base import ShopModelAdmin
from fantasize.core.errors import DomainError

# As many as a page of the list can have.
_ROWS = 200
_LONGEST_NUMBER = 18


class ArrangedModelAdmin(ShopModelAdmin):
    """Rows in the order that staff give them; what was dragged is stored with the list's Save button.

    Rows that a search or the page leaves out keep their places among those that are seen.
    """

    ordering: Sequence[str] = ("position", "name", "pk")
    ordering_field = "position"
    hide_ordering_field = True
    list_per_page = _ROWS
    sortable_by = ()
    search_fields = ("name__icontains",)
    search_help_text = "Name"
    prepopulated_fields = {"slug": ("name",)}

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list; a new order is stored, and what a service refuses becomes a message."""
        try:
            answer = super().changelist_view(request, extra_context)
        except DomainError as error:
            messages.error(request, error.detail)
            return HttpResponseRedirect(request.get_full_path())
        is_saved = "_save" in request.POST and answer.status_code == HTTPStatus.FOUND
        if is_saved and self.has_change_permission(request):
            taxonomy.arrange(self.model, _posted_order(request.POST))
        return answer

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Delete the selected rows, each as its page would."""
        for row in queryset:
            self.delete_model(request, row)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: ARG002, FBT001 - Django's signature
        """Store a page's form; a row of the list only says where it was dragged to, which is stored for all at once."""
        if "name" in form.fields:
            self.store(obj, form, is_new=not change)

    def store(self, obj: Any, form: Any, *, is_new: bool) -> None:
        """Store what a page's form says."""
        raise NotImplementedError


class LabelAdmin(ArrangedModelAdmin):
    """Brands, materials and tags; a changed name reaches the search at once."""

    fields = ("name", "slug")

    def store(self, obj: Brand | Material | Tag, form: Any, *, is_new: bool) -> None:
        """Store what the form says through the service."""
        said = form.cleaned_data
        if is_new:
            obj.pk = taxonomy.create_label(model=type(obj), values=said).pk
        else:
            taxonomy.update_label(label=obj, changes={name: said[name] for name in form.changed_data})

    def delete_model(self, request: HttpRequest, obj: Brand | Material | Tag) -> None:  # noqa: ARG002 - Django's signature
        """Delete it through the service."""
        taxonomy.remove_label(label=obj)


def _posted_order(posted: QueryDict) -> list[int]:
    """The ids of the list's rows as they were dragged; whatever is no number is passed over."""
    rows = [[posted.get(f"form-{place}-{name}", "") for name in ("position", "id")] for place in range(2 * _ROWS)]
    numbers = [(int(position), int(key)) for position, key in rows if _is_number(position) and _is_number(key)]
    return [key for _, key in sorted(numbers, key=lambda pair: pair[0])]


def _is_number(text: str) -> bool:
    return text.isdecimal() and len(text) <= _LONGEST_NUMBER
