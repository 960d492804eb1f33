"""Putting a package together in a real browser: choosing parts, watching the price, dragging them into order."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from accounts.tests.factories import make_user
from catalog.tests.factories import make_package, make_product
from fantasize.tests.test_admin_browser import Watch

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def address() -> str:
    """A package of two parts. Made before the browser runs: beside it the database is out of reach."""
    make_user(email="maya@example.com", role="manager")
    make_product(name="Beeswax candle", price="6.50", stock=40)
    mug = make_product(name="Stoneware mug", price="12.00", stock=24)
    tray = make_product(name="Oak tray", price="30.00")
    package = make_package((mug, 2), tray, name="Breakfast in bed")
    return f"/admin/catalog/package/{package.pk}/change/"


@pytest.fixture
def page(address: str, staff_page: Callable[..., Page]) -> Page:
    """A browser in which a manager has signed in."""
    return staff_page(height=1000)


def test_a_package_is_put_together(page: Page, address: str) -> None:
    watch = Watch(page)
    page.goto(address)
    page.wait_for_selector("[data-amount=price] >> text=54.00 USD")
    add_a_part(page, "beesw", "Beeswax candle", pieces="3")
    page.wait_for_selector("[data-amount=price] >> text=73.50 USD")
    page.wait_for_selector("[data-part-facts] >> text=6.50 USD, 40 available")
    page.fill("[name=percent_off]", "10")
    page.wait_for_selector("[data-amount=saving] >> text=7.35 USD")
    page.fill("[name=percent_off]", "")
    page.fill("[name=own_price]", "80")
    page.wait_for_selector("text=The package is dearer than its parts bought singly.")
    drag_the_second_part_to_the_top(page)
    page.click("[name=_continue]")
    page.wait_for_selector("text=This package costs 6.50 USD more than its parts do singly.")
    page.wait_for_load_state()
    names = page.locator("[name^=items-][name$=-product] >> option:checked").all_text_contents()
    assert [name.strip() for name in names if name.strip()] == ["Oak tray", "Stoneware mug", "Beeswax candle"]
    assert watch.complaints == []


def add_a_part(page: Page, typed: str, name: str, *, pieces: str) -> None:
    page.click("text=Add another part")
    page.locator("tbody:not(.empty-form) .select2-selection").last.click()
    page.fill(".select2-search__field", typed)
    page.click(f".select2-results__option >> text={name}")
    page.fill("[name=items-2-quantity]", pieces)


def drag_the_second_part_to_the_top(page: Page) -> None:
    handles = page.locator("#items-data tbody:not(.empty-form) .material-symbols-outlined >> text=drag_indicator")
    handles.nth(1).drag_to(handles.nth(0))


def test_what_is_new_is_saved_with_its_parts(page: Page, address: str) -> None:
    watch = Watch(page)
    page.goto("/admin/catalog/package/add/")
    page.wait_for_selector("text=Choose the first part.")
    page.fill("[name=name]", "Candle light")
    page.fill("[name=sku]", "CANDLE-LIGHT")
    page.locator("tbody:not(.empty-form) .select2-selection").first.click()
    page.fill(".select2-search__field", "beesw")
    page.click(".select2-results__option >> text=Beeswax candle")
    page.fill("[name=items-0-quantity]", "2")
    page.wait_for_selector("[data-amount=price] >> text=13.00 USD")
    page.click("[name=_save]")
    page.wait_for_selector("text=was added successfully")
    page.wait_for_selector("#result_list >> text=CANDLE-LIGHT")
    assert watch.complaints == []


def test_on_a_narrow_screen_the_form_and_its_preview_do_not_overlap(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 420, "height": 900})
    page.goto(address)
    form, card = page.locator("#package_form").bounding_box(), page.locator("[data-preview]").bounding_box()
    assert form is not None
    assert card is not None
    assert card["y"] >= form["y"] + form["height"]
    assert min(form["width"], card["width"]) > 340
