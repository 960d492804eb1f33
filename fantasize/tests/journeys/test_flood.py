"""A hundred buyers of ten pieces, over HTTP, while processes and the database are killed under them."""

import json
import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import psycopg
import pytest
import urllib3

from fantasize.embedded.postgres import ensure_postgres
from fantasize.tests.journeys.shop import Answer, Shop, running_shop

pytestmark = pytest.mark.processes

BUYERS, PIECES = 100, 10
ADDRESS = {
    "full_name": "Ada Lovelace",
    "line1": "12 St James's Square",
    "city": "London",
    "postal_code": "SW1Y 4JH",
    "country": "GB",
}
FINAL = {201, 409}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    limits = {
        f"RATE_LIMIT_{name}": "off" for name in ("GENERAL", "SIGNED_IN", "AUTH", "AUTH_ADDRESS", "ORDERS", "CATALOGUE")
    }
    with running_shop(tmp_path_factory.mktemp("flood"), **limits) as running:
        yield running


def seed(shop: Shop, product: str) -> tuple[int, str]:
    """A product with ten pieces, and a shopper's access token."""
    email = f"{product}@example.com"
    scenario = {
        "users": [{"email": email, "password": "correct-horse-battery", "role": "customer", "verified": True}],
        "products": [{"key": product, "name": product, "price": "5.00", "stock": PIECES}],
    }
    file = shop.data_dir / f"{product}.json"
    file.write_text(json.dumps(scenario))
    ids = json.loads(shop.manage("seed_scenario", "--json", str(file)))
    answer = shop.call("POST", "/api/v2/auth/login", {"email": email, "password": "correct-horse-battery"})
    assert answer.status == 200, answer.body
    return ids["products"][product], answer.data["access"]


def buy(shop: Shop, product: int, token: str, key: str) -> Answer:
    body = {
        "lines": [{"product": product, "quantity": 1}],
        "payment_method": "cash_on_delivery",
        "shipping_address": ADDRESS,
    }
    return shop.call("POST", "/api/v2/orders", body, token=token, Idempotency_Key=key)


def insist(shop: Shop, product: int, token: str) -> Answer:
    """Buy one piece as a careful client does: the same key again until there is a final answer."""
    key, deadline = str(uuid4()), time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            answer = buy(shop, product, token, key)
        except urllib3.exceptions.HTTPError:
            time.sleep(0.2)
            continue
        if answer.status in FINAL and answer.body.get("code") != "request_in_flight":
            return answer
        time.sleep(0.2)
    raise AssertionError("no final answer within a minute")


def outcomes(answers: list[Answer]) -> Counter[str]:
    return Counter("placed" if answer.status == 201 else answer.body["code"] for answer in answers)


def assert_exact(shop: Shop, answers: list[Answer]) -> None:
    assert outcomes(answers) == {"placed": PIECES, "out_of_stock": BUYERS - PIECES}
    assert len({answer.data["id"] for answer in answers if answer.status == 201}) == PIECES
    violations = json.loads(shop.manage("verify_invariants", "--json"))
    assert {check: count for check, count in violations.items() if count} == {}


def test_as_many_orders_as_pieces(shop: Shop) -> None:
    product, token = seed(shop, "calm")
    with ThreadPoolExecutor(BUYERS) as pool:
        answers = list(pool.map(lambda _: buy(shop, product, token, str(uuid4())), range(BUYERS)))
    assert_exact(shop, answers)
    assert shop.call("GET", f"/api/v2/products/{product}").data["available"] == 0


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


def test_nothing_is_lost_or_doubled_when_everything_is_killed(shop: Shop) -> None:
    product, token = seed(shop, "storm")
    with ThreadPoolExecutor(BUYERS) as pool:
        futures = [pool.submit(insist, shop, product, token) for _ in range(BUYERS)]
        for victim in ("web", "postgres", "worker", "web"):
            time.sleep(0.15)
            kill(shop.pids()[victim])
        answers = [future.result() for future in futures]
    wait_for_worker(shop)
    assert_exact(shop, answers)


WAITING = "SELECT count(*) FROM core_domainevent WHERE dispatched_at IS NULL"


def wait_for_worker(shop: Shop) -> None:
    """Until the worker is back and has dispatched every event, those of its killed predecessor too."""
    deadline = time.monotonic() + 90
    with psycopg.connect(ensure_postgres(shop.data_dir), autocommit=True) as connection:
        while time.monotonic() < deadline:
            if connection.execute(WAITING).fetchone() == (0,):
                return
            time.sleep(0.2)
    raise AssertionError("events are still waiting")
