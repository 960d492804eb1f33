"""Giving money back: a page that shows what it comes to before it is done, and what was given back already."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse

from fantasize.core import card_numbers, money
from fantasize.core.admin.actors import actor_of
from fantasize.core.admin.display import amount
from fantasize.core.errors import DomainError, NotFoundError, PreconditionFailedError
from orders import policies
from orders.admin.moves import BUSY, CHANGED_MEANWHILE
from orders.enums import CreditNoteKind, OrderStatus
from orders.models import CreditNote, Order, Payment
from orders.services import credit_notes, refunding
from orders.services.credit_notes import Credit, LineCredit, Plan

_BOTH = "Say how many of what, or an amount; not both."
_NO_PIECES = "An amount is of no pieces: say how many of what goes back in stock, or leave this out."
_NEITHER = "Say how many of what goes back, or an amount."


@dataclass(frozen=True, slots=True)
class Piece:
    """Something that can be given back for: units of a line, or pieces of a part of it."""

    name: str
    sku: str
    sold: int
    left: int
    field: str
    credit: LineCredit

    @property
    def is_part(self) -> bool:
        """Whether it is in the line above."""
        return self.credit.part is not None


class RefundForm(forms.Form):
    """What is to go back. ``version`` is the order's version when the page was made."""

    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)
    kind = forms.ChoiceField(label="Why", choices=CreditNoteKind.choices, initial=CreditNoteKind.REFUND)
    reason = forms.CharField(
        label="Reason",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="The customer reads it.",
        validators=[card_numbers.refuse],
    )
    restock = forms.BooleanField(label="Put the goods back in stock", required=False)

    def __init__(self, order: Order, data: Any = None) -> None:
        super().__init__(data, initial={"version": order.version})
        self.pieces = list(_pieces(order))
        decimals = money.exponent(order.currency)
        self.fields["amount"] = forms.DecimalField(required=False, min_value=0, max_digits=11, decimal_places=decimals)
        for piece in self.pieces:
            self.fields[piece.field] = forms.IntegerField(
                required=False, min_value=0, max_value=piece.left, disabled=not piece.left
            )
        if order.status not in (OrderStatus.SHIPPED, OrderStatus.DELIVERED):
            self.fields["kind"] = forms.ChoiceField(choices=CreditNoteKind.choices[:1], initial=CreditNoteKind.REFUND)

    def clean(self) -> dict[str, Any]:
        """That it says one of the two, as far as all is well so far."""
        said = self.cleaned_data
        lines, has_amount = self.lines(), bool(said.get("amount"))
        if not self.errors and bool(lines) == has_amount:
            self.add_error(None, _BOTH if lines else _NEITHER)
        if has_amount and said.get("restock"):
            self.add_error("restock", _NO_PIECES)
        return said

    def rows(self) -> list[tuple[Piece, Any]]:
        """Each piece with its field."""
        return [(piece, self[piece.field]) for piece in self.pieces]

    def lines(self) -> list[LineCredit]:
        """The pieces that are to go back."""
        said = ((piece.credit, self.cleaned_data.get(piece.field)) for piece in self.pieces)
        return [LineCredit(credit.line, quantity, credit.part) for credit, quantity in said if quantity]

    def credit(self, actor: str) -> Credit:
        """What a valid form asks for."""
        said, lines = self.cleaned_data, self.lines()
        return Credit(
            CreditNoteKind(said["kind"]),
            said["reason"],
            actor,
            amount=None if lines else said["amount"],
            lines=lines,
            restock=said["restock"],
        )


@dataclass(frozen=True, slots=True)
class Card:
    """What the order page says of money that went back.

    Attributes:
        link: leads to giving more, if that can be done.
        refused: what the provider would not give back; empty if there is nothing like that.
        waiting: what it has been asked for long, without an answer; empty likewise.
        again: where the button posts to that gives it again, for who may.
    """

    notes: Sequence[CreditNote]
    link: str
    refused: str
    waiting: str
    again: str


def card_of(user: Any, order: Order, payments: Iterable[Payment]) -> Card:
    """The order page's card; ``payments`` are those that came in. Three queries at most."""
    has_money = any(payment.refundable for payment in payments)
    refused = sum((row.amount for row in refunding.refused_of(order)), start=Decimal(0)) if has_money else Decimal(0)
    waiting = refunding.waiting_long(order) if any(payment.refunded for payment in payments) else Decimal(0)
    may_give = policies.can_refund(user, order)
    return Card(
        list(order.credit_notes.order_by("-created_at", "pk")),
        reverse("admin:orders_order_refund", args=[order.pk]) if has_money and may_give else "",
        amount(refused, order.currency) if refused else "",
        amount(waiting, order.currency) if waiting else "",
        reverse("admin:orders_order_refund_again", args=[order.pk]) if refused and may_give else "",
    )


