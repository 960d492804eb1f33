"""Messages that nobody of ours has signed, or that say nothing, change nothing."""

import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings

from fantasize.core import clock
from orders.models import WebhookEvent
from orders.payments import signatures
from orders.tests.payment_shop import encoded, make_unpaid, open_page, paid_event, post, signed, standing

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_what_nobody_of_ours_has_signed_does_nothing(settings: Any) -> None:
    order = make_unpaid()
    body = encoded(paid_event(open_page(order)))
    good = signed(body)
    stamp, digest = good.removeprefix("t=").split(",v1=")
    far = clock.now() + timedelta(minutes=6)
    past = clock.now() - timedelta(seconds=301)
    secret = settings.SANDBOX_WEBHOOK_SECRET
    forged = [
        ("", body),
        ("nonsense", body),
        (f"t={stamp}", body),
        (f"v1={digest}", body),
        (f"t={stamp},v0={digest}", body),
        (f"t={stamp},v1={digest[:-1]}0", body) if not digest.endswith("0") else (f"t={stamp},v1={digest[:-1]}1", body),
        (f"t={stamp},t={stamp},v1={digest}", body),
        (f"t={int(stamp) + 1},v1={digest}", body),
        (f"t=x{stamp},v1={digest}", body),
        (f"t={'9' * 20},v1={digest}", body),
        (f"t={stamp},v1=é", body),
        (signatures.sign(body, secret, far), body),
        (signatures.sign(body, secret, past), body),
        (signed(body, "another secret"), body),
        (signed(body, " "), body),
        (good, body + b" "),
        (good, encoded(json.loads(body) | {"id": "evt_2"})),
        (good, json.dumps(json.loads(body), indent=1).encode()),
    ]
    for signature, sent in forged:
        reply = post(sent, signature)
        assert (reply.status, reply.body["code"]) == (400, "webhook_signature_invalid"), signature
    for gateway in ("stripe", "nobody", "cash_on_delivery"):
        assert post(body, good, gateway=gateway).status == 400
    assert not WebhookEvent.objects.exists()
    assert standing(order) == ("pending", "unpaid")
    assert post(body, f"{good},v1=00").status == 200, "one of several signatures is enough"


def test_a_secret_that_is_not_set_signs_nothing(settings: Any) -> None:
    settings.STRIPE_API_KEY, settings.STRIPE_WEBHOOK_SECRETS = "sk_test_1", []
    body = b"{}"
    stamp = str(int(clock.now().timestamp()))
    empty = hmac.new(b"", f"{stamp}.".encode() + body, "sha256").hexdigest()
    assert post(body, f"t={stamp},v1={empty}", gateway="stripe").status == 400


@pytest.mark.parametrize("age", [-301, -300, 0, 300, 301])
def test_signatures_are_good_for_five_minutes_either_way(age: int) -> None:
    body = b'{"id": "e", "type": "x", "data": {"object": {}}}'
    signature = signatures.sign(body, settings.SANDBOX_WEBHOOK_SECRET, NOON + timedelta(seconds=age))
    with clock.frozen_at(NOON):
        assert post(body, signature).status == (200 if abs(age) <= 300 else 400)


@pytest.mark.parametrize(
    "body",
    [b"", b"nonsense", b"[]", b"{}", b'{"id": "e", "type": "checkout.session.completed", "data": {"object": {}}}',
     b'{"id": "", "type": "x", "data": {"object": {}}}', b'{"id": "e", "type": "x", "data": {"object": []}}',
     b'{"id": "e", "type": "charge.refunded", "data": {"object": {"currency": "usd", "amount_refunded": "x"}}}',
     b'{"id": "\\ud800", "type": "x", "data": {"object": {}}}',
     b'{"id": "e", "type": "\\ud800", "data": {"object": {}}}',
     b'{"id": "e", "type": "x", "data": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
     b'{"id": "e", "type": "charge.refunded", "data": {"object": {"currency": "usd", "amount_refunded": NaN}}}',
     b'{"id": "e", "type": "x", "data": {"object": {"n": NaN}}}', b"\xff\xfe",
     b'{"id": null, "type": null, "data": null}'],
)  # fmt: skip
def test_what_says_nothing_is_refused(body: bytes) -> None:
    assert post(body, signed(body)).status == 400
    assert not WebhookEvent.objects.exists()


def test_nothing_larger_than_a_mebibyte_is_read() -> None:
    body = b" " * (1024 * 1024 + 1)
    assert post(body, signed(body)).status == 413
