"""Mail to staff about payments that somebody should look at."""

from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from fantasize.core import mail
from fantasize.core.models import DomainEvent
from notifications.selectors import staff_who_may

PERMISSION = "orders.view_payment"
# What happened, as staff read it; other events of payments are told nobody.
_TOLD = {
    "payment.failed": "A payment failed",
    "payment.refund_failed": "A refund was refused",
    "payment.refund_came_back": "A refund did not arrive",
    "payment.refund_waits": "A refund waits for the payment provider",
    "payment.page_refused": "The payment provider refuses to open a page",
    "payment.flagged": "A payment does not fit its order",
    "payment.refunded_elsewhere": "Money was given back at the payment provider",
    "payment.disputed": "A payment is disputed",
    "payment.dispute_lost": "A dispute was lost: the bank has given the money back",
    "webhook_event.flagged": "A message of a payment provider fits no payment",
}
_REASONS = {
    "mode": "it is about play money, or should be",
    "session": "it names another payment page",
    "key": "it names another payment of ours",
    "order": "it names another order",
    "currency": "it is in another currency",
    "amount": "it is about another amount",
    "captured": "another amount came in",
    "total": "the order costs something else by now",
    "unknown": "it is about no payment of ours",
}


@transaction.atomic
def tell_staff(event: DomainEvent) -> int:
    """Write a mail to each of the staff who may see payments; returns how many. Nothing for what needs nobody.

    An event that is handed on once more makes copies of the same mails.
    """
    title = _TOLD.get(event.name)
    if title is None:
        return 0
    addresses = list(staff_who_may(PERMISSION).values_list("email", flat=True))
    context = {"title": title, **_facts(event.data)}
    for address in addresses:
        message_id = mail.message_id_of("payment_alert", event.pk, address)
        mail.send_later("notifications/payment_alert", to=address, context=context, message_id=message_id)
    return len(addresses)


def _facts(data: dict[str, Any]) -> dict[str, Any]:
    order = data.get("order")
    page = (
        reverse("admin:orders_order_change", args=[order]) if order else reverse("admin:orders_webhookevent_changelist")
    )
    return {
        "number": data.get("number", ""),
        "amount": data.get("amount", ""),
        "gateway": data.get("gateway", ""),
        "reason": _REASONS.get(data.get("reason", ""), ""),
        "url": settings.PUBLIC_BASE_URL + page,
    }
