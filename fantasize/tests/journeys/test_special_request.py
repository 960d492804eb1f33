"""A guest is asked to change a special wish, and does it on a phone while the order moves on, in a real browser."""

import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, FilePayload, expect

from fantasize.tests.journeys.shop import ADDRESS, Shop
from fantasize.tests.screenshots import shoot

pytestmark = [pytest.mark.processes, pytest.mark.browser]

STAFF = {"email": "reviewer@example.com", "password": "correct-horse-battery"}
OPTIONS = [
    {
        "key": "finish",
        "type": "button",
        "label": "Finish",
        "required": True,
        "choices": [{"value": "oiled", "label": "Oiled"}, {"value": "gold", "label": "Gold leaf", "price": "4.50"}],
    },
    {
        "key": "photo",
        "type": "image",
        "label": "Your photo",
        "help": "It is printed on the lid.",
        "min_width": 300,
        "min_height": 200,
        "placement": {"x": 20, "y": 20, "width": 300, "height": 200},
    },
    {"key": "wish", "type": "text", "label": "Anything else?", "max_length": 200, "requires_approval": True},
]
SCHEMA = {"options": OPTIONS, "canvas": {"width": 340, "height": 240, "background": "#f5f0e6"}}
GOODS = {
    "users": [{**STAFF, "role": "manager", "verified": True}],
    "templates": [{"key": "box", "name": "Memory box", "schema": SCHEMA}],
    "products": [{"key": "box", "name": "Memory box", "price": "38.00", "stock": 5, "template": "box"}],
}
REASON = "Stars would not last on oak. May we leave them out?\nAnd could you send us the photo that is to be printed?"


@pytest.fixture
def box(shop: Shop, tmp_path: Path) -> int:
    """Something about which anything can be asked."""
    file = tmp_path / "goods.json"
    file.write_text(json.dumps(GOODS))
    made: dict[str, dict[str, int]] = json.loads(shop.manage("seed_scenario", "--json", str(file)))
    return made["products"]["box"]


class Staff:
    """Somebody who looks at special requests."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.token: str = shop.call("POST", "/api/v2/auth/login", STAFF).data["access"]

    def call(self, method: str, path: str, body: Any) -> Any:
        version = self.shop.call("GET", path.removesuffix("/review"), token=self.token).headers["ETag"]
        answer = self.shop.call(method, path, body, token=self.token, If_Match=version, Idempotency_Key=str(uuid4()))
        assert answer.status == 200, answer.body
        return answer.data


def place(shop: Shop, box: int) -> dict[str, Any]:
    line = {"product": box, "quantity": 1, "answers": {"finish": "oiled", "wish": "Stars all over it, please"}}
    body = {"lines": [line], "email": "ada@example.com", "shipping_address": ADDRESS}
    answer = shop.call("POST", "/api/v2/orders", body, Idempotency_Key=str(uuid4()))
    assert answer.status == 201, answer.body
    placed: dict[str, Any] = answer.data
    return placed


def picture() -> FilePayload:
    content = BytesIO()
    Image.effect_noise((600, 400), 60).convert("RGB").save(content, "JPEG")
    return {"name": "us.jpg", "mimeType": "image/jpeg", "buffer": content.getvalue()}


def test_a_guest_changes_what_staff_ask_for(shop: Shop, box: int, profile: Callable[..., BrowserContext]) -> None:
    order, staff, complaints = place(shop, box), Staff(shop), []
    path = f"/api/v2/orders/{order['id']}"
    verdict = {"line": order["lines"][0]["id"], "decision": "request_change", "reason": REASON}
    staff.call("POST", f"{path}/review", verdict)
    page = profile(viewport={"width": 390, "height": 844}, base_url=shop.url, device_scale_factor=2).new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"/track/{order['access_token']}")
    expect(page.locator(".live")).to_be_visible()
    expect(page.locator("main")).to_contain_text("Stars would not last on oak.")
    shoot(page, "change-requested", full_page=True)

    # What somebody is typing stays while there is news.
    wish = page.get_by_label("Anything else?")
    wish.fill("Plain, but gilded")
    staff.call("PATCH", path, {"shipping_address": {**ADDRESS, "city": "Leeds"}})
    expect(page.locator("address")).to_contain_text("Leeds")
    expect(wish).to_have_value("Plain, but gilded")
    expect(wish).to_be_focused()

    page.get_by_label("Your photo").set_input_files(picture())
    page.get_by_label("Finish").select_option("gold")
    page.get_by_role("button", name="Send it again").click()
    dearer = page.get_by_role("button", name="Send it for")
    expect(page.get_by_role("alert")).to_contain_text("Do you agree?")
    expect(page.locator("main")).to_contain_text("We have your picture.")
    dearer.click()
    expect(dearer).to_have_count(0)
    expect(page.locator("main")).to_contain_text("Plain, but gilded")

    line = staff.shop.call("GET", path, token=staff.token).data["lines"][0]
    assert (line["answers"]["wish"], line["answers"]["finish"]) == ("Plain, but gilded", "gold")
    assert UUID(line["answers"]["photo"])
    staff.call("POST", f"{path}/review", {"line": line["id"], "decision": "approve"})
    expect(page.get_by_role("button", name="Pay")).to_be_visible()
    assert complaints == []
