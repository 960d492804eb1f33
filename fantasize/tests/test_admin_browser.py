"""The admin in a real browser: its policy blocks nothing, nothing fails, nothing is asked of another host."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from accounts.tests.factories import make_user
from catalog.models import Category
from catalog.tests.factories import make_product
from orders.enums import OrderStatus
from orders.tests.factories import make_order, move

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LISTS = (
    "orders/order",
    "orders/payment",
    "catalog/product",
    "catalog/category",
    "catalog/brand",
    "catalog/stockmovement",
    "core/transfer",
    "catalog/stockitem",
    "catalog/review",
)
FORMS = ("catalog/product/add", "catalog/category/add", "catalog/product/import", "orders/order/export")


class Watch:
    """What a person would want to know of a page: what went wrong, and who else was asked."""

    def __init__(self, page: Page) -> None:
        self.complaints: list[str] = []
        self.hosts: set[str] = set()
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("requestfailed", self._miss)
        page.on("request", lambda request: self.hosts.add(urlsplit(request.url).netloc))

    def _miss(self, request: Any) -> None:
        # Leaving a page before its icon has come is no fault of the page.
        if request.failure != "net::ERR_ABORTED":
            self.complaints.append(request.url)

    def _hear(self, message: Any) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)


@pytest.fixture
def addresses() -> dict[str, str]:
    """A shop with a little of everything. Made before the browser runs: beside it the database is out of reach."""
    Category.objects.create(name="Home", slug="home")
    product, order = make_product(stock=9), move(make_order(), OrderStatus.PROCESSED)
    move(make_order(), OrderStatus.DELIVERED)
    make_user(email="maya@example.com", role="manager")
    return {
        "product": f"/admin/catalog/product/{product.pk}/change/",
        "order": f"/admin/orders/order/{order.pk}/change/",
    }


@pytest.fixture
def page(addresses: dict[str, str], staff_page: Callable[..., Page]) -> Page:
    """A browser in which a manager has signed in."""
    return staff_page()


def test_every_page_is_quiet_in_light_and_dark(page: Page, addresses: dict[str, str], live_server: Any) -> None:
    watch, main = Watch(page), ["/admin/", *addresses.values()]
    for scheme, paths in (("dark", main), ("light", [*main, *(f"/admin/{path}/" for path in (*LISTS, *FORMS))])):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type] # one of two words
        for path in paths:
            answer = page.goto(path)
            assert answer is not None
            assert answer.status == 200
        assert page.evaluate("document.documentElement.classList.contains('dark')") == (scheme == "dark")
    assert watch.complaints == []
    assert watch.hosts == {urlsplit(live_server.url).netloc}


def test_dialogs_forms_and_switches_do_what_they_say(page: Page, addresses: dict[str, str]) -> None:
    watch = Watch(page)
    leave_the_dialog(page, addresses["order"])
    ship_the_order(page)
    correct_the_stock(page, addresses["product"])
    switch_a_product_off(page)
    assert watch.complaints == []


def leave_the_dialog(page: Page, order: str) -> None:
    page.goto(order)
    page.click("[data-move=cancelled]")
    page.click("dialog[open] >> text=Not now")
    page.reload()
    expect(page.locator(".fz-badge[data-status=processed]")).to_be_visible()


def ship_the_order(page: Page) -> None:
    page.click("[data-move=shipped]")
    page.fill("dialog[open] [name=carrier]", "Royal Mail")
    page.fill("dialog[open] [name=tracking_number]", "RM1GB")
    page.click("[data-confirm=shipped]")
    page.wait_for_selector(".fz-badge[data-status=shipped]")
    expect(page.locator("text=The order is now shipped.")).to_be_visible()
    expect(page.locator("text=RM1GB")).to_have_count(2)  # the shipment and the history


def correct_the_stock(page: Page, product: str) -> None:
    page.goto(product)
    page.fill("#correct-stock [name=delta]", "-4")
    page.fill("#correct-stock [name=note]", "Broken")
    page.click("#correct-stock [type=submit]")
    page.wait_for_selector("text=Correction: Broken")
    expect(page.locator("[data-level=on_hand]")).to_have_text("5")


def switch_a_product_off(page: Page) -> None:
    page.goto("/admin/catalog/product/")
    page.locator("#result_list [name$=is_active]").first.click()
    page.click("[name=_save]")
    page.wait_for_selector("text=was changed successfully")
    expect(page.locator("#result_list [name$=is_active]").first).not_to_be_checked()
