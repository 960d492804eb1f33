"""The page on which staff change an order: first they see what would come of it, then they do just that."""

from collections.abc import Sequence
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
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget

from fantasize.core.admin.actors import actor_of
from fantasize.core.admin.display import amount
from fantasize.core.errors import DomainError, PreconditionFailedError
from orders import policies
from orders.admin import wire_forms
from orders.admin.moves import BUSY, CHANGED_MEANWHILE
from orders.api.edit_serializers import OrderChangeSerializer, changes_in
from orders.enums import OrderStatus, Role
from orders.models import Order, OrderLine, ShippingMethod
from orders.models.cart import MAX_QUANTITY
from orders.services import order_edits
from orders.services.order_changes import Changes, Edited
from orders.services.order_edits import Editor

_EDITABLE = (OrderStatus.UNDER_REVIEW, OrderStatus.PENDING, OrderStatus.PROCESSING)


class EditForm(wire_forms.AddressForm):
    """The order as it is to be. ``version`` is the order's when the page was made."""

    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput())
    expected_total = forms.DecimalField(required=False, max_digits=14, widget=forms.HiddenInput())
    shipping_method = forms.ChoiceField(required=False, widget=UnfoldAdminSelectWidget())

    def __init__(self, *args: Any, order: Order, **kwargs: Any) -> None:
        self.order, self.lines = order, list(order.lines.order_by("position"))
        begin = {"version": order.version, "shipping_method": order.shipping_method}
        begin |= {_name(line): line.quantity for line in self.lines} | wire_forms.initial_of(order.shipping_address)
        super().__init__(*args, initial=begin, **kwargs)
        ways = ShippingMethod.objects.order_by("position", "pk").values_list("code", "name")
        self.fields["shipping_method"].choices = [("", "As it is"), *ways]  # type: ignore[attr-defined]  # a choice field
        for line in self.lines:
            self.fields[_name(line)] = forms.IntegerField(
                label=f"Quantity of {line.name}",
                min_value=0,
                max_value=MAX_QUANTITY,
                widget=UnfoldAdminIntegerFieldWidget(),
            )

    @property
    def rows(self) -> list[tuple[OrderLine, forms.BoundField]]:
        """Each line with the input of how many of it there are to be."""
        return [(line, self[_name(line)]) for line in self.lines]

    @property
    def body(self) -> dict[str, Any]:
        """What a valid form wants otherwise, as a body of the API; nothing that is as it was."""
        said, body = self.cleaned_data, dict[str, Any]()
        wanted = [(line, said[_name(line)]) for line in self.lines]
        if any(line.quantity != quantity for line, quantity in wanted):
            body["lines"] = [{"id": line.pk, "quantity": quantity} for line, quantity in wanted if quantity]
        if not wire_forms.same_address(self.address, self.order.shipping_address):
            body["shipping_address"] = self.address
        if said["shipping_method"] and said["shipping_method"] != self.order.shipping_method:
            body["shipping_method"] = said["shipping_method"]
        return body


def edit_link(user: Any, order: Order) -> str:
    """Where this person changes the order; empty when there is nothing to be changed."""
    is_possible = policies.can_move(user) and order.status in _EDITABLE
    return reverse("admin:orders_order_edit", args=[order.pk]) if is_possible else ""


def edit_view(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """The page, and where its buttons post to: ``check`` shows what would come of it, ``save`` does it.

    Raises:
        PermissionDenied: this person may not change orders.
        Http404: there is no such order.
    """
    if request.method not in {"GET", "HEAD", "POST"}:
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    if not policies.can_move(request.user):
        raise PermissionDenied
    order = Order.objects.select_related("user").filter(pk=order_id).first()
    if order is None:
        raise Http404
    if request.method != "POST":
        return _page(request, order, EditForm(order=order))
    return _post(request, order)


def _post(request: HttpRequest, order: Order) -> HttpResponse:
    form = EditForm(request.POST, order=order)
    changes, refusals = _read(form, order)
    if refusals:
        return _page(request, order, form, refusals=refusals)
    is_checked = request.POST.get("action") == "save" and form.cleaned_data["expected_total"] is not None
    try:
        edited = _edit(request, form, changes, is_checked=is_checked)
    except PreconditionFailedError:
        messages.error(request, CHANGED_MEANWHILE)
        return HttpResponseRedirect(request.path)
    except DomainError as error:
        return _page(request, order, form, refusals=wire_forms.refusals_of(error))
    except OperationalError:  # a lock was not to be had in time
        return _page(request, order, form, refusals=[BUSY])
    if is_checked:
        messages.success(request, f"The order is changed. Its total is {amount(edited.new_total, edited.currency)}.")
        return HttpResponseRedirect(reverse("admin:orders_order_change", args=[order.pk]))
    return _page(request, order, form, outcome=edited)


def _read(form: EditForm, order: Order) -> tuple[Changes, list[str]]:
    """What is wanted, or why it cannot be."""
    if not form.is_valid():
        return Changes(), [f"{form[name].label}: {errors[0]}" for name, errors in form.errors.items()]
    if not any(form.cleaned_data[_name(line)] for line in form.lines):
        return Changes(), ["Nothing would be left of it. Cancel the order instead, on its page."]
    data, refusals = wire_forms.read(OrderChangeSerializer(data=form.body))
    changes = changes_in(data, order)
    if not (changes or refusals):
        refusals = ["Nothing would be otherwise."]
    return changes, refusals


def _edit(request: HttpRequest, form: EditForm, changes: Changes, *, is_checked: bool) -> Edited:
    """Do it if what comes of it was seen, else only see what would."""
    order = form.order
    editor = Editor(Role.STAFF, actor_of(request), order.user.actor if order.user else "")
    expected: Decimal | None = form.cleaned_data["expected_total"] if is_checked else None
    drawings = order_edits.draw_proofs(order=order, changes=changes, editor=editor)
    return order_edits.edit(
        order_id=order.pk,
        changes=changes,
        editor=editor,
        expected_version=form.cleaned_data["version"],
        expected_total=expected,
        dry_run=not is_checked,
        drawings=drawings,
    )


def _page(
    request: HttpRequest,
    order: Order,
    form: EditForm,
    *,
    refusals: Sequence[str] = (),
    outcome: Edited | None = None,
) -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        "title": f"Change order {order.number}",
        "opts": Order._meta,  # noqa: SLF001 - Django's documented interface
        "original": order,
        "order": order,
        "form": form,
        "refusals": refusals,
        "outcome": outcome,
        "sums": _sums(outcome) if outcome else [],
        "back_link": reverse("admin:orders_order_change", args=[order.pk]),
    }
    return TemplateResponse(request, "admin/orders/order/edit.html", context)


def _sums(edited: Edited) -> list[tuple[str, str, str]]:
    """Before and after, and what that means."""
    more, is_made = edited.difference, edited.order.status == OrderStatus.PROCESSING
    less = "To give back, as far as it was paid" if is_made else "Less to pay"
    meaning = "To pay more" if more > 0 else less if more else "The same"
    rows = [("old", "Total until now", edited.old_total), ("new", "New total", edited.new_total)]
    rows.append(("difference", meaning, abs(more)))
    return [(key, label, amount(value, edited.currency)) for key, label, value in rows]


def _name(line: OrderLine) -> str:
    return f"quantity_{line.pk}"
