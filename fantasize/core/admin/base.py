"""Base classes of every model's admin page."""

from typing import Any

from django.contrib import messages
from django.contrib.admin import ShowFacets
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import ValidationError
from django.db import OperationalError
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from unfold.admin import ModelAdmin
from unfold.views import ChangeList

from fantasize.core.admin.actors import names_of
from fantasize.core.admin.paginator import BoundedPaginator
from fantasize.core.admin.transfer_lists import TransferLists
from fantasize.core.errors import DomainError

BUSY = "Somebody else is changing the same just now. Nothing was saved; please try again."


class ShopChangeList(ChangeList):
    """A list that never says how many rows there are beyond those it found: that would count the whole table."""

    def get_results(self, request: HttpRequest) -> None:
        """Find the page's rows."""
        super().get_results(request)
        self.full_result_count = self.result_count


class ActorList(ShopChangeList):
    """Rows with who made them, by name, as ``actor_name``; one query more, however many there are.

    Attributes:
        actor_field: where a row says who that was.
    """

    actor_field = "actor"

    def get_results(self, request: HttpRequest) -> None:
        """Find the page's rows and name their actors."""
        super().get_results(request)
        page: Any = self
        page.result_list = list(page.result_list)
        actors = {row.pk: getattr(row, self.actor_field) for row in page.result_list}
        names = names_of(filter(None, actors.values()))
        for row in page.result_list:
            row.actor_name = names.get(actors[row.pk], "")


class ShopModelAdmin(ModelAdmin):
    """A list that costs the same however big the table is, and a form whose refusals are messages."""

    paginator = BoundedPaginator
    list_per_page = 50
    list_max_show_all = 0
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    list_filter_submit = True
    list_disable_select_all = True
    list_fullwidth = True
    compressed_fields = False
    warn_unsaved_form = True

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ShopChangeList]:  # noqa: ARG002 - Django's signature
        """The class of the list."""
        return ShopChangeList

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list; a query that no database could answer (NUL) shows it unfiltered."""
        if "%00" in request.META.get("QUERY_STRING", ""):
            return HttpResponseRedirect(f"{request.path}?e=1")
        return super().changelist_view(request, extra_context)

    def response_action(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        """What an action leads to; keys that no row can have are refused like a page that is out of date."""
        try:
            for key in request.POST.getlist(ACTION_CHECKBOX_NAME):
                self.opts.pk.to_python(key)
        except ValidationError:
            messages.error(request, "These rows are not there.")
            return HttpResponseRedirect(request.get_full_path())
        return super().response_action(request, queryset)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The form; what a service refuses becomes a message, and nothing is saved."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except (DomainError, OperationalError) as error:
            _tell(request, error)
        return HttpResponseRedirect(request.get_full_path())

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Deleting one; what a service refuses becomes a message above the list."""
        try:
            return super().delete_view(request, object_id, extra_context)
        except (DomainError, OperationalError) as error:
            _tell(request, error)
        return HttpResponseRedirect(reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"))


def _tell(request: HttpRequest, error: DomainError | OperationalError) -> None:
    """Say why nothing was saved: every fault, or that somebody else was at it."""
    if isinstance(error, DomainError):
        faults = (fault.detail for fault in error.errors if fault.detail not in error.detail)
        messages.error(request, " ".join([error.detail, *faults]))
    elif request.method == "POST":  # a lock was not to be had in time, or two of us waited for each other
        messages.error(request, BUSY)
    else:
        raise error


class ReadOnlyModelAdmin(ShopModelAdmin):
    """Rows that staff look at and nobody edits here."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002 - Django's signature
        """Nobody adds rows here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002 - as above
        """Nobody edits rows here."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002 - as above
        """Nobody deletes rows here."""
        return False


class ExportOnlyModelAdmin(TransferLists, ReadOnlyModelAdmin):
    """Rows that nobody edits and everybody who sees them may export."""


class ImportExportModelAdmin(TransferLists, ShopModelAdmin):
    """Rows that staff edit, export and import."""
