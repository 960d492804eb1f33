"""Reading what Stripe's objects say. The sandbox speaks the same."""

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, NoReturn

from fantasize.core.errors import MalformedError
from orders.payments.base import Notice, from_minor_units
from orders.payments.facts import Facts

_Reader = Callable[[Mapping[str, Any]], Notice]

# Of a refund whose money did not arrive.
CAME_BACK = ("failed", "canceled")


def read_event(body: bytes) -> Notice:
    """What a signed message says; only what we need of it is kept.

    Raises:
        MalformedError: it is no event.
    """
    try:
        notice = _read(json.loads(body, parse_constant=_refuse_constant))
        # What is kept must be text: lone surrogates, which only an escape can bring in, are none.
        "".join((notice.event_id, notice.kind, *_named(notice))).encode()
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError):
        raise MalformedError("The message is no event.") from None
    return notice


def _named(notice: Notice) -> tuple[str, ...]:
    return notice.key, notice.order, notice.provider_id, notice.currency, notice.facts.payment_ref


def _refuse_constant(text: str) -> NoReturn:
    raise ValueError(text)


def notice_of_session(session: Mapping[str, Any], *, kind: str = "", event_id: str = "") -> Notice:
    """What a Checkout Session says, with its payment and charge where they are expanded."""
    currency = str(session["currency"]).upper()
    payment = session.get("payment_intent") or {}
    is_expanded = isinstance(payment, Mapping)
    charge = (is_expanded and payment.get("latest_charge")) or {}
    amount = from_minor_units(session["amount_total"], currency)
    is_completed, is_paid = session["status"] == "complete", session["payment_status"] == "paid"
    facts = Facts(
        is_completed=is_completed,
        captured=amount if is_paid else from_minor_units(0, currency),
        refunded=from_minor_units(charge.get("amount_refunded", 0), currency),
        # What is complete and not paid waits for a bank, or the bank has said no.
        is_failed=is_completed and is_expanded and payment.get("status") in _REFUSED,
        is_expired=session["status"] == "expired",
        is_disputed=bool(charge.get("disputed", False)),
        payment_ref=str(payment.get("id", "") if isinstance(payment, Mapping) else payment),
    )
    told = _names(session.get("metadata"))
    return Notice(
        event_id=event_id,
        kind=kind or "checkout.session",
        key=str(session.get("client_reference_id") or told["key"]),
        order=told["order"],
        provider_id=str(session["id"]),
        amount=amount,
        currency=currency,
        is_live=bool(session.get("livemode", False)),
        facts=facts,
    )


_REFUSED = ("requires_payment_method", "canceled")


def _read(event: Mapping[str, Any]) -> Notice:
    kind, event_id, thing = str(event["type"]), str(event["id"]), event["data"]["object"]
    is_live = bool(event.get("livemode", False))
    if not 0 < len(event_id) <= _MAX_ID or not isinstance(thing, Mapping):
        raise ValueError(event_id)
    read = _READERS.get(kind)
    if read is None:
        return Notice(event_id, kind[:_MAX_ID], is_known=False, is_live=is_live)
    notice = read(thing)
    return _with(notice, event_id=event_id, kind=kind, is_live=is_live)


_MAX_ID = 120


def _with(notice: Notice, **changes: Any) -> Notice:
    values = {name: getattr(notice, name) for name in Notice.__slots__}
    return Notice(**{**values, **changes})


def _failed_session(session: Mapping[str, Any]) -> Notice:
    notice = notice_of_session(session)
    return _with(notice, facts=notice.facts.joined(Facts(is_completed=True, is_failed=True)))


def _failed_payment(payment: Mapping[str, Any]) -> Notice:
    """A declined card: the page stays open for another one."""
    return _about(payment, Facts(is_failed=True, payment_ref=str(payment["id"])))


def _refunded(charge: Mapping[str, Any]) -> Notice:
    back = from_minor_units(charge["amount_refunded"], str(charge["currency"]).upper())
    return _about(charge, Facts(refunded=back, payment_ref=str(charge["payment_intent"])))


def _refund(refund: Mapping[str, Any]) -> Notice:
    """One of several, maybe: by our name, which we had written on it, or as the provider calls it."""
    told = refund.get("metadata") or {}
    amount = from_minor_units(refund["amount"], str(refund["currency"]).upper())
    made = frozenset({(str(told.get("refund") or refund["id"]), amount)})
    failed: frozenset[tuple[str, Decimal]] = made if refund.get("status") in CAME_BACK else frozenset()
    return _about(refund, Facts(refunds=made, failed_refunds=failed, payment_ref=str(refund["payment_intent"])))


def _disputed(dispute: Mapping[str, Any]) -> Notice:
    return _about(dispute, Facts(is_disputed=True, payment_ref=str(dispute["payment_intent"])))


def _dispute_closed(dispute: Mapping[str, Any]) -> Notice:
    name, is_lost = str(dispute["payment_intent"]), dispute.get("status") == "lost"
    return _about(dispute, Facts(is_disputed=True, is_dispute_closed=True, is_dispute_lost=is_lost, payment_ref=name))


def _about(thing: Mapping[str, Any], facts: Facts) -> Notice:
    told = _names(thing.get("metadata"))
    return Notice("", "", key=told["key"], order=told["order"], currency=str(thing["currency"]).upper(), facts=facts)


def _names(metadata: Mapping[str, Any] | None) -> dict[str, str]:
    """What we had the provider write on everything that belongs to a session."""
    found = metadata or {}
    return {"key": str(found.get("session", "")), "order": str(found.get("order", ""))}


_READERS: Mapping[str, _Reader] = {
    "checkout.session.completed": notice_of_session,
    "checkout.session.async_payment_succeeded": notice_of_session,
    "checkout.session.async_payment_failed": _failed_session,
    "checkout.session.expired": notice_of_session,
    "payment_intent.payment_failed": _failed_payment,
    "charge.refunded": _refunded,
    "charge.refund.updated": _refund,
    "refund.created": _refund,
    "refund.updated": _refund,
    "refund.failed": _refund,
    "charge.dispute.created": _disputed,
    "charge.dispute.closed": _dispute_closed,
}
