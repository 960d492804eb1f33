"""A provider that moves no money: its own books, its own page, and messages signed and sent as Stripe's are."""

import hashlib
import json
import secrets
from datetime import timedelta
from decimal import Decimal
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction

from fantasize.core import clock
from orders.models import Order, SandboxSession
from orders.payments import notices, signatures
from orders.payments.base import (
    Checkout,
    GatewayDownError,
    GatewayRefusedError,
    Notice,
    OpenedSession,
    minor_units,
)

ACTIONS = ("pay", "fail", "cancel", "pay_late")
WEBHOOK_PATH = "/api/v2/payments/webhooks/sandbox"
_LONGEST = timedelta(minutes=35)
# After the shop has given the goods back, which it does every half a minute.
_LATE = timedelta(minutes=1)
_CONNECT_SECONDS = 2
_TOTAL_SECONDS = 8
_PAID_LATE = "checkout.session.async_payment_succeeded"


class SandboxGateway:
    """The sandbox as the shop sees it."""

    name: ClassVar[str] = "sandbox"
    is_hosted: ClassVar[bool] = True
    is_live: ClassVar[bool] = False

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def session_lifetime(self) -> timedelta:
        """As Stripe's, but always shorter than goods are held, however short that is."""
        return min(_LONGEST, timedelta(minutes=settings.HOLD_MINUTES) * 3 / 4)

    def open_session(self, checkout: Checkout) -> OpenedSession:
        """A page; the same one for the same key."""
        facts = {name: getattr(checkout, name) for name in _ASKED}
        new = {**facts, "provider_id": f"cs_sandbox_{secrets.token_urlsafe(32)}"}
        row, _ = SandboxSession.objects.get_or_create(key=checkout.key, defaults=new)
        return OpenedSession(row.provider_id, address_of(row), row.expires_at)

    def fetch_session(self, provider_id: str) -> Notice:
        """How it stands in the sandbox's books."""
        return notices.notice_of_session(_session_document(_get(provider_id)))

    def expire_session(self, provider_id: str) -> None:
        """Close the page."""
        SandboxSession.objects.filter(provider_id=provider_id, is_completed=False).update(is_cancelled=True)

    def refund(self, payment_ref: str, *, amount: Decimal, currency: str, key: str) -> str:  # noqa: ARG002 - one currency
        """Note that money goes back; once under its key."""
        with transaction.atomic():
            row = SandboxSession.objects.select_for_update().filter(provider_id=_session_of(payment_ref)).first()
            if row is None or not row.is_paid:
                raise GatewayRefusedError("There is no such payment.")
            row.refunds.setdefault(key, str(amount))
            if row.refunded > row.amount:
                raise GatewayRefusedError("There is not so much to give back.")
            row.save()
        return _refund_name(key)

    def find_refund(self, payment_ref: str, *, key: str) -> str:
        """By its key, under which it is noted."""
        row = SandboxSession.objects.filter(provider_id=_session_of(payment_ref), refunds__has_key=key).first()
        return _refund_name(key) if row else ""

    def read_webhook(self, body: bytes, signature: str) -> Notice:
        """What a message says, once it is known to be the sandbox's."""
        signatures.require_valid(body, signature, [self._secret])
        return notices.read_event(body)


_ASKED = ("order", "number", "amount", "currency", "success_url", "cancel_url", "expires_at")


def address_of(row: SandboxSession) -> str:
    """Where its page is."""
    return f"{settings.PUBLIC_BASE_URL}/pay/sandbox/{row.provider_id}"


def press(provider_id: str, action: str) -> tuple[SandboxSession, str]:
    """One of the page's buttons; the page as it is then, and what the shop is to be told (empty: nothing yet).

    Locks the page. Pressing anything on a page that is over changes nothing.
    """
    with transaction.atomic():
        row = SandboxSession.objects.select_for_update().get(provider_id=provider_id)
        kind = _PRESSED[action](row) if row.is_open else ""
        row.save()
    return row, kind


