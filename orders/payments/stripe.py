"""Stripe: hosted Checkout Sessions by the official SDK."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from orders.payments import notices, signatures
from orders.payments.base import Checkout, GatewayDownError, GatewayRefusedError, Notice, OpenedSession, minor_units

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stripe import StripeClient

CONNECT_SECONDS = 2
# With the connection, within ten seconds in all.
READ_SECONDS = 8
# Stripe wants half an hour at least, counted from when the call arrives.
LIFETIME = timedelta(minutes=35)


class StripeGateway:
    """Stripe as the shop sees it.

    Attributes:
        api_key: secret; its beginning says whether real money is meant.
        secrets: of the webhook; several while they are being exchanged.
        api_base: where Stripe is, if elsewhere than usual.
    """

    name: ClassVar[str] = "stripe"
    is_hosted: ClassVar[bool] = True

    def __init__(self, api_key: str, secrets: Sequence[str], api_base: str = "") -> None:
        self._api_key = api_key
        self._secrets = tuple(secrets)
        self._api_base = api_base

    @property
    def is_live(self) -> bool:
        """Whether the key is one for real money."""
        return self._api_key.startswith(("sk_live_", "rk_live_"))

    def session_lifetime(self) -> timedelta:
        """A little more than the least that Stripe allows."""
        return LIFETIME

    def open_session(self, checkout: Checkout) -> OpenedSession:
        """A Checkout Session; Stripe answers a repeated key with the first one."""
        with _translated():
            session = self._client.v1.checkout.sessions.create(
                _wanted(checkout),  # type: ignore[arg-type]  # a plain dictionary of what the SDK types in full
                {"idempotency_key": checkout.key},
            )
        return OpenedSession(session.id, str(session.url), datetime.fromtimestamp(session.expires_at, UTC))

    def fetch_session(self, provider_id: str) -> Notice:
        """The session with its payment and charge."""
        with _translated():
            session = self._client.v1.checkout.sessions.retrieve(
                provider_id, {"expand": ["payment_intent.latest_charge"]}
            )
        return notices.notice_of_session(session.to_dict())

    def expire_session(self, provider_id: str) -> None:
        """Close the page; one that is over already is left alone."""
        with _translated():
            self._client.v1.checkout.sessions.expire(provider_id)

    def refund(self, payment_ref: str, *, amount: Decimal, currency: str, key: str) -> str:
        """A refund of the payment."""
        with _translated():
            refund = self._client.v1.refunds.create(
                {"payment_intent": payment_ref, "amount": minor_units(amount, currency), "metadata": {"refund": key}},
                {"idempotency_key": key},
            )
        # Some are refused at once by an answer like any other.
        if refund.to_dict().get("status") in notices.CAME_BACK:
            raise GatewayRefusedError(f"refund {refund.status}")
        return refund.id

    def find_refund(self, payment_ref: str, *, key: str) -> str:
        """By what is written on it: Stripe forgets keys after a day."""
        with _translated():
            made = self._client.v1.refunds.list({"payment_intent": payment_ref, "limit": 100})
            return next((each.id for each in made.auto_paging_iter() if _is_made(each, key)), "")

    def read_webhook(self, body: bytes, signature: str) -> Notice:
        """What a message says, once it is known to be Stripe's."""
        signatures.require_valid(body, signature, self._secrets)
        return notices.read_event(body)

    @cached_property
    def _client(self) -> StripeClient:
        # A big library, which no process needs before the first payment.
        from stripe import RequestsClient, StripeClient  # noqa: PLC0415 - as above

        return StripeClient(
            self._api_key,
            base_addresses={"api": self._api_base} if self._api_base else None,
            http_client=RequestsClient(timeout=(CONNECT_SECONDS, READ_SECONDS)),
            # Who repeats a call is our own business: each keeps to its ten seconds.
            max_network_retries=0,
        )


def _wanted(checkout: Checkout) -> dict[str, Any]:
    """What a session is made of. Nothing in it says who pays."""
    names = {"session": checkout.key, "order": checkout.order}
    price = {
        "currency": checkout.currency.lower(),
        "unit_amount": minor_units(checkout.amount, checkout.currency),
        "product_data": {"name": f"Order {checkout.number}"},
    }
    return {
        "mode": "payment",
        "client_reference_id": checkout.key,
        "metadata": names,
        # Copied to the charge, so that news of it can be told apart even before we know its name.
        "payment_intent_data": {"metadata": names},
        "line_items": [{"price_data": price, "quantity": 1}],
        "expires_at": int(checkout.expires_at.timestamp()),
        "success_url": checkout.success_url,
        "cancel_url": checkout.cancel_url,
    }


def _is_made(refund: Any, key: str) -> bool:
    """Whether that is what was asked for under the key, and the money has not come back to us since."""
    said = refund.to_dict()
    return (said.get("metadata") or {}).get("refund") == key and said.get("status") not in notices.CAME_BACK


@contextmanager
def _translated() -> Iterator[None]:
    """Stripe's errors as ours: what may be tried again, and what may not."""
    import stripe  # noqa: PLC0415 - as above

    try:
        yield
    except (stripe.APIConnectionError, stripe.RateLimitError) as error:
        raise GatewayDownError(type(error).__name__) from None
    except stripe.StripeError as error:
        reason = f"{type(error).__name__} {error.code or ''}".strip()
        if error.http_status == _IN_FLIGHT:
            raise GatewayDownError(reason) from None
        if (error.http_status or _SERVER_FAULT) >= _SERVER_FAULT:
            # Stripe keeps even such an answer under its key.
            raise GatewayDownError(reason, is_final=True) from None
        raise GatewayRefusedError(reason) from None


_SERVER_FAULT = 500
_IN_FLIGHT = 409
