"""Dragging rows into order in a real browser."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page

from accounts.tests.factories import make_user
from catalog.models import Brand
from catalog.services import taxonomy

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

_TREMORS = 100


@pytest.fixture
def _rows() -> None:
    """Made before the browser runs: beside it the database is out of reach."""
    for name in ("Acme", "Lumen", "Oakwood"):
        Brand.objects.create(name=name, slug=name.lower())
    home = taxonomy.create_category(values={"name": "Home"})
    for name in ("Candles", "Lamps"):
        taxonomy.create_category(values={"name": name, "parent": home})
    make_user(email="maya@example.com", role="manager")


@pytest.fixture
def page(_rows: None, staff_page: Callable[..., Page]) -> Iterator[Page]:
    """A browser in which a manager has signed in; whatever it complains of fails the test."""
    page, complaints = staff_page(), []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    yield page
    assert complaints == []


def listed(page: Page) -> list[str]:
    """The names in the list, from the top."""
    page.wait_for_load_state()
    return [text.strip() for text in page.locator("#result_list tr.data-row th").all_inner_texts()]


def drag(page: Page, name: str, *, onto: str) -> None:
    """Take a row by its handle and let it go once it has another one's place, then save."""
    place = listed(page).index(onto)
    handles = page.locator("#result_list tr.data-row", has_text=name).locator("[x-sort\\:handle]")
    box = handles.first.bounding_box()
    goal = page.locator("#result_list tr.data-row", has_text=onto).locator("[x-sort\\:handle]").first.bounding_box()
    assert box
    assert goal
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    for step in range(1, 11):
        whole = goal["y"] - box["y"]
        page.mouse.move(goal["x"] + goal["width"] / 2, box["y"] + box["height"] / 2 + whole * step / 10)
    # Rows that are still gliding to their places are not moved again: a hand trembles meanwhile.
    for step in range(_TREMORS):
        if listed(page)[place] == name:
            break
        page.mouse.move(goal["x"] + goal["width"] / 2, goal["y"] + goal["height"] / 2 + step % 2)
        page.wait_for_timeout(20)
    page.mouse.up()
    page.click("[name=_save]")
    page.wait_for_selector("text=changed successfully")


def test_what_is_dragged_and_saved_stays_so(page: Page) -> None:
    page.goto("/admin/catalog/brand/")
    assert listed(page) == ["Acme", "Lumen", "Oakwood"]
    drag(page, "Oakwood", onto="Acme")
    assert listed(page) == ["Oakwood", "Acme", "Lumen"]
    page.goto("/admin/catalog/category/")
    drag(page, "Lamps", onto="Candles")
    assert listed(page) == ["Home", "Lamps", "Candles"]
