"""What a list needs so that its rows can be exported, and a file imported: buttons, two small forms, an action."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminSelectWidget

from fantasize.core.admin.actors import actor_of
from fantasize.core.models import Transfer, TransferFormat
from fantasize.core.transfers import exports, imports, registry
from fantasize.core.transfers.errors import FileRefusedError
from fantasize.core.transfers.reading import MAX_BYTES
from fantasize.core.transfers.registry import Entry


class ExportForm(forms.Form):
    """What kind of file somebody wants."""

    format = forms.ChoiceField(choices=TransferFormat, widget=UnfoldAdminSelectWidget())


class ImportForm(forms.Form):
    """The file somebody brings."""

    file = forms.FileField(
        widget=UnfoldAdminFileFieldWidget(attrs={"accept": ".csv,.xlsx"}),
        help_text=f"CSV (UTF-8) or XLSX, at most {MAX_BYTES // 1024**2} MiB.",
    )


class TransferLists:
    """Exports what the list shows, or the selected rows, and imports files, both in the background.

    Attributes:
        transfer: what ``transfers.registry`` calls the rows.
    """

    transfer: ClassVar[str]
    change_list_template = "admin/transfers/change_list.html"
    actions: Any = ("export_selected",)

    opts: Any
    admin_site: Any

    @property
    def entry(self) -> Entry:
        """How the rows become cells and back."""
        return registry.get(self.transfer)

    def has_export_permission(self, request: HttpRequest) -> bool:
        """Whoever sees the list may take it away."""
        return self.entry.may_export(request.user)

    def has_import_permission(self, request: HttpRequest) -> bool:
        """Whoever may do by hand what a file would do."""
        return self.entry.may_import(request.user)

    def get_urls(self) -> list[URLPattern]:
        """The usual pages, and those that start an export or import."""
        base: Any = super()
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        pages = [path("export/", self.admin_site.admin_view(self.export_view), name=f"{name}_export")]
        if self.entry.resource.can_import:
            pages.append(path("import/", self.admin_site.admin_view(self.import_view), name=f"{name}_import"))
        return [*pages, *base.get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list with its buttons."""
        base: Any = super()
        may = {"may_export": self.has_export_permission(request), "may_import": self.has_import_permission(request)}
        answer: HttpResponse = base.changelist_view(request, may | (extra_context or {}))
        return answer

    @admin.action(description="Export", permissions=["export"])
    def export_selected(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse:
        """Ask for the kind of file."""
        keys = [str(key) for key in queryset.values_list("pk", flat=True)]
        return self._page(request, "export", form=ExportForm(), selected=keys)

    def export_view(self, request: HttpRequest) -> HttpResponse:
        """Ask for the kind of file, then export the rows that the list shows under this query, or those selected.

        Raises:
            PermissionDenied: this person may not see the rows.
        """
        if not self.has_export_permission(request):
            raise PermissionDenied
        form = ExportForm(request.POST or None)
        selected = request.POST.getlist("selected")
        if not form.is_valid():
            return self._page(request, "export", form=form, selected=selected)
        try:
            rows = self._chosen(request, selected)
        except (IncorrectLookupParameters, ValidationError, ValueError):
            messages.error(request, "These rows cannot be found.")
            return HttpResponseRedirect(request.path)
        said = form.cleaned_data["format"]
        transfer = exports.start(
            resource=self.transfer, file_format=TransferFormat(said), selection=rows, actor=actor_of(request)
        )
        return _to(transfer)

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """Take a file and have it checked.

        Raises:
            PermissionDenied: this person may not do what the file would do.
        """
        if not self.has_import_permission(request):
            raise PermissionDenied
        form = ImportForm(request.POST or None, request.FILES or None)
        if form.is_valid():
            try:
                return _to(self._upload(request, form.cleaned_data["file"]))
            except FileRefusedError as error:
                form.add_error("file", str(error))
        return self._page(request, "import", form=form)

    def _upload(self, request: HttpRequest, file: Any) -> Transfer:
        name = "".join(character for character in str(file.name) if character.isprintable())[-200:]
        return imports.upload(
            resource=self.transfer, file=file, name=name, size=file.size or 0, actor=actor_of(request)
        )

    def _chosen(self, request: HttpRequest, selected: list[str]) -> QuerySet[Any]:
        mine: Any = self
        if selected:
            keys = [self.opts.pk.to_python(key) for key in selected]
            rows: QuerySet[Any] = mine.get_queryset(request).filter(pk__in=keys).order_by("pk")
            return rows
        shown: QuerySet[Any] = mine.get_changelist_instance(request).queryset
        return shown

    def _page(self, request: HttpRequest, page: str, **context: Any) -> HttpResponse:
        options = self.opts
        context |= self.admin_site.each_context(request) | {
            "title": f"{page.capitalize()} {self.entry.label}",
            "opts": options,
            "columns": list(self.entry.resource().columns),
            "action": reverse(f"admin:{options.app_label}_{options.model_name}_{page}"),
            "resource": self.entry.resource,
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, f"admin/transfers/{page}.html", context)


def _to(transfer: Transfer) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:core_transfer_change", args=[transfer.pk]))
