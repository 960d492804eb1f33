"""Paying in tests: orders that wait for a payment, and what their providers tell."""

import json
from typing import Any

from django.conf import settings

from accounts.models import User
from catalog.models import Product
from fantasize.core.models import DomainEvent
from fantasize.tests.client import ApiClient, Reply
from orders.enums import PaymentMethod
from orders.models import Order, Payment, PaymentSession, SandboxSession
from orders.payments import sandbox, signatures
from orders.services import checkout_sessions, webhooks
from orders.tests.factories import make_order


def make_unpaid(*, user: User | None = None, product: Product | None = None, quantity: int = 1) -> Order:
    """A pending order to be paid on a page."""
    return make_order(user=user, product=product, quantity=quantity, method=PaymentMethod.HOSTED)


def open_page(order: Order) -> PaymentSession:
    """The order's page to pay on."""
    payment = checkout_sessions.open_page(order_id=order.pk)
    return PaymentSession.objects.select_related("payment", "order").get(payment=payment)


def press(session: PaymentSession, action: str) -> None:
    """A button of the sandbox's page; the shop hears of it at once."""
    page, kind = sandbox.press(session.provider_id, action)
    tell(sandbox.event_document(page, kind))


def tell(event: bytes | dict[str, Any], *, gateway: str = "sandbox", secret: str = "") -> None:
    """A message of a provider, as if it had come over HTTP."""
    body = event if isinstance(event, bytes) else json.dumps(event).encode()
    signature = signatures.sign(body, secret or settings.SANDBOX_WEBHOOK_SECRET)
    webhooks.receive(gateway=gateway, body=body, signature=signature)


def encoded(event: dict[str, Any]) -> bytes:
    """A message as it is sent."""
    return json.dumps(event).encode()


def signed(body: bytes, secret: str = "") -> str:
    """Its signature by the sandbox."""
    return signatures.sign(body, secret or settings.SANDBOX_WEBHOOK_SECRET)


def post(event: bytes, signature: str, *, gateway: str = "sandbox") -> Reply:
    """A message over HTTP."""
    client = ApiClient()
    answer = client.client.generic(
        "POST",
        f"/api/v2/payments/webhooks/{gateway}",
        event,
        "application/json",
        headers={"Stripe-Signature": signature},
    )
    return Reply(answer)


def paid_event(session: PaymentSession, **changes: Any) -> dict[str, Any]:
    """What the sandbox would say of a page that was paid on; ``changes`` are of its session."""
    page = SandboxSession.objects.get(provider_id=session.provider_id)
    page.is_completed = page.is_paid = True
    event: dict[str, Any] = json.loads(sandbox.event_document(page, "checkout.session.completed"))
    event["data"]["object"] |= changes
    return event


def names_of(order: Order) -> list[str]:
    """What the customer was told, in order."""
    events = DomainEvent.objects.filter(aggregate="order", aggregate_id=str(order.pk)).order_by("seq")
    return [name.removeprefix("order.") for name in events.values_list("name", flat=True)]


def alerts() -> list[str]:
    """What staff were told, in order."""
    events = DomainEvent.objects.filter(aggregate__in=["payment", "webhook_event"]).order_by("pk")
    return list(events.values_list("name", flat=True))


def standing(order: Order) -> tuple[str, str]:
    """Status and payment status."""
    row = Order.objects.get(pk=order.pk)
    return row.status, row.payment_status


def payment_of(order: Order) -> Payment:
    """The order's only payment."""
    return Payment.objects.get(order=order)
