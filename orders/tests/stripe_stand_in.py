"""Stripe for tests: a local server that keeps Checkout Sessions, payments, refunds and idempotency keys as Stripe does.

It can be slow, lose answers, fail after it has done what was asked, and tell of it never, twice, or in any order.
"""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

SECRET = "whsec_of_the_tests"
KEY = "sk_test_of_the_tests"

Answer = tuple[int, dict[str, Any]]


def _fault(status: int, kind: str, code: str = "") -> Answer:
    return status, {"error": {"type": kind, "code": code, "message": "No."}}


@dataclass
class StripeStandIn:
    """What Stripe knows.

    Attributes:
        calls: method and path of every call, in order.
        keys: the answer to each idempotency key, and to which call it was given.
        events: what happened, for tests to tell of as they like.
        delay: seconds before an answer.
        loses: how many answers are lost after everything was done.
        breaks: how many calls are answered with 500 after everything was done.
        refuses: how many refunds are not made, and said so.
        fails: how many refunds are made and have failed by the time of the answer.
    """

    url: str = ""
    sessions: dict[str, dict[str, Any]] = field(default_factory=dict)
    charges: dict[str, dict[str, Any]] = field(default_factory=dict)
    refunds: list[dict[str, Any]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    keys: dict[str, tuple[Any, Answer]] = field(default_factory=dict)
    events: list[bytes] = field(default_factory=list)
    delay: float = 0.0
    loses: int = 0
    breaks: int = 0
    refuses: int = 0
    fails: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, method: str, path: str, params: dict[str, str], key: str | None) -> Answer:
        """What a call is answered; under a key always the same."""
        with self.lock:
            self.calls.append(f"{method} {path}")
            call = (method, path, params)
            if key and key in self.keys:
                asked, answered = self.keys[key]
                return answered if asked == call else _fault(400, "idempotency_error")
            answered = self._do(method, path, params)
            if self.breaks:
                self.breaks -= 1
                answered = _fault(500, "api_error")
            if key and answered[0] != 400:
                self.keys[key] = (call, answered)
            return answered

    def pay(self, session_id: str, *, is_late: bool = False) -> None:
        """Somebody has gone through the page; ``is_late``: their bank has not answered yet."""
        session = self.sessions[session_id]
        session |= {"status": "complete", "payment_status": "unpaid" if is_late else "paid"}
        payment = f"pi_{session_id}"
        session["payment_intent"] = payment
        charge = {"id": f"ch_{session_id}", "payment_intent": payment, "currency": session["currency"]}
        charge |= {"amount": session["amount_total"], "amount_refunded": 0, "disputed": False}
        self.charges[payment] = charge | {"metadata": session["metadata"], "is_paid": not is_late}
        self._happen("checkout.session.completed", session)

    def settle(self, session_id: str, *, is_good: bool) -> None:
        """The bank has answered."""
        session = self.sessions[session_id]
        session["payment_status"] = "paid" if is_good else "unpaid"
        self.charges[session["payment_intent"]] |= {"is_paid": is_good, "is_refused": not is_good}
        self._happen(f"checkout.session.async_payment_{'succeeded' if is_good else 'failed'}", session)

    def refund(self, payment: str, amount: int, key: str = "") -> None:
        """Somebody gives money back, here or at Stripe's own dashboard."""
        charge = self.charges[payment]
        charge["amount_refunded"] += amount
        refund = {"id": f"re_{len(self.refunds)}", "object": "refund", "payment_intent": payment, "amount": amount}
        self.refunds.append({**refund, "status": "succeeded", "metadata": {"refund": key} if key else {}})
        self._happen("charge.refunded", charge)

    def bounce(self, number: int) -> None:
        """A refund did not arrive, long after it was made: the money is back with the shop."""
        refund = self.refunds[number]
        charge = self.charges[refund["payment_intent"]]
        charge["amount_refunded"] -= refund["amount"]
        refund["status"] = "failed"
        self.happen_refund(number, "refund.failed")

    def happen_refund(self, number: int, kind: str) -> None:
        """A refund is told of by itself, as it is."""
        refund = self.refunds[number]
        self._happen(kind, refund | {"currency": self.charges[refund["payment_intent"]]["currency"]})

    def dispute(self, payment: str) -> None:
        """The shopper's bank wants it back."""
        charge = self.charges[payment]
        charge["disputed"] = True
        dispute = {"id": "dp_1", "charge": charge["id"], "payment_intent": payment, "currency": charge["currency"]}
        self._happen("charge.dispute.created", dispute)

    def _do(self, method: str, path: str, params: dict[str, str]) -> Answer:
        parts = path.removeprefix("/v1/").split("/")
        if (method, path) == ("POST", "/v1/checkout/sessions"):
            return self._open(params)
        if parts[:2] == ["checkout", "sessions"] and parts[2] in self.sessions:
            session = self.sessions[parts[2]]
            return self._expire(session) if parts[3:] == ["expire"] else (200, self._expanded(session, params))
        if path == "/v1/refunds":
            return self._give_back(params) if method == "POST" else self._refunds_of(params["payment_intent"])
        return _fault(404, "invalid_request_error", "resource_missing")

    def _open(self, params: dict[str, str]) -> Answer:
        left = int(params["expires_at"]) - time.time()
        if not 30 * 60 <= left <= 24 * 3600:
            return _fault(400, "invalid_request_error", "expires_at")
        number = f"cs_test_{len(self.sessions) + 1}"
        session = {
            "id": number,
            "object": "checkout.session",
            "url": f"{self.url}/pay/{number}",
            "status": "open",
            "payment_status": "unpaid",
            "payment_intent": None,
            "livemode": False,
            "amount_total": int(params["line_items[0][price_data][unit_amount]"]),
            "currency": params["line_items[0][price_data][currency]"],
            "client_reference_id": params["client_reference_id"],
            "metadata": {name: params[f"metadata[{name}]"] for name in ("session", "order")},
            "expires_at": int(params["expires_at"]),
            "success_url": params["success_url"],
        }
        self.sessions[number] = session
        return 200, session

    def _expire(self, session: dict[str, Any]) -> Answer:
        if session["status"] != "open":
            return _fault(400, "invalid_request_error", "session_not_open")
        session["status"] = "expired"
        self._happen("checkout.session.expired", session)
        return 200, session

    def _expanded(self, session: dict[str, Any], params: dict[str, str]) -> dict[str, Any]:
        charge = self.charges.get(session["payment_intent"] or "")
        if charge is None or params.get("expand[0]") != "payment_intent.latest_charge":
            return session
        status = "succeeded" if charge["is_paid"] else "processing"
        if charge.get("is_refused"):
            status = "requires_payment_method"
        payment = {"id": charge["payment_intent"], "object": "payment_intent", "status": status}
        return session | {"payment_intent": payment | {"latest_charge": {**charge, "object": "charge"}}}

    def _give_back(self, params: dict[str, str]) -> Answer:
        charge, amount = self.charges[params["payment_intent"]], int(params["amount"])
        if charge["amount_refunded"] + amount > charge["amount"]:
            return _fault(400, "invalid_request_error", "charge_already_refunded")
        if self.refuses:
            self.refuses -= 1
            return _fault(400, "invalid_request_error", "balance_insufficient")
        self.refund(params["payment_intent"], amount, params["metadata[refund]"])
        if self.fails:
            self.fails -= 1
            self.bounce(len(self.refunds) - 1)
        return 200, self.refunds[-1]

    def _refunds_of(self, payment: str) -> Answer:
        found = [refund for refund in reversed(self.refunds) if refund["payment_intent"] == payment]
        return 200, {"object": "list", "url": "/v1/refunds", "has_more": False, "data": found}

    def _happen(self, kind: str, thing: dict[str, Any]) -> None:
        event = {"id": f"evt_{len(self.events) + 1}", "object": "event", "type": kind, "livemode": False}
        self.events.append(json.dumps({**event, "data": {"object": thing}}).encode())