def pay_late(provider_id: str) -> str:
    """The late payment arrives; what the shop is to be told."""
    SandboxSession.objects.filter(provider_id=provider_id, is_failed=False).update(is_paid=True)
    return _PAID_LATE


def send(provider_id: str, kind: str) -> None:
    """Tell the shop what happened, over HTTP, as any provider would.

    Raises:
        GatewayDownError: the shop did not take it.
    """
    body = event_document(_get(provider_id), kind)
    headers = {
        "Content-Type": "application/json",
        "Stripe-Signature": signatures.sign(body, settings.SANDBOX_WEBHOOK_SECRET),
    }
    url = urlsplit(settings.PUBLIC_BASE_URL)
    connection_of = HTTPSConnection if url.scheme == "https" else HTTPConnection
    connection = connection_of(url.hostname or "", url.port, timeout=_CONNECT_SECONDS)
    try:
        connection.connect()
        connection.sock.settimeout(_TOTAL_SECONDS)
        connection.request("POST", url.path.rstrip("/") + WEBHOOK_PATH, body, headers)
        status = connection.getresponse().status
    except (OSError, HTTPException) as error:
        raise GatewayDownError(type(error).__name__) from None
    finally:
        connection.close()
    if status != HTTPStatus.OK:
        raise GatewayDownError(f"status {status}")


def event_document(row: SandboxSession, kind: str) -> bytes:
    """The message; the same bytes for the same thing."""
    number = hashlib.sha256(f"{row.provider_id} {kind}".encode()).hexdigest()[:24]
    document = {"id": f"evt_sandbox_{number}", "object": "event", "type": kind, "livemode": False}
    return json.dumps({**document, "data": {"object": _session_document(row)}}).encode()


def _get(provider_id: str) -> SandboxSession:
    row = SandboxSession.objects.filter(provider_id=provider_id).first()
    if row is None:
        raise GatewayRefusedError("There is no such session.")
    return row


def _session_document(row: SandboxSession) -> dict[str, Any]:
    """A page as Stripe would describe it."""
    charge = {"amount_refunded": minor_units(row.refunded, row.currency)}
    payment = {"id": f"pi_{row.provider_id}", "status": _status_of_payment(row), "latest_charge": charge}
    is_over = row.is_cancelled or (not row.is_completed and not row.is_open)
    return {
        "id": row.provider_id,
        "object": "checkout.session",
        "client_reference_id": row.key,
        "metadata": {"session": row.key, "order": row.order},
        "amount_total": minor_units(row.amount, row.currency),
        "currency": row.currency.lower(),
        "livemode": False,
        "status": "complete" if row.is_completed else "expired" if is_over else "open",
        "payment_status": "paid" if row.is_paid else "unpaid",
        "payment_intent": payment if row.is_completed else None,
    }


def _status_of_payment(row: SandboxSession) -> str:
    if row.is_paid:
        return "succeeded"
    return "requires_payment_method" if row.is_failed else "processing"


def _refund_name(key: str) -> str:
    return f"re_sandbox_{key}"


def _session_of(payment_ref: str) -> str:
    return payment_ref.removeprefix("pi_")


def _pay(row: SandboxSession) -> str:
    row.is_completed = row.is_paid = True
    return "checkout.session.completed"


def _fail(row: SandboxSession) -> str:
    row.is_completed = row.is_failed = True
    return "checkout.session.async_payment_failed"


def _cancel(row: SandboxSession) -> str:
    row.is_cancelled = True
    return "checkout.session.expired"


def _pay_late(row: SandboxSession) -> str:
    """Like a bank transfer that takes so long that the shop has given up on it."""
    row.is_completed = True
    held_until = Order.objects.filter(pk=row.order).values_list("hold_expires_at", flat=True).first()
    row.pays_at = max(filter(None, (held_until, clock.now()))) + _LATE
    return "checkout.session.completed"


_PRESSED = {"pay": _pay, "fail": _fail, "cancel": _cancel, "pay_late": _pay_late}
