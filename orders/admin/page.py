"""What the order page shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from fantasize.core.admin.display import amount
from orders.admin import reviews
from orders.admin.documents import papers_of
from orders.admin.drafts import payment_link
from orders.admin.edits import edit_link
from orders.admin.links import links_card
from orders.admin.moves import buttons_for
from orders.admin.refunds import card_of
from orders.admin.timeline import timeline_of
from orders.enums import OrderStatus
from orders.models import Hold, Order, OrderLine
from orders.selectors import attach_siblings

_WAY = (OrderStatus.PENDING, OrderStatus.PROCESSING, OrderStatus.PROCESSED, OrderStatus.SHIPPED, OrderStatus.DELIVERED)
_OUT = frozenset({OrderStatus.CANCELLED, OrderStatus.REJECTED, OrderStatus.RETURNED})
_ADDRESS_LINES = (
    ("full_name",),
    ("line1",),
    ("line2",),
    ("postal_code", "city"),
    ("region",),
    ("country",),
    ("phone",),
)


@dataclass(frozen=True, slots=True)
class Step:
    """One stop on the way; ``state`` is done, current, ahead or out."""

    status: OrderStatus
    state: str
    at: datetime | None


def order_page(user: Any, order: Order) -> dict[str, Any]:
    """The page's context. As many queries for fifty lines as for one."""
    attach_siblings([order])
    lines = list(order.lines.select_related("review").order_by("position"))
    cards = reviews.cards_of(user, order, lines)
    decides = any(card.can_decide for card in cards)
    payments = list(order.payments.captured().order_by("created_at"))
    return {
        "order": order,
        "customer": customer_name(order),
        "total": amount(order.total, order.currency),
        "lines": [_line(line) for line in lines],
        "reviews": cards,
        "sees_uploads": user.has_perm("customizations.view_upload"),
        "steps": _steps(order),
        # Who approves a special request approves its lines; the order follows.
        "buttons": [button for button in buttons_for(user, order) if not (decides and button.is_approval)],
        "totals": _totals(order),
        "address": address_lines(order.shipping_address),
        "customer_link": _customer_link(user, order),
        "timeline": timeline_of(order, lines),
        "holds": list(
            Hold.objects.filter(order=order).select_related("stock_item__product", "stock_item__choice").order_by("pk")
        ),
        "payments": payments,
        "links": links_card(user, order),
        "papers": papers_of(order),
        "refunds": card_of(user, order, payments),
        "edit_link": edit_link(user, order),
        "payment_link": payment_link(user, order),
        "move_link": reverse("admin:orders_order_move", args=[order.pk]),
    }


@dataclass(frozen=True, slots=True)
class Answered:
    """What was answered about one thing of a line.

    Attributes:
        name: of the part it is; empty for the line's own thing.
        answers: key, label, type, value and text of each.
        proof: the print file's hash, if there is one.
    """

    name: str
    answers: Sequence[dict[str, str]]
    proof: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """A line, what it is made of, and what was answered about it."""

    line: OrderLine
    parts: Sequence[dict[str, Any]]
    things: Sequence[Answered]


def _line(line: OrderLine) -> Line:
    names = {part["product"]: part["name"] for part in line.parts}
    things = [
        Answered(names.get(thing["part"], ""), thing["shown"], thing["proof"])
        for thing in line.customizations
        if thing["shown"] or thing["proof"]
    ]
    return Line(line, line.parts, things)


def customer_name(order: Order) -> str:
    """Whose order it is: a name, else an e-mail address, else where it came from."""
    name = order.user.get_full_name() if order.user else ""
    return name or order.email or (f"Imported {order.reference}" if order.reference else "Guest")


def address_lines(address: dict[str, Any]) -> list[str]:
    """An address as it is written on a parcel."""
    lines = (" ".join(str(address[key]) for key in keys if address.get(key)) for keys in _ADDRESS_LINES)
    return [line for line in lines if line]


def _steps(order: Order) -> list[Step]:
    """The stops that the order passed, the one where it is, and those ahead."""
    current = OrderStatus(order.status)
    way: Sequence[OrderStatus] = _WAY
    if order.under_review_at:
        way = (OrderStatus.UNDER_REVIEW, *way)
    if current in _OUT:
        way = (*(status for status in way if _reached(order, status)), current)
    return [Step(status, _state(order, current, status), _reached(order, status)) for status in way]


def _reached(order: Order, status: OrderStatus) -> datetime | None:
    at: datetime | None = getattr(order, f"{status.value}_at")
    return at


def _state(order: Order, current: OrderStatus, status: OrderStatus) -> str:
    if status is current:
        return "out" if current in _OUT else "current"
    return "done" if _reached(order, status) else "ahead"


def _totals(order: Order) -> list[tuple[str, str]]:
    """The sums that make up the total; what costs nothing is left out, except for the goods themselves."""
    parts = [
        ("Items", order.items_total),
        (f"Discount {order.coupon}".strip(), -order.discount_total),
        ("Shipping", order.shipping_total),
        ("Tax", order.tax_total),
        ("Tax in the prices", order.tax_included_total),
    ]
    return [(label, amount(value, order.currency)) for label, value in parts if value or label == "Items"]


def _customer_link(user: Any, order: Order) -> str:
    if order.user_id and user.has_perm("accounts.view_user"):
        return reverse("admin:accounts_user_change", args=[order.user_id])
    return ""
