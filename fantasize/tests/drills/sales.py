"""One sale from the order to the money, by a buyer and a payment provider who both ask until they are answered."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import uuid4

from fantasize.tests.drills import points, provider, seams
from fantasize.tests.drills.stage import Stage, insist
from fantasize.tests.journeys.shop import Answer
from fantasize.tests.waiting import wait_until

# The provider's own books, which it keeps where the sandbox does.
_PAGE = """
    UPDATE orders_sandboxsession SET is_completed = true, is_paid = %s, is_failed = NOT %s
     WHERE provider_id = (
         SELECT provider_id FROM orders_sandboxsession WHERE "order" = %s ORDER BY created_at DESC LIMIT 1
     )
 RETURNING provider_id, key, amount, currency
"""
# What there is of one order: nothing twice, nothing missing.
_BOOKS = """
    SELECT (SELECT count(*) FROM orders_order WHERE user_id = o.user_id),
           (SELECT count(*) FROM orders_payment WHERE order_id = o.id AND captured_at IS NOT NULL),
           (SELECT array_agg(outcome) FROM orders_hold WHERE order_id = o.id),
           (SELECT sum(delta)::int FROM catalog_stockmovement WHERE reference = o.number::text),
           (SELECT array_agg(name ORDER BY seq) FROM core_domainevent WHERE aggregate_id = o.id::text),
           status, payment_status
      FROM orders_order AS o WHERE o.id = %s
"""
_NAMES = 4
_TOLD = ["order.placed", "order.payment_failed", "order.paid", "order.processing"]
SOLD_ONCE = (1, 1, ["consumed"], -1, _TOLD, "processing", "paid")


@dataclass(frozen=True, slots=True)
class Sale:
    """What became of it.

    Attributes:
        seconds: until everybody had their answers.
        books: what the shop wrote down; ``SOLD_ONCE`` is right.
    """

    order: str
    number: int
    seconds: float
    books: Sequence[Any]


def sell(stage: Stage, buyer: str, *, point: str, victim: str) -> Sale:
    """Sell one lantern, paid for at the second try, while somebody is killed at a point of it."""
    seams.switch(stage.shop.data_dir, points.switch_name(point, victim)).touch()
    began = time.monotonic()
    placing = partial(stage.place, buyer, stage.goods["lantern"], key=str(uuid4()), method="hosted")
    placed = _succeed(placing, 201)
    for kind, told in ((provider.FAILED, "order.payment_failed"), (provider.PAID, "order.processing")):
        _succeed(partial(open_page, stage, buyer, placed["id"], str(uuid4())), 200)
        _succeed(partial(tell, stage, message(stage, placed["id"], kind)), 200)
        # Who was killed after they had kept the message have left it to the worker.
        wait_until(partial(_is_told, stage, placed["id"], told), told)
    seconds = time.monotonic() - began
    assert _succeed(placing, 201) == placed
    return Sale(placed["id"], placed["number"], seconds, stage.query(_BOOKS, placed["id"])[0])


def _is_told(stage: Stage, order: str, event: str) -> bool:
    return event in stage.query(_BOOKS, order)[0][_NAMES]


def was_hit(stage: Stage, *, point: str, victim: str) -> bool:
    """Whether the process was killed there; the worker comes to its points when everybody else has gone on."""
    return not seams.switch(stage.shop.data_dir, points.switch_name(point, victim)).exists()


def mails_about(stage: Stage, number: int) -> list[str]:
    """The Message-IDs of what staff were written about an order."""
    folder = stage.shop.data_dir / "mail"
    texts = (file.read_text() for file in sorted(folder.glob("*.eml")))
    return [_message_id(text) for text in texts if f"order {number}" in text]


def _message_id(text: str) -> str:
    return next(line for line in text.splitlines() if line.lower().startswith("message-id:"))


def _succeed(ask: Any, status: int) -> Any:
    """The data of the final answer, which must be this one."""
    answer = insist(ask)
    assert answer.status == status, answer.body
    return answer.data


def open_page(stage: Stage, buyer: str, order: str, key: str) -> Answer:
    return stage.shop.call("POST", f"/api/v2/orders/{order}/checkout", token=buyer, Idempotency_Key=key)


def message(stage: Stage, order: str, kind: str) -> bytes:
    """What becomes of the order's last page, as the provider says it again and again."""
    is_paid = kind == provider.PAID
    [(page, key, amount, currency)] = stage.query(_PAGE, is_paid, is_paid, order)
    return provider.message(kind, page=page, key=key, order=order, amount=amount, currency=currency)


def tell(stage: Stage, said: bytes) -> Answer:
    secret = (stage.shop.data_dir / "secrets" / "sandbox_webhook_secret").read_text()
    headers = {"Content-Type": "application/json", "Stripe-Signature": provider.sign(said, secret)}
    path = f"{stage.shop.url}/api/v2/payments/webhooks/sandbox"
    answer = stage.shop.http.request("POST", path, body=said, headers=headers)
    return Answer(answer.status, answer.headers, answer.json())
