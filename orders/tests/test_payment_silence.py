"""Providers that are away, or no longer ours, hold nobody else up; and what the sandbox sends goes over a real wire."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import pytest

from fantasize.core import clock
from fantasize.core.errors import NotFoundError
from fantasize.tests.client import ApiClient
from orders.models import Order, PaymentSession, SandboxSession, WebhookEvent
from orders.payments import calls, sandbox, signatures
from orders.payments.base import GatewayDownError, GatewayRefusedError
from orders.payments.sandbox import SandboxGateway
from orders.services import checkout_sessions, reconciling
from orders.tests.payment_shop import make_unpaid, open_page, tell

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(unpaid: Order) -> Order:
    return unpaid


@pytest.fixture(autouse=True)
def _no_failures() -> None:
    calls.forget_failures()


@pytest.mark.parametrize(("error", "is_asked"), [(GatewayDownError("x"), False), (GatewayRefusedError("x"), True)])
def test_a_page_that_cannot_be_asked_about_waits_for_its_turn(error: Exception, *, is_asked: bool) -> None:
    session = open_page(make_unpaid())
    later = clock.now() + timedelta(minutes=2)
    with clock.frozen_at(later), patch.object(SandboxGateway, "fetch_session", side_effect=error):
        assert reconciling.reconcile() == 0
    session.refresh_from_db()
    assert session.asked_at == (later if is_asked else None)
    assert session.closed_at is None


def test_pages_of_a_gateway_that_is_not_used_any_more_are_left_alone(settings: Any, order: Order) -> None:
    session = open_page(order)
    settings.SANDBOX_PAYMENTS = False
    with clock.frozen_at(clock.now() + timedelta(minutes=2)):
        assert reconciling.reconcile() == 0
    reconciling.end_pages_of(str(order.pk))
    assert PaymentSession.objects.get() == session


def test_an_open_page_stays_so_when_its_provider_calls_something_else_but_nothing_was_paid() -> None:
    session = open_page(make_unpaid())
    type(session.order).objects.update(currency="EUR")
    session.payment.__class__.objects.update(currency="EUR")
    with clock.frozen_at(clock.now() + timedelta(minutes=2)):
        assert reconciling.reconcile() == 1
    assert PaymentSession.objects.unsettled().exists()


def test_a_page_where_a_card_was_declined_stays_failed_when_its_time_is_over(order: Order) -> None:
    session = open_page(order)
    tell_declined(session)
    with clock.frozen_at(session.expires_at):
        open_page(order)
    assert sorted(order.payments.values_list("state", flat=True)) == ["failed", "pending"]


def tell_declined(session: PaymentSession) -> None:
    metadata = {"session": str(session.pk)}
    declined = {"id": "pi_1", "currency": "usd", "metadata": metadata}
    tell({"id": "e1", "type": "payment_intent.payment_failed", "data": {"object": declined}})
    assert [str(row) for row in WebhookEvent.objects.all()] == ["sandbox payment_intent.payment_failed"]


def test_an_intent_that_was_opened_while_it_was_to_be_given_up_stays(order: Order) -> None:
    session = open_page(order)
    PaymentSession.objects.update(opened_at=None)
    assert str(session) == f"sandbox {session.provider_id}"
    assert str(SandboxSession.objects.get()) == f"Sandbox page of order {order.number}"

    def find_opened(row: PaymentSession, **_: Any) -> None:
        row.opened_at = clock.now()

    late = session.expires_at + timedelta(seconds=1)
    with clock.frozen_at(late), patch.object(PaymentSession, "refresh_from_db", find_opened):
        reconciling.reconcile()
    assert PaymentSession.objects.unsettled().exists()


def test_there_is_no_page_for_an_order_that_is_not_there() -> None:
    with pytest.raises(NotFoundError):
        checkout_sessions.open_page(order_id=uuid4())


def test_a_program_pays_for_nothing(settings: Any) -> None:
    settings.API_KEYS = ["robot:a-long-enough-key-for-a-robot:orders.view_order+orders.change_order"]
    order, robot = make_unpaid(), ApiClient()
    robot.headers = {"X-API-Key": "a-long-enough-key-for-a-robot"}
    assert robot.post(f"/orders/{order.pk}/checkout", {}, Idempotency_Key="1").status == 403
    assert not PaymentSession.objects.exists()


class Listener(BaseHTTPRequestHandler):
    """Plays the shop's own route."""

    status = 200
    heard: tuple[str, bytes, str] = ("", b"", "")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        type(self).heard = (self.path, body, self.headers["Stripe-Signature"])
        self.send_response(self.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's name
        """Keep quiet."""


@pytest.fixture
def listener(settings: Any) -> Iterator[type[Listener]]:
    handler = type("Handler", (Listener,), {})
    server = HTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    settings.PUBLIC_BASE_URL = f"http://127.0.0.1:{server.server_port}"
    yield handler
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_sandbox_tells_the_shop_over_http(listener: type[Listener], settings: Any) -> None:
    session = open_page(make_unpaid())
    sandbox.send(session.provider_id, "checkout.session.expired")
    path, body, signature = listener.heard
    assert path == "/api/v2/payments/webhooks/sandbox"
    signatures.require_valid(body, signature, [settings.SANDBOX_WEBHOOK_SECRET])


def test_a_shop_that_does_not_take_it_is_told_again(listener: type[Listener], settings: Any) -> None:
    session = open_page(make_unpaid())
    listener.status = 503
    with pytest.raises(GatewayDownError, match="status 503"):
        sandbox.send(session.provider_id, "checkout.session.expired")
    settings.PUBLIC_BASE_URL = "http://127.0.0.1:1"
    with pytest.raises(GatewayDownError, match="Refused"):
        sandbox.send(session.provider_id, "checkout.session.expired")
