"""Imports and exports: their history, and a page for each that leads from the upload to the end, and back."""

from collections.abc import Callable, Sequence
from typing import Any, ClassVar
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
    JsonResponse,
    StreamingHttpResponse,
)
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from fantasize.core.admin.actors import actor_of
from fantasize.core.admin.base import ActorList, ReadOnlyModelAdmin
from fantasize.core.admin.display import badge, moment
from fantasize.core.errors import DomainError
from fantasize.core.models import RowOutcome, Transfer, TransferKind, TransferRow, TransferState
from fantasize.core.transfers import imports, jobs, registry, rows, undo

_ROWS = 50
_SHOWN = {
    "refused": (RowOutcome.REFUSED,),
    "new": (RowOutcome.NEW,),
    "changed": (RowOutcome.CHANGED, RowOutcome.REMOVED, RowOutcome.HIDDEN),
}
_ALL = tuple(outcome for outcomes in _SHOWN.values() for outcome in outcomes)


@admin.register(Transfer)
class TransferAdmin(ReadOnlyModelAdmin):
    """Everybody sees their own; whoever may see transfers sees those of tables whose rows they may see."""

    list_display = ("file_name", "what", "state_badge", "rows_done", "who", "when")
    list_filter: ClassVar = [("kind", ChoicesDropdownFilter), ("state", ChoicesDropdownFilter)]
    ordering = ("-created_at",)
    sortable_by = ()

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ActorList]:  # noqa: ARG002 - Django's signature
        """The class of the list."""
        return ActorList

    def get_queryset(self, request: HttpRequest) -> QuerySet[Transfer]:
        """Their own, and those of tables whose rows they may see."""
        names = [entry.name for entry in registry.entries() if entry.may_export(request.user)]
        return super().get_queryset(request).filter(Q(actor=actor_of(request)) | Q(resource__in=names))

    def has_view_permission(self, request: HttpRequest, obj: Transfer | None = None) -> bool:
        """Whoever started it, and whoever may see transfers and rows like its."""
        if obj is not None and obj.actor == actor_of(request):
            return True
        may_see = bool(super().has_view_permission(request, obj))
        return may_see and (obj is None or registry.get(obj.resource).may_export(request.user))

    @admin.display(description="What")
    def what(self, transfer: Transfer) -> str:
        """Import, export or undo, and of which rows."""
        return f"{transfer.get_kind_display()}: {registry.get(transfer.resource).label}"

    @admin.display(description="State")
    def state_badge(self, transfer: Transfer) -> SafeString:
        """Where it is."""
        return badge("transfer", transfer.state, transfer.get_state_display())

    @admin.display(description="Rows")
    def rows_done(self, transfer: Transfer) -> str:
        """How far it is."""
        return f"{transfer.done:,} of {transfer.total:,}" if transfer.total else f"{transfer.done:,}"

    @admin.display(description="Who")
    def who(self, transfer: Transfer) -> str:
        """Who started it."""
        return str(getattr(transfer, "actor_name", transfer.actor))

    @admin.display(description="When")
    def when(self, transfer: Transfer) -> str:
        """When it was started."""
        return moment(transfer.created_at)

    def get_urls(self) -> list[URLPattern]:
        """The usual pages, and what the page of a transfer asks for and posts to."""
        own: list[tuple[str, Callable[..., HttpResponseBase]]] = [
            ("confirm", self.confirm_view),
            ("cancel", self.cancel_view),
            ("undo", self.undo_view),
            ("progress", self.progress_view),
            ("errors", self.errors_view),
            ("file", self.file_view),
        ]
        pages = [
            path(f"<uuid:transfer_id>/{name}/", self.admin_site.admin_view(view), name=f"core_transfer_{name}")
            for name, view in own
        ]
        return [*pages, *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",  # noqa: ARG002 - Django's signature
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """What it is doing, or would do row by row, and what can be done about it.

        Raises:
            Http404: there is none that this person may see.
        """
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        transfer = self._seen(request, object_id)
        context = self.admin_site.each_context(request) | self._context(request, transfer) | (extra_context or {})
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/transfers/page.html", context)

    def _context(self, request: HttpRequest, transfer: Transfer) -> dict[str, Any]:
        entry = registry.get(transfer.resource)
        may_change = transfer.kind != TransferKind.EXPORT and entry.may_import(request.user)
        is_own = transfer.actor == actor_of(request)
        return {
            "title": f"{transfer.get_kind_display()} of {entry.label}",
            "opts": self.opts,
            "original": transfer,
            "transfer": transfer,
            "percent": min(100 * transfer.done // transfer.total, 100) if transfer.total else None,
            "may_confirm": may_change and transfer.state == TransferState.CHECKED,
            "may_cancel": (transfer.is_running or transfer.state == TransferState.CHECKED) and (may_change or is_own),
            "may_undo": may_change and undo.can_be_undone(transfer),
            "may_download": _may_download(request, transfer),
            "undoings": transfer.undoings.order_by("-created_at"),
        } | _page_of_rows(request, transfer)

    def confirm_view(self, request: HttpRequest, transfer_id: UUID) -> HttpResponse:
        """Have a checked import applied."""
        skip = request.POST.get("rows") == "good"
        return self._do(request, transfer_id, lambda: imports.confirm(transfer_id, skip_refused=skip))

    def cancel_view(self, request: HttpRequest, transfer_id: UUID) -> HttpResponse:
        """Stop it."""
        return self._do(request, transfer_id, lambda: jobs.cancel(transfer_id))

    def undo_view(self, request: HttpRequest, transfer_id: UUID) -> HttpResponse:
        """Have an import taken back; leads to the page of that."""
        return self._do(request, transfer_id, lambda: undo.start(transfer_id, actor=actor_of(request)))

    def _do(self, request: HttpRequest, transfer_id: UUID, deed: Callable[[], Transfer]) -> HttpResponse:
        """Do what was posted and lead to the transfer that it is about; what is refused becomes a message.

        Raises:
            Http404: there is none that this person may see.
            PermissionDenied: this person may not change rows like its.
        """
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        transfer = self._seen(request, transfer_id)
        is_own_export = transfer.kind == TransferKind.EXPORT and transfer.actor == actor_of(request)
        if not is_own_export and not registry.get(transfer.resource).may_import(request.user):
            raise PermissionDenied
        try:
            transfer = deed()
        except DomainError as error:
            messages.error(request, error.detail)
        return HttpResponseRedirect(reverse("admin:core_transfer_change", args=[transfer.pk]))

    def progress_view(self, request: HttpRequest, transfer_id: UUID) -> HttpResponse:
        """How far it is, for the page that is open."""
        transfer = self._seen(request, transfer_id)
        facts = {"state": transfer.state, "done": transfer.done, "total": transfer.total}
        return JsonResponse(facts | {"is_running": transfer.is_running}, headers={"Cache-Control": "no-store"})

    def errors_view(self, request: HttpRequest, transfer_id: UUID) -> HttpResponseBase:
        """The refused rows as a CSV file."""
        transfer = self._seen(request, transfer_id)
        name = f"refused-{transfer.file_name.rpartition('.')[0] or transfer.file_name}.csv"
        lines = rows.error_lines(transfer, registry.get(transfer.resource).resource())
        answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
        return _as_download(answer, name)

    def file_view(self, request: HttpRequest, transfer_id: UUID) -> HttpResponseBase:
        """The exported file, for whoever asked for it.

        Raises:
            Http404: it is somebody else's, not ready, or forgotten; or they may not see such rows any more.
        """
        transfer = self._seen(request, transfer_id)
        if not _may_download(request, transfer):
            raise Http404
        try:
            return _as_download(FileResponse(transfer.file.open("rb")), transfer.file_name)
        except FileNotFoundError:
            raise Http404 from None

    def _seen(self, request: HttpRequest, transfer_id: UUID | str) -> Transfer:
        try:
            transfer = Transfer.objects.filter(pk=transfer_id).first()
        except ValidationError:
            raise Http404 from None
        if transfer is None or not self.has_view_permission(request, transfer):
            raise Http404
        return transfer


def _may_download(request: HttpRequest, transfer: Transfer) -> bool:
    """Whether it is an export of theirs that is ready, of rows that they may still see."""
    is_ready = transfer.kind == TransferKind.EXPORT and transfer.state == TransferState.DONE and bool(transfer.file)
    is_own = transfer.actor == actor_of(request)
    return is_ready and is_own and registry.get(transfer.resource).may_export(request.user)


def _as_download(answer: Any, name: str) -> Any:
    """For this person only, to be saved and not shown."""
    plain = "".join(
        character for character in name if character.isascii() and (character.isalnum() or character in "-_. ")
    )
    answer["Content-Disposition"] = f'attachment; filename="{plain}"'
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer


def _page_of_rows(request: HttpRequest, transfer: Transfer) -> dict[str, Any]:
    """The rows that change something, refused ones first, or those of one kind."""
    shown = request.GET.get("show", "")
    if transfer.kind == TransferKind.EXPORT:
        return {}
    found = transfer.rows.filter(outcome__in=_SHOWN.get(shown, _ALL))
    refused_first = Case(When(outcome=RowOutcome.REFUSED, then=Value(0)), default=1, output_field=IntegerField())
    page = Paginator(_in_order(found, refused_first), _ROWS).get_page(request.GET.get("page"))
    tabs = [
        ("", "All", None),
        ("refused", "Refused", transfer.refused_count),
        ("new", "New", transfer.new_count),
        ("changed", "Changed", transfer.changed_count),
    ]
    return {"page": page, "rows": [_shown(row, transfer.columns) for row in page], "shown": shown, "tabs": tabs}


def _in_order(found: QuerySet[TransferRow], first: Case) -> QuerySet[TransferRow]:
    return found.order_by(first, "number")


def _shown(row: TransferRow, order: Sequence[str]) -> dict[str, Any]:
    """A row for the page: its cells in the file's order, faulty ones first, with what they were and become."""
    faults = {error["column"]: error["detail"] for error in row.errors}
    places = {column: place for place, column in enumerate(order)}
    columns = sorted(row.after, key=lambda column: (column not in faults, places.get(column, len(places))))
    is_changed = row.outcome == RowOutcome.CHANGED
    cells = [
        {
            "column": column,
            "before": row.before.get(column, ""),
            "after": row.after[column],
            "fault": faults.pop(column, ""),
        }
        for column in columns
        if is_changed or row.after[column] or column in faults
    ]
    return {"row": row, "cells": cells, "faults": list(faults.items()), "is_changed": is_changed}
