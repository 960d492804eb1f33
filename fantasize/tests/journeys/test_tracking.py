"""A guest pays on a phone and watches their order come to life, in a real browser."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import BrowserContext, expect

from fantasize.tests.journeys.shop import ADDRESS, Shop
from fantasize.tests.screenshots import shoot

pytestmark = [pytest.mark.processes, pytest.mark.browser]

GOODS = {"products": [{"key": "lantern", "name": "Oak lantern", "price": "24.50", "stock": 5}]}


@pytest.fixture
def lantern(shop: Shop, tmp_path: Path) -> int:
    """What there is to buy."""
    file = tmp_path / "goods.json"
    file.write_text(json.dumps(GOODS))
    made: dict[str, dict[str, int]] = json.loads(shop.manage("seed_scenario", "--json", str(file)))
    return made["products"]["lantern"]


def place(shop: Shop, product: int) -> dict[str, Any]:
    """A guest's gift, to be paid on a page."""
    body = {
        "lines": [{"product": product, "quantity": 2}],
        "email": "ada@example.com",
        "shipping_address": ADDRESS,
        "is_gift": True,
        "gift_message": "Let there be light!",
    }
    answer = shop.call("POST", "/api/v2/orders", body, Idempotency_Key=str(uuid4()))
    assert answer.status == 201, answer.body
    placed: dict[str, Any] = answer.data
    return placed


def link_for_who_gets_it(shop: Shop, order: dict[str, Any]) -> str:
    path = f"/api/v2/orders/{order['id']}/links"
    answer = shop.call("POST", path, {"scope": "recipient"}, X_Order_Token=order["access_token"])
    assert answer.status == 201, answer.body
    return f"/track/{answer.data['token']}"


def test_a_guest_pays_and_watches_and_so_does_who_gets_it(
    shop: Shop, lantern: int, profile: Callable[..., BrowserContext]
) -> None:
    order, complaints = place(shop, lantern), []
    price = f"{order['totals']['total']} USD"
    phone = profile(viewport={"width": 390, "height": 844}, base_url=shop.url, device_scale_factor=2)
    owner, recipient = phone.new_page(), profile(base_url=shop.url, java_script_enabled=False).new_page()
    owner.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    owner.on("pageerror", lambda error: complaints.append(str(error)))
    owner.goto(f"/track/{order['access_token']}")
    expect(owner.locator("h1")).to_have_text("Pending")
    expect(owner.locator(".live")).to_be_visible()
    owner.evaluate("window.isSamePage = true")

    with phone.expect_page() as opened:
        owner.get_by_role("button", name=f"Pay {price} now").click()
    opened.value.get_by_role("button", name=f"Pay {price}").click()
    expect(opened.value.get_by_role("heading", name="Thank you!")).to_be_visible()

    expect(owner.locator("h1")).to_have_text("Processing")
    assert owner.evaluate("window.isSamePage")
    expect(owner.get_by_role("button", name="Pay")).to_have_count(0)
    shoot(owner, "tracking", full_page=True)
    assert complaints == []

    # Without JavaScript, and without prices.
    link = link_for_who_gets_it(shop, order)
    recipient.goto(link)
    expect(recipient.locator("h1")).to_have_text("Processing")
    expect(recipient.locator("body")).to_contain_text("Let there be light!")
    assert "24.50" not in recipient.content()
    assert "London" not in recipient.content()
    log = (shop.data_dir / "serve.log").read_text()
    assert order["access_token"] not in log
    assert link not in log
