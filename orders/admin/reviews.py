"""Special requests on the order's page: everything that a decision takes, side by side, and the decision."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse

from fantasize.core import card_numbers
from fantasize.core.admin.actors import actor_of, names_of
from fantasize.core.admin.display import amount
from fantasize.core.errors import DomainError, PreconditionFailedError
from orders import policies
from orders.admin.moves import BUSY, CHANGED_MEANWHILE, first_error
from orders.enums import Decision, OrderStatus, ReviewState, Role
from orders.models import LineReview, Order, OrderLine
from orders.services import review_checks, reviews
from orders.services.review_checks import Check

_OPEN = (ReviewState.WAITING, ReviewState.CHANGE_REQUESTED)
_DONE = {Decision.APPROVE: "approved", Decision.REQUEST_CHANGE: "sent back", Decision.REJECT: "rejected"}


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as staff judge it: what it says, what it costs, and whether it is why they are asked."""

    key: str
    label: str
    type: str
    value: str
    text: str
    costs: str
    is_special: bool


@dataclass(frozen=True, slots=True)
class Thing:
    """What was answered about one thing of a line; ``name`` is of the part that it is, else empty."""

    name: str
    answers: Sequence[Answer]
    proof: str | None


@dataclass(frozen=True, slots=True)
class Card:
    """A line that needs approval, with all that there is to see of it.

    Attributes:
        decided_by: who decided, by name.
        can_decide: whether there is something to decide for whoever looks at it.
    """

    line: OrderLine
    review: LineReview
    things: Sequence[Thing]
    checks: Sequence[Check]
    decided_by: str
    can_decide: bool


def cards_of(user: Any, order: Order, lines: Sequence[OrderLine]) -> list[Card]:
    """The special requests among the order's lines. Three queries at most, however many there are; none for none."""
    lines = [line for line in lines if hasattr(line, "review")]
    if not lines:
        return []
    checks = review_checks.checks_of(lines)
    names = names_of(line.review.decided_by for line in lines if line.review.decided_by)
    decides = order.status == OrderStatus.UNDER_REVIEW and policies.role_of(user, order) is Role.STAFF
    return [
        Card(
            line,
            line.review,
            _things(line, order.currency),
            checks[line.pk],
            names.get(line.review.decided_by, ""),
            decides and line.review.state in _OPEN,
        )
        for line in lines
    ]


def review_view(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Where the decisions post to; leads to the next line that waits, or back to the page of this one.

    Raises:
        PermissionDenied: this person decides nothing.
        Http404: there is no such order.
    """
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    if not policies.can_move(request.user):
        raise PermissionDenied
    order = get_object_or_404(Order, pk=order_id)
    form = ReviewForm(request.POST)
    refusal = _attempt(order, form, actor_of(request)) if form.is_valid() else first_error(form)
    if refusal:
        messages.error(request, refusal)
        return HttpResponseRedirect(link_to(order.pk, form.cleaned_data.get("line")))
    messages.success(request, f"{order}: {_DONE[Decision(form.cleaned_data['decision'])]}.")
    return HttpResponseRedirect(_next(order))


class ReviewForm(forms.Form):
    """What a decision posts. ``version`` is the order's version when the page was made."""

    line = forms.IntegerField(min_value=1, max_value=2**63 - 1)
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1)
    decision = forms.ChoiceField(choices=Decision.choices)
    reason = forms.CharField(max_length=1000, required=False, validators=[card_numbers.refuse])
    note = forms.CharField(max_length=1000, required=False, validators=[card_numbers.refuse])
    extra_charge = forms.DecimalField(min_value=0, max_digits=13, decimal_places=3, required=False)


def link_to(order_id: UUID, line_id: int | None) -> str:
    """The place of a line on its order's page."""
    return f"{reverse('admin:orders_order_change', args=[order_id])}#review-{line_id or ''}"


def _attempt(order: Order, form: ReviewForm, actor: str) -> str:
    """Decide; the answer says why it was refused, or is empty."""
    data = form.cleaned_data
    extra = data["extra_charge"] or Decimal(0)
    verdict = reviews.Verdict(Decision(data["decision"]), data["reason"], data["note"], extra)
    try:
        reviews.decide(
            order_id=order.pk, line_id=data["line"], verdict=verdict, actor=actor, expected_version=data["version"]
        )
    except PreconditionFailedError:
        return CHANGED_MEANWHILE
    except DomainError as error:
        return error.detail
    except OperationalError:  # a lock was not to be had in time
        return BUSY
    return ""


def _next(order: Order) -> str:
    """The line that has waited longest, of the same order if it has another; the queue if there is none."""
    waiting = LineReview.objects.needing_approval().select_related("line")
    found = waiting.filter(line__order=order).order_by("line__position").first()
    found = found or waiting.order_by("waiting_since", "pk").first()
    if found is None:
        return reverse("admin:orders_linereview_changelist")
    return link_to(found.line.order_id, found.line_id)


def _things(line: OrderLine, currency: str) -> list[Thing]:
    names = {part["product"]: part["name"] for part in line.parts}
    return [
        Thing(names.get(thing["part"], ""), _answers(thing, currency), thing["proof"])
        for thing in line.customizations
        if thing["shown"] or thing["proof"]
    ]


def _answers(thing: Mapping[str, Any], currency: str) -> list[Answer]:
    costs: defaultdict[str, list[str]] = defaultdict(list)
    for each in thing.get("surcharges", ()):
        costs[each["key"]].append(f"+ {_cost(each, currency)}")
    special = thing.get("needs_approval", ())
    return [Answer(**shown, costs=", ".join(costs[shown["key"]]), is_special=shown["key"] in special)
            for shown in thing["shown"]]  # fmt: skip


def _cost(surcharge: Mapping[str, Any], currency: str) -> str:
    once = " once" if surcharge["is_once"] else " each"
    return amount(Decimal(surcharge["amount"]), currency) + once
