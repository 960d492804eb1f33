"""Orders that staff prepare for somebody: noted, priced, placed, and sent to be paid."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from rest_framework.exceptions import ValidationError

from fantasize.core.admin.actors import actor_of
from fantasize.core.admin.base import ShopModelAdmin
from fantasize.core.admin.display import amount, badge, moment
from fantasize.core.errors import DomainError, PreconditionFailedError
from orders import policies
from orders.admin import wire_forms
from orders.admin.draft_form import BLANK_LINES, THINGS, DraftForm, Lines, initial_of
from orders.admin.moves import BUSY
from orders.api.draft_serializers import DraftBodySerializer, content_in, content_of
from orders.errors import DraftNotedError
from orders.models import DraftOrder, Order
from orders.models.cart import MAX_LINES
from orders.services import drafts, quote_documents
from orders.services.drafts import Content

CHANGED_MEANWHILE = (
    "Somebody changed this draft after you opened the page. Nothing was done; this is how it stands now."
)
SENT_BEFORE = "You have sent this page before. Nothing was done twice; this is what came of it."


@admin.register(DraftOrder)
class DraftOrderAdmin(ShopModelAdmin):
    """Drafts are written on a page of their own, by the rules of the API."""

    list_display = ("whom", "total_amount", "state", "changed")
    list_display_links = ("whom",)
    ordering = ("-updated_at", "pk")
    sortable_by = ()
    search_fields = ("email", "customer__email")
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[DraftOrder]:
        """With their customers and what became of them."""
        return super().get_queryset(request).select_related("customer", "order")

    @admin.display(description="For")
    def whom(self, draft: DraftOrder) -> str:
        """For whom it is."""
        return draft.customer.email if draft.customer else draft.email

    @admin.display(description="Total")
    def total_amount(self, draft: DraftOrder) -> str:
        """What it came to when it was saved."""
        return amount(draft.total, draft.currency)

    @admin.display(description="State")
    def state(self, draft: DraftOrder) -> str:
        """What became of it."""
        return (
            badge("draft", "placed", f"Order {draft.order.number}") if draft.order else badge("draft", "open", "Draft")
        )

    @admin.display(description="Changed")
    def changed(self, draft: DraftOrder) -> str:
        """When it was changed last."""
        return moment(draft.updated_at)

    def has_delete_permission(self, request: HttpRequest, obj: DraftOrder | None = None) -> bool:
        """What is an order by now stays."""
        return super().has_delete_permission(request, obj) and (obj is None or obj.order_id is None)

    def delete_model(self, request: HttpRequest, obj: DraftOrder) -> None:  # noqa: ARG002 - Django's signature
        """Forget it."""
        drafts.remove(draft_id=obj.pk)

    def log_deletions(self, request: HttpRequest, queryset: Iterable[DraftOrder]) -> Any:
        """Who threw it away; not whose it was: with the draft gone, an erasure would not find that here."""
        entries = super().log_deletions(request, queryset)
        LogEntry.objects.filter(pk__in=[entry.pk for entry in entries]).update(object_repr=self.opts.verbose_name)
        return entries

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",  # noqa: ARG002 - Django's signature
        extra_context: dict[str, Any] | None = None,  # noqa: ARG002 - as above
    ) -> HttpResponse:
        """The page; its buttons say what it would cost, save it, or place it."""
        draft = self.get_object(request, object_id) if object_id else None
        if object_id and draft is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        is_allowed = self.has_change_permission(request, draft) if draft else self.has_add_permission(request)
        if not is_allowed:
            raise PermissionDenied
        if draft and draft.order_id:
            return HttpResponseRedirect(reverse("admin:orders_order_change", args=[draft.order_id]))
        may_delete = draft is not None and self.has_delete_permission(request, draft)
        return _Page(request, draft, may_delete=may_delete).answer()


class _Page:
    """One call of the page of a draft; None is a new one."""

    def __init__(self, request: HttpRequest, draft: DraftOrder | None, *, may_delete: bool) -> None:
        self.request, self.draft, self.may_delete = request, draft, may_delete
        begin, lines = initial_of(draft)
        data = request.POST if request.method == "POST" else None
        # What is sent counts as it is, not as a change of what there was.
        self.form, self.lines = (
            DraftForm(data, initial=begin),
            Lines(data, initial=None if data else lines, prefix="lines"),
        )

    def answer(self) -> HttpResponse:
        """What follows from the button that was pressed."""
        if self.request.method != "POST":
            return self._show()
        content, refusals = self._read()
        if content is None:
            return self._show(refusals=refusals)
        try:
            return self._do(content)
        except (DomainError, OperationalError) as error:
            return self._refuse(error)

    def _refuse(self, error: DomainError | OperationalError) -> HttpResponse:
        """Why nothing was done, on this page or on what there is by now."""
        if isinstance(error, PreconditionFailedError):
            messages.error(self.request, CHANGED_MEANWHILE)
            return HttpResponseRedirect(self.request.path)
        if isinstance(error, DraftNotedError):
            messages.error(self.request, SENT_BEFORE)
            return HttpResponseRedirect(_page_of(self.form.cleaned_data["key"]))
        return self._show(refusals=wire_forms.refusals_of(error))

    def _read(self) -> tuple[Content | None, list[str]]:
        """What is wanted, or why it cannot be."""
        if not (self.form.is_valid() and self.lines.is_valid()):
            return None, list(self._faults())
        customer = self.form.find_customer()
        body = self.form.body_with(self.lines.forms, is_guest=customer is None)
        if not body["lines"]:
            return None, ["Choose a product or a package in one line at least."]
        data, refusals = wire_forms.read(DraftBodySerializer(data=body, context={"is_guest": customer is None}))
        if refusals:
            return None, refusals
        try:
            return content_of(data, customer=customer), []
        except DomainError as error:
            return None, wire_forms.refusals_of(error)

    def _faults(self) -> Sequence[str]:
        forms = (("", self.form), *((f"Line {place} ", form) for place, form in enumerate(self.lines.forms, start=1)))
        said = [
            f"{prefix}{name.replace('_', ' ')}: {errors[0]}".capitalize()
            for prefix, form in forms
            for name, errors in form.errors.items()
        ]
        return said + [str(error) for error in self.lines.non_form_errors()]

    def _do(self, content: Content) -> HttpResponse:
        action = self.request.POST.get("action")
        if action == "save":
            draft = self._save(content)
            messages.success(self.request, f"Saved. It comes to {amount(draft.total, draft.currency)} now.")
            return HttpResponseRedirect(_page_of(draft.pk))
        if action in ("place", "place_and_send") and self.form.cleaned_data["expected_total"] is not None:
            return self._place(self._save(content), is_sent=action == "place_and_send")
        return self._show(quote=drafts.estimate(content))

    def _save(self, content: Content) -> DraftOrder:
        said = self.form.cleaned_data
        if self.draft is None:
            facts = {"note": said["note"], "actor": actor_of(self.request), "draft_id": said["key"]}
            self.draft = drafts.create(content=content, **facts)
        else:
            version = said["version"] or 0
            facts = {"content": content, "note": said["note"], "expected_version": version}
            self.draft = drafts.change(draft_id=self.draft.pk, **facts)
        return self.draft

    def _place(self, draft: DraftOrder, *, is_sent: bool) -> HttpResponse:
        """Place what was saved a moment ago, for the total that was shown; what is refused stays a draft."""
        actor = actor_of(self.request)
        try:
            content = content_in(draft)
            order = drafts.place(
                draft_id=draft.pk,
                content=content,
                drawings=drafts.draw_proofs(content),
                actor=actor,
                expected_version=draft.version,
                expected_total=self.form.cleaned_data["expected_total"],
                sends_links=is_sent,
            )
        except (DomainError, ValidationError, OperationalError) as error:
            messages.error(self.request, f"The draft is saved, but: {' '.join(wire_forms.refusals_of(error))}")
            return HttpResponseRedirect(_page_of(draft.pk))
        messages.success(self.request, _told(order, is_sent=is_sent))
        return HttpResponseRedirect(reverse("admin:orders_order_change", args=[order.pk]))

    def _show(self, *, refusals: Sequence[str] = (), quote: Any = None) -> HttpResponse:
        """The page; after what was said, with room for two lines more."""
        self._tell_lost()
        told = quote and quote_documents.describe(quote.basket, quote.quote, quote.notices)
        context = {
            **admin.site.each_context(self.request),
            "title": str(self.draft) if self.draft else "New draft",
            "opts": DraftOrder._meta,  # noqa: SLF001 - Django's documented interface
            "draft": self.draft,
            "delete_link": self.may_delete and self.draft and _page_of(self.draft.pk, "delete"),
            "form": self.form,
            "lines": self._room_for_more(),
            "media": self.form.media + self.lines.media,
            "refusals": refusals,
            "quote": told,
        }
        return TemplateResponse(self.request, "admin/orders/draftorder/page.html", context)

    def _tell_lost(self) -> None:
        """That what this page shows of the draft is not all of it: no answer is left out without a word."""
        for place, form in enumerate(() if self.lines.is_bound else self.lines.forms, start=1):
            for answer in form.lost:
                detail = f"Line {place}: not asked any more, or not to be chosen, so it will be left out: {answer}"
                messages.warning(self.request, detail)

    def _room_for_more(self) -> Any:
        """The lines as they were sent, and what was chosen by now asks; then empty ones."""
        if not self.lines.is_bound:
            return self.lines
        data, shown = self.request.POST.copy(), len(self.lines.forms)
        empty = [form for form in self.lines.forms if not any(data.get(form.add_prefix(kind)) for kind in THINGS)]
        data["lines-TOTAL_FORMS"] = str(min(shown + max(BLANK_LINES - len(empty), 0), MAX_LINES))
        return Lines(data, prefix="lines")


def _page_of(draft_id: UUID, name: str = "change") -> str:
    return reverse(f"admin:orders_draftorder_{name}", args=[draft_id])


def _told(order: Order, *, is_sent: bool) -> str:
    """What became of a draft: each order that it was, and whether its customer was asked to pay for it."""
    placed, asked = [order, *order.siblings], drafts.payable_by_link(order) if is_sent else []
    said = " and ".join(str(each) for each in placed) + (" are placed" if len(placed) > 1 else " is placed")
    if asked:
        return f"{said}, and {'a link for each' if len(asked) > 1 else 'the link'} is sent."
    return f"{said}. No link was sent: it is paid in cash on delivery." if is_sent else f"{said}."


def link_view(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Where the button that mails a payment link posts to; leads back to the order's page.

    Raises:
        PermissionDenied: this person may not change orders.
    """
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if not policies.can_move(request.user):
        raise PermissionDenied
    try:
        drafts.send_payment_link(order_id=order_id, actor=actor_of(request))
    except DomainError as error:
        messages.error(request, error.detail)
    except OperationalError:  # as above
        messages.error(request, BUSY)
    else:
        messages.success(request, "The link is on its way.")
    return HttpResponseRedirect(reverse("admin:orders_order_change", args=[order_id]))


def payment_link(user: Any, order: Order) -> str:
    """Where the button posts to that mails a payment link; empty when there is nothing to be paid by one."""
    is_possible = policies.can_move(user) and drafts.is_payable_by_link(order)
    return reverse("admin:orders_order_payment_link", args=[order.pk]) if is_possible else ""
