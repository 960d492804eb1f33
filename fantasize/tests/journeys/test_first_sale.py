"""The first real sale, end to end: a real catalogue, a shopper, staff in a browser, a socket that sees it happen."""

import json
import re
from collections.abc import Callable
from email import message_from_bytes
from email.policy import default
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import BrowserContext, Page, Request
from websockets.sync.client import ClientConnection, connect

from fantasize.tests.journeys.shop import ADDRESS, ROOT, Shop
from fantasize.tests.screenshots import shoot
from fantasize.tests.waiting import PATIENCE_SECONDS, wait_until

pytestmark = [pytest.mark.processes, pytest.mark.browser]

PASSWORD = "correct-horse-battery"
RETAIL = ROOT / "bench" / "data" / "online_retail_2010-12.csv.gz"


@pytest.fixture
def page(shop: Shop, profile: Callable[..., BrowserContext]) -> Page:
    return profile(base_url=shop.url).new_page()


class Screen:
    """Pictures for the README, and everything the browser complained of."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints: list[str] = []
        page.on("console", lambda message: self._note(message.type, message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("requestfailed", self._miss)
        self.hosts: set[str] = set()
        page.on("request", lambda request: self.hosts.add(request.url.split("/")[2] if "//" in request.url else ""))

    def shoot(self, name: str) -> None:
        shoot(self.page, name)

    def _miss(self, request: Request) -> None:
        # Leaving a page before its icon has come is no fault of the page.
        if request.failure != "net::ERR_ABORTED":
            self.complaints.append(request.url)

    def _note(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.complaints.append(text)


def register_and_login(shop: Shop) -> dict[str, Any]:
    person = {"email": "ada@example.com", "password": PASSWORD, "first_name": "Ada", "last_name": "Lovelace"}
    assert shop.call("POST", "/api/v2/auth/register", person).status == 201
    proof = {"email": "ada@example.com", "code": mailed_code(shop)}
    assert shop.call("POST", "/api/v2/auth/verify-email", proof).status == 200
    answer = shop.call("POST", "/api/v2/auth/login", {"email": "ada@example.com", "password": PASSWORD})
    assert answer.status == 200, answer.body
    session: dict[str, Any] = answer.data
    return session


def mailed_code(shop: Shop) -> str:
    """The code that was mailed, once the worker has sent it."""
    wait_until(lambda: bool(mailed_codes(shop)), "a code is mailed")
    return mailed_codes(shop)[0]


def mailed_codes(shop: Shop) -> list[str]:
    codes = []
    for file in (shop.data_dir / "mail").glob("*.eml"):
        text = message_from_bytes(file.read_bytes(), policy=default).get_body(("plain",))
        assert text is not None
        codes += re.findall(r"^ +([0-9]{6})$", text.get_content(), re.MULTILINE)
    return codes


def make_manager(shop: Shop) -> str:
    users = [{"email": "manager@example.com", "password": PASSWORD, "role": "manager", "verified": True}]
    file = shop.data_dir / "staff.json"
    file.write_text(json.dumps({"users": users}))
    shop.manage("seed_scenario", "--json", str(file))
    return "manager@example.com"


def frame(socket: ClientConnection, event: str) -> dict[str, Any]:
    """The next frame, which must be of this kind."""
    message = json.loads(socket.recv(timeout=PATIENCE_SECONDS))
    assert message["event"] == event, message
    data: dict[str, Any] = message["data"]
    return data


def log_in(screen: Screen, email: str) -> None:
    page = screen.page
    page.goto("/admin/")
    page.fill("input[name=username]", email)
    page.fill("input[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_selector("text=Orders by status")
    screen.shoot("dashboard")


def move_by_clicking(screen: Screen, target: str) -> None:
    """Click the button of one legal move, fill in what its dialog asks for, and wait for the new status."""
    page = screen.page
    # What the button opens comes further down the page.
    page.wait_for_load_state()
    page.click(f"[data-move={target}]")
    confirm = page.locator(f"[data-confirm={target}]")
    if confirm.count():
        confirm.click()
    page.wait_for_selector(f"[data-status={target}]")


def test_a_real_sale_from_registration_to_delivery(shop: Shop, page: Page) -> None:
    shop.manage("import_catalogue", str(RETAIL), "--orders")
    session = register_and_login(shop)
    token = session["access"]
    found = shop.call("GET", "/api/v2/products?q=lanter&in_stock=true").data
    product = next(item for item in found if item["available"] >= 2)
    assert "antern" in product["name"]

    body = {
        "lines": [{"product": product["id"], "quantity": 2}],
        "payment_method": "cash_on_delivery",
        "shipping_address": ADDRESS,
    }
    key = str(uuid4())
    placed = shop.call("POST", "/api/v2/orders", body, token=token, Idempotency_Key=key)
    assert placed.status == 201, placed.body
    order = placed.data
    replay = shop.call("POST", "/api/v2/orders", body, token=token, Idempotency_Key=key)
    assert (replay.status, replay.body) == (201, placed.body)
    assert replay.headers["Idempotency-Replayed"] == "true"

    email, screen = make_manager(shop), Screen(page)
    with connect(f"ws://127.0.0.1:{shop.port}/ws/") as socket:
        socket.send(json.dumps({"event": "authenticate", "data": token}))
        frame(socket, "authenticated")
        socket.send(json.dumps({"event": "track_order", "data": {"order": order["id"], "after": 0}}))
        tracking = frame(socket, "tracking")
        seen = [(event["seq"], event["name"]) for event in tracking["events"]]
        log_in(screen, email)
        page.goto(f"/admin/orders/order/{order['id']}/change/")
        screen.shoot("order-pending")
        for status in ("processing", "processed", "shipped", "delivered"):
            move_by_clicking(screen, status)
            update = frame(socket, "order_status_update")
            assert update["status"] == status
            seen.append((update["seq"], update["name"]))
    screen.shoot("order-delivered")
    names = ["placed", "processing", "processed", "shipped", "delivered"]
    assert seen == [(seq, f"order.{name}") for seq, name in enumerate(names, start=1)]

    take_pictures(screen, product["id"])
    assert screen.complaints == []
    assert screen.hosts <= {f"127.0.0.1:{shop.port}", ""}
    assert_books_are_right(shop, product, order["id"], token)


def take_pictures(screen: Screen, product_id: int) -> None:
    for name, path in (
        ("orders", "/admin/orders/order/"),
        ("products", "/admin/catalog/product/?q=lantern"),
        ("product", f"/admin/catalog/product/{product_id}/change/"),
    ):
        screen.page.goto(path)
        screen.page.wait_for_load_state("networkidle")
        screen.shoot(name)


def assert_books_are_right(shop: Shop, product: dict[str, Any], order_id: str, token: str) -> None:
    after = shop.call("GET", f"/api/v2/products/{product['slug']}").data
    assert after["available"] == product["available"] - 2
    order = shop.call("GET", f"/api/v2/orders/{order_id}", token=token).data
    assert (order["status"], order["payment_status"]) == ("delivered", "paid")
    track = shop.call("GET", f"/api/v2/orders/{order['number']}/track?after=3", token=token).data
    assert [event["seq"] for event in track["events"]] == [4, 5]
    violations = json.loads(shop.manage("verify_invariants", "--json"))
    assert {check: count for check, count in violations.items() if count} == {}