def again_view(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Where the button posts to that gives again what the provider refused; leads back to the order's page.

    Raises:
        PermissionDenied: this person gives no money back.
    """
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if not policies.can_move(request.user):
        raise PermissionDenied
    version = _AgainForm(request.POST)
    try:
        given = refunding.give_again(
            order_id=order_id,
            actor=actor_of(request),
            expected_version=version.cleaned_data["version"] if version.is_valid() else 0,
        )
    except NotFoundError:
        raise Http404 from None
    except (DomainError, OperationalError) as refusal:
        messages.error(request, _told(refusal))
    else:
        messages.success(request, f"The payment provider is asked again for {given}.")
    return HttpResponseRedirect(reverse("admin:orders_order_change", args=[order_id]))


class _AgainForm(forms.Form):
    """The order's version when the page was made; one that is not said is none."""

    version = forms.IntegerField(min_value=1, max_value=2**31 - 1)


def refund_view(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """The page: shows what it comes to first, and does it when somebody confirms just that.

    Raises:
        PermissionDenied: this person gives no money back.
        Http404: there is no such order.
    """
    if not policies.can_move(request.user):
        raise PermissionDenied
    order = Order.objects.filter(pk=order_id).first()
    if order is None:
        raise Http404
    form = RefundForm(order, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid() and form.cleaned_data["version"] != order.version:
        messages.error(request, CHANGED_MEANWHILE)
        return HttpResponseRedirect(request.path)
    planned = _planned(request, order, form) if form.is_bound and form.is_valid() else None
    if planned and request.POST.get("confirm") == str(planned.amount):
        return _give(request, order, form, planned)
    return _page(request, order, form, planned)


def _planned(request: HttpRequest, order: Order, form: RefundForm) -> Plan | None:
    """What it comes to; None, with the reason on the form, if it cannot be done."""
    try:
        return credit_notes.plan(order, form.credit(actor_of(request)))
    except DomainError as refusal:
        form.add_error(None, refusal.detail)
        return None


def _give(request: HttpRequest, order: Order, form: RefundForm, planned: Plan) -> HttpResponse:
    try:
        credit_notes.give(
            order_id=order.pk,
            credit=form.credit(actor_of(request)),
            expected_version=form.cleaned_data["version"],
        )
    except (DomainError, OperationalError) as refusal:
        messages.error(request, _told(refusal))
    else:
        messages.success(request, f"{amount(planned.amount, order.currency)} goes back to the customer.")
    return HttpResponseRedirect(reverse("admin:orders_order_change", args=[order.pk]))


def _told(refusal: DomainError | OperationalError) -> str:
    if isinstance(refusal, PreconditionFailedError):
        return CHANGED_MEANWHILE
    return refusal.detail if isinstance(refusal, DomainError) else BUSY


def _page(request: HttpRequest, order: Order, form: RefundForm, planned: Plan | None) -> HttpResponse:
    context = admin.site.each_context(request) | {
        "title": f"Give money back: {order}",
        "opts": Order._meta,  # noqa: SLF001 - Django's documented interface
        "order": order,
        "form": form,
        "planned": planned,
        "sum": planned and amount(planned.amount, order.currency),
        "left": amount(credit_notes.refundable(order), order.currency),
        "back_link": reverse("admin:orders_order_change", args=[order.pk]),
    }
    request.current_app = admin.site.name
    return TemplateResponse(request, "admin/orders/order/refund.html", context)


def _pieces(order: Order) -> Iterator[Piece]:
    for line, sold in credit_notes.sold_lines(order).values():
        whole = LineCredit(line.pk, 0)
        yield Piece(line.name, line.sku, line.quantity, sold.left(), f"line_{line.pk}", whole)
        for part in line.parts:
            product, pieces = part["product"], part["quantity"] * line.quantity
            field, credit = f"line_{line.pk}_part_{product}", LineCredit(line.pk, 0, product)
            yield Piece(part["name"], part["sku"], pieces, sold.left(product), field, credit)