class _Handler(BaseHTTPRequestHandler):
    """Answers out of the server's ``StripeStandIn``."""

    stripe: StripeStandIn

    def do_GET(self) -> None:
        self._answer(dict(parse_qsl(urlsplit(self.path).query)))

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self._answer(dict(parse_qsl(self.rfile.read(length).decode())))

    def _answer(self, params: dict[str, str]) -> None:
        if self.headers["Authorization"] != f"Bearer {KEY}":
            return self._send(*_fault(401, "invalid_request_error"))
        answered = self.stripe.answer(
            self.command, urlsplit(self.path).path, params, self.headers.get("Idempotency-Key")
        )
        time.sleep(self.stripe.delay)
        if self.stripe.loses:
            self.stripe.loses -= 1
            self.close_connection = True
            return None
        return self._send(*answered)

    def _send(self, status: int, document: dict[str, Any]) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's name
        """Keep quiet."""


@contextmanager
def stripe_stand_in(settings: Any) -> Iterator[StripeStandIn]:
    """A running Stripe that the shop's new payments go to."""
    stripe = StripeStandIn()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"stripe": stripe}))
    stripe.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    settings.STRIPE_API_KEY, settings.STRIPE_API_BASE = KEY, stripe.url
    settings.STRIPE_WEBHOOK_SECRETS = ["whsec_of_before", SECRET]
    try:
        yield stripe
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
