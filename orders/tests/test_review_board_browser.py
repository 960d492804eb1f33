"""The review board in a real browser: two keys decide, and the next line opens by itself."""

from collections.abc import Callable

import pytest
from playwright.sync_api import ConsoleMessage, Page, expect

from accounts.tests.factories import make_user
from customizations.models import BlockedWord
from customizations.tests.factories import SPECIAL
from fantasize.tests.screenshots import shoot
from orders.services.baskets import LineRequest
from orders.tests.customized import PHOTO, make_customizable, place, send_picture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ORDERS = 3
QUEUES = ("needing_approval", "needing_change", "needing_acceptance")


@pytest.fixture
def page(staff_page: Callable[..., Page]) -> Page:
    """A browser in which a manager has signed in; some special orders wait."""
    user = make_user(first_name="Ada", last_name="Lovelace")
    product = make_customizable(PHOTO, SPECIAL, name="Oak board", stock=99)
    BlockedWord.objects.create(word="mist")
    for wish in ("In gold leaf, like the one of my aunt", "No mist, please", "As it is")[:ORDERS]:
        answers = {"colour": "gold", "name": "For Ada, 1815", "special": wish, "photo": str(send_picture(user).pk)}
        place(user, LineRequest(product.pk, 2, answers=answers))
    page = staff_page(height=1100)
    page.goto("/admin/orders/linereview/")
    page.wait_for_selector("[data-queue=needing_approval]")
    return page


def test_two_keys_decide_and_the_next_line_opens_by_itself(page: Page) -> None:
    complaints: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            complaints.append(message.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    expect(page.locator("[data-queue=needing_approval]")).to_contain_text("3")
    page.click("#result_list .field-item a")
    page.wait_for_selector("[data-open]:focus")
    enlarge(page)
    send_back(page)
    for _ in range(ORDERS - 1):
        page.wait_for_selector("[data-open]:focus")
        number = page.get_attribute("[data-order]", "data-order")
        page.keyboard.press("a")
        page.keyboard.press("Enter")
        page.wait_for_function(f"document.querySelector('[data-order]')?.dataset.order !== '{number}'")
    page.wait_for_selector("[data-queue=needing_approval]")
    assert complaints == []
    for queue, count in zip(QUEUES, ("0", "1", "0"), strict=True):
        expect(page.locator(f"[data-queue={queue}] .fz-kpi-value")).to_have_text(count)


def enlarge(page: Page) -> None:
    """The proof, larger; a press anywhere puts it away."""
    page.click(".fz-review .fz-proof [data-zoom-full]")
    page.wait_for_function("document.querySelector('.fz-zoom img')?.naturalWidth > 0")
    page.click(".fz-zoom")
    page.wait_for_selector(".fz-zoom", state="detached")


def send_back(page: Page) -> None:
    """Ask for a change of the first one, with the keyboard alone."""
    number = page.get_attribute("[data-order]", "data-order")
    shoot(page, "admin-review")
    page.keyboard.press("c")
    page.keyboard.type("Which aunt? (a, c, r)")
    page.keyboard.press("Control+Enter")
    page.wait_for_function(f"document.querySelector('[data-order]')?.dataset.order !== '{number}'")
