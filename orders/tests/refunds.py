"""Orders that were paid for, and giving back for them."""

from decimal import Decimal
from typing import Any

from django.db.models import Sum

from accounts.models import User
from accounts.tests.factories import make_user
from catalog.models import StockItem
from fantasize.core import invariants
from orders.enums import CreditNoteKind, PaymentMethod
from orders.models import CreditNote, Order, Payment, Refund
from orders.services import credit_notes, refunding
from orders.services.baskets import LineRequest
from orders.services.credit_notes import Credit, LineCredit
from orders.tests.customized import place
from orders.tests.payment_shop import open_page, press


def make_paid(*lines: LineRequest, user: User | None = None) -> Order:
    """An order of these lines that is paid and being made."""
    order = place(user or make_user(), *lines, method=PaymentMethod.HOSTED)
    press(open_page(order), "pay")
    return Order.objects.get(pk=order.pk)


def give(order: Order, *lines: LineCredit, kind: str = "refund", **more: Any) -> CreditNote:
    """A credit note for the lines, or for an ``amount``."""
    if "amount" in more:
        more["amount"] = Decimal(more["amount"])
    credit = Credit(CreditNoteKind(kind), more.pop("reason", "Broken"), "user:staff", lines=lines, **more)
    return credit_notes.give(order_id=order.pk, credit=credit)


def money_of(order: Order) -> tuple[Any, Any, Any]:
    """What came in, what went back, and what still can."""
    money = Payment.objects.captured().filter(order=order).aggregate(came=Sum("amount"), back=Sum("refunded"))
    return money["came"], money["back"], credit_notes.refundable(order)


def on_hand(*things: Any) -> list[int]:
    """How many pieces of products are on the shelf."""
    return [StockItem.objects.get(pk=thing.stock_id).on_hand for thing in things]


def carry_out(order: Order) -> None:
    """Ask the provider for all that is on its way back, as the job does."""
    for refund in Refund.objects.filter(payment__order=order, state="pending"):
        refunding.execute(refund.pk)


def states(order: Order) -> list[str]:
    """How far each refund is, oldest first."""
    return list(Refund.objects.filter(payment__order=order).order_by("created_at").values_list("state", flat=True))


def broken() -> set[str]:
    """What does not hold."""
    return {name for name, found in invariants.violations().items() if found}
