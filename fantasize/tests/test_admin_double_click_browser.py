"""A button of the admin that is clicked twice in a real browser: it was meant once."""

from collections.abc import Callable
from itertools import pairwise

import pytest
from playwright.sync_api import Page

from orders.models import Order
from orders.tests.payment_shop import make_unpaid

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
# What would be sent, without leaving the page.
COUNT = """window.sent = 0; addEventListener('submit', (event) => {
    window.sent += event.defaultPrevented ? 0 : 1; event.preventDefault(); })"""
BUTTON = "[data-payment-link] button"
WIDTH = 360


@pytest.fixture
def page(staff_page: Callable[..., Page]) -> Page:
    """The page of an order that is to be paid."""
    order: Order = make_unpaid()
    page = staff_page()
    page.goto(f"/admin/orders/order/{order.pk}/change/")
    page.evaluate(COUNT)
    return page


def test_two_clicks_are_sent_once_and_a_later_one_again(page: Page) -> None:
    page.dblclick(BUTTON)
    assert page.evaluate("sent") == 1
    page.click("[data-move=cancelled]")
    page.click("[data-confirm=cancelled]")
    assert page.evaluate("sent") == 2, "another button is not held up"
    page.click("dialog[open] footer button")
    page.wait_for_timeout(1600)
    page.click(BUTTON)
    assert page.evaluate("sent") == 3


def test_enter_in_a_field_only_says_what_would_come_of_it(page: Page) -> None:
    page.goto(page.url.replace("/change/", "/edit/"))
    page.fill("[name=address_city]", "Bath")
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-sum=new]")
    page.wait_for_load_state()
    page.fill("[name=address_city]", "York")
    page.evaluate(COUNT.replace("window.sent = 0;", "window.sent = 0; addEventListener('submit', (event) => {"
                  " window.pressed = event.submitter.value; });"))  # fmt: skip
    page.keyboard.press("Enter")
    assert page.evaluate("pressed") == "check"


def test_the_way_of_an_order_fits_a_phone(page: Page) -> None:
    page.set_viewport_size({"width": WIDTH, "height": 800})
    boxes = [label.bounding_box() for label in page.locator(".fz-step-label").all()]
    rows = [(box["y"], box["y"] + box["height"]) for box in boxes if box]
    assert len(rows) == 5
    assert all(above[1] <= below[0] for above, below in pairwise(rows))
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDTH
