"""What there is of choices that are counted: levels, and corrections by deltas with a reason."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from catalog.admin.stock_card import LowMarkForm, StockCorrectionForm
from catalog.enums import MovementReason
from catalog.services import stock
from customizations.models import ChoiceStock
from customizations.selectors.choices import labels_of
from fantasize.core.admin.actors import actor_of, names_of
from fantasize.core.admin.base import ReadOnlyModelAdmin
from fantasize.core.admin.display import badge
from fantasize.core.errors import DomainError

_LEDGER_ROWS = 10


@admin.register(ChoiceStock)
class ChoiceStockAdmin(ReadOnlyModelAdmin):
    """Opened when a choice is published first; changed as the stock of products is."""

    list_display = ("choice", "template_link", "on_hand", "held", "available", "availability")
    list_display_links = ("choice",)
    list_select_related = ("template", "stock")
    search_fields = ("template__name__icontains", "option", "value")
    search_help_text = "Template or choice"
    ordering = ("template__name", "option", "value")
    sortable_by = ()

    @admin.display(description="Choice")
    def choice(self, row: ChoiceStock) -> SafeString:
        """As shoppers read it, and by its short name."""
        label, option = labels_of(row)
        said = '<span class="fz-two"><span>{}</span><small>{}</small></span>'
        return format_html(said, label, option)

    @admin.display(description="Template")
    def template_link(self, row: ChoiceStock) -> SafeString:
        """Whose it is."""
        address = reverse("admin:customizations_customizationtemplate_change", args=[row.template_id])
        return format_html('<a class="fz-link" href="{}">{}</a>', address, row.template.name)

    @admin.display(description="On hand")
    def on_hand(self, row: ChoiceStock) -> int:
        """What lies on the shelf."""
        return row.stock.on_hand

    @admin.display(description="Held")
    def held(self, row: ChoiceStock) -> int:
        """What orders have reserved of it."""
        return row.stock.held

    @admin.display(description="Available")
    def available(self, row: ChoiceStock) -> int:
        """What can be sold."""
        return row.stock.available

    @admin.display(description="Status")
    def availability(self, row: ChoiceStock) -> SafeString:
        """What shoppers are told."""
        return badge("stock", row.stock.status, row.stock.status.label)

    def get_urls(self) -> list[URLPattern]:
        """The usual pages, and where corrections and marks are posted to."""
        guard: Any = self.admin_site.admin_view
        return [
            path("<int:row_id>/correct/", guard(self.correct_view), name="customizations_choicestock_correct"),
            path("<int:row_id>/low-mark/", guard(self.low_mark_view), name="customizations_choicestock_low_mark"),
            *super().get_urls(),
        ]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",  # noqa: ARG002 - Django's signature
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Levels, ledger, and the form that corrects.

        Raises:
            PermissionDenied: this person sees no stock of choices.
        """
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        row = self.get_object(request, object_id)
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        context = self.admin_site.each_context(request) | _card(row) | {"opts": self.opts, "original": row}
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/customizations/choicestock/page.html", context | (extra_context or {}))

    def correct_view(self, request: HttpRequest, row_id: int) -> HttpResponse:
        """Book a correction, and lead back.

        Raises:
            PermissionDenied: this person may not change stock.
        """
        return self._posted(request, row_id, StockCorrectionForm, self._correct)

    def low_mark_view(self, request: HttpRequest, row_id: int) -> HttpResponse:
        """Set the mark from which on staff are told, and lead back; raises as ``correct_view``."""
        return self._posted(request, row_id, LowMarkForm, self._set_mark)

    def _posted(
        self,
        request: HttpRequest,
        row_id: int,
        kind: type[Form],
        do: Callable[[HttpRequest, ChoiceStock, dict[str, Any]], None],
    ) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not request.user.has_perm("catalog.change_stockitem"):
            raise PermissionDenied
        row = get_object_or_404(ChoiceStock.objects.select_related("template", "stock"), pk=row_id)
        form = kind(request.POST)
        if form.is_valid():
            do(request, row, form.cleaned_data)
        else:
            field, errors = next(iter(form.errors.items()))
            messages.error(request, f"{form.fields[field].label or field.capitalize()}: {errors[0]}")
        return HttpResponseRedirect(reverse("admin:customizations_choicestock_change", args=[row_id]))

    def _set_mark(self, request: HttpRequest, row: ChoiceStock, said: dict[str, Any]) -> None:
        mark = said["low_stock_at"]
        stock.set_low_mark(row.stock_id, low_stock_at=mark)
        self.log_change(request, row, f"Running low at {mark} instead of {row.stock.low_stock_at}.")
        messages.success(request, f"Staff are told from {mark} pieces on.")

    def _correct(self, request: HttpRequest, row: ChoiceStock, said: dict[str, Any]) -> None:
        try:
            stock.correct(
                row.stock_id,
                delta=said["delta"],
                reason=MovementReason(said["reason"]),
                reference=said["note"],
                actor=actor_of(request),
            )
        except DomainError as error:
            messages.error(request, error.detail)
        else:
            self.log_change(request, row, f"Stock changed by {said['delta']:+,}: {said['note']}")
            messages.success(request, f"Stock changed by {said['delta']:+,}.")


def _card(row: ChoiceStock) -> dict[str, Any]:
    label, option = labels_of(row)
    movements = list(row.stock.movements.order_by("-at", "-pk")[:_LEDGER_ROWS])
    names = names_of(movement.actor for movement in movements)
    return {
        "title": f"{option}: {label}",
        "stock": row.stock,
        "movements": [(movement, names[movement.actor]) for movement in movements],
        "stock_form": StockCorrectionForm(),
        "low_mark_form": LowMarkForm(initial={"low_stock_at": row.stock.low_stock_at}),
    }
