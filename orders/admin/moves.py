"""The buttons of the order page: one per legal next status, and what pressing one does."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db import OperationalError
from django.http import HttpRequest

from fantasize.core import card_numbers
from fantasize.core.admin.actors import actor_of
from fantasize.core.errors import DomainError, PreconditionFailedError
from orders import policies, states
from orders.enums import OrderStatus, Role
from orders.models import Order
from orders.services import transitions

S = OrderStatus
CHANGED_MEANWHILE = (
    "Somebody changed this order after you opened the page. Nothing was done; this is how it stands now."
)
BUSY = "Somebody else is working on this order just now. Nothing was done; please try again."


@dataclass(frozen=True, slots=True)
class Button:
    """One legal move as the page offers it.

    Attributes:
        target: the status it leads to.
        label: what pressing it does.
        icon: a Material symbol.
        tone: primary for the way forward, danger for ways out.
        question: what the dialog asks; without one the button acts at once.
        needs_note: the customer has to be told why.
    """

    target: OrderStatus
    label: str
    icon: str
    tone: str = "primary"
    question: str = ""
    needs_note: bool = False

    @property
    def is_approval(self) -> bool:
        """Whether it says that staff have looked at the order."""
        return self.target is S.PENDING


_BUTTONS = {
    S.PENDING: ("Approve", "check_circle", "primary", ""),
    S.PROCESSING: ("Start processing", "play_circle", "primary", ""),
    S.PROCESSED: ("Mark as processed", "task_alt", "primary", ""),
    S.SHIPPED: ("Ship", "local_shipping", "primary", "How does it travel?"),
    S.DELIVERED: ("Mark as delivered", "home_pin", "primary", ""),
    S.CANCELLED: (
        "Cancel order",
        "cancel",
        "danger",
        "Its goods go back on sale, and whatever was paid is given back.",
    ),
    S.REJECTED: ("Reject", "block", "danger", "Its goods go back on sale. The customer reads the reason."),
    S.RETURNED: ("Take back", "undo", "danger", "Whatever was paid is given back."),
}


def buttons_for(user: Any, order: Order) -> list[Button]:
    """The moves that ``user`` may make now; the API offers the same ones."""
    source = OrderStatus(order.status)
    return [_button(source, target) for target in policies.allowed_transitions(user, order)]


def _button(source: OrderStatus, target: OrderStatus) -> Button:
    edge = states.edge_between(source, target)
    return Button(target, *_BUTTONS[target], needs_note=edge is not None and edge.needs_note)


class MoveForm(forms.Form):
    """What a pressed button posts. ``version`` is the order's version when the page was made."""

    status = forms.ChoiceField(choices=OrderStatus.choices)
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1)
    note = forms.CharField(max_length=1000, required=False, validators=[card_numbers.refuse])
    carrier = forms.CharField(max_length=80, required=False)
    tracking_number = forms.CharField(max_length=120, required=False)
    restock = forms.BooleanField(required=False)

    def move_by(self, actor: str) -> transitions.Move:
        """The move that a valid form describes."""
        return transitions.Move(
            target=OrderStatus(self.cleaned_data["status"]),
            actor=actor,
            role=Role.STAFF,
            note=self.cleaned_data["note"],
            carrier=self.cleaned_data["carrier"],
            tracking_number=self.cleaned_data["tracking_number"],
            restock=self.cleaned_data["restock"],
        )


def press(request: HttpRequest, order_id: UUID) -> None:
    """Make the posted move and say how it went; refusals and stale pages change nothing."""
    form = MoveForm(request.POST)
    if not form.is_valid():
        messages.error(request, first_error(form))
        return
    refusal = attempt(order_id, form.move_by(actor_of(request)), form.cleaned_data["version"])
    if refusal:
        messages.error(request, refusal)
    else:
        messages.success(request, f"The order is now {S(form.cleaned_data['status']).label.lower()}.")


def attempt(order_id: UUID, move: transitions.Move, expected_version: int) -> str:
    """Move one order; the answer says why it was refused, or is empty."""
    try:
        transitions.move_order(order_id=order_id, move=move, expected_version=expected_version)
    except PreconditionFailedError:
        return CHANGED_MEANWHILE
    except DomainError as error:
        return error.detail
    except OperationalError:  # a lock was not to be had in time, or two of us waited for each other
        return BUSY
    return ""


def first_error(form: forms.Form) -> str:
    """What is wrong with a posted form, in one line."""
    field, errors = next(iter(form.errors.items()))
    return f"{field.replace('_', ' ').capitalize()}: {errors[0]}"
