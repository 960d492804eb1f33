"""Templates changed in a real browser: brought into order, renamed, kept from being overwritten."""

import io
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect
from pytest_django import Settings

from accounts.tests.factories import make_user
from catalog.tests.factories import make_product
from customizations.models import CustomizationTemplate, Preset
from customizations.services import templates
from customizations.tests.factories import make_template
from fantasize.tests.screenshots import shoot
from fantasize.tests.template_editor import PLAQUE, at, drawn
from fantasize.tests.test_admin_browser import Watch
from fantasize.tests.test_admin_media_browser import beside

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def template(settings: Settings, tmp_path: Path) -> CustomizationTemplate:
    """One that is offered."""
    settings.MEDIA_ROOT = tmp_path
    make_user(email="maya@example.com", role="manager")
    return make_template(name="Engraved plaque", schema=PLAQUE, products=[make_product(name="Walnut plaque").pk])


@pytest.fixture
def page(template: CustomizationTemplate, staff_page: Callable[..., Page]) -> Page:
    """A browser in which a manager has signed in."""
    return staff_page(height=1100)


def open_editor(page: Page, template: CustomizationTemplate) -> None:
    page.goto(f"/admin/customizations/customizationtemplate/{template.pk}/change/")
    drawn(page)


def keys(page: Page) -> list[str]:
    """The options in the order of the page."""
    found: list[str] = page.eval_on_selector_all("[data-option]", "all => all.map(it => it.dataset.option)")
    return found


def test_options_are_brought_into_order_renamed_and_kept_from_being_overwritten(
    template: CustomizationTemplate, page: Page
) -> None:
    for position, name in enumerate("ABC", start=5):
        beside(partial(Preset.objects.create, template=template, name=name, position=position))
    watch = Watch(page)
    open_editor(page, template)
    by_mouse_and_keyboard(page)
    page.click('[aria-label="Move C up"]')
    expect(page.locator("[data-preset] .fz-two > span")).to_have_text(["A", "C", "B"])
    # Whoever renames an option or a choice renames it in conditions too.
    at(page, "/options/0/toggle").click()
    # A name that is typed is nothing for a moment, and then another option's: conditions do not follow either.
    type_over(page, "/options/0/key", "name", "finish")
    type_over(page, "/options/0/choices/1/value", "red", "leaf")
    at(page, "/options/1/toggle").click()
    page.locator('[data-at="/options/1"] [title="Copy the option"]').click()
    assert keys(page)[2] == "name_2"
    page.once("dialog", lambda dialog: dialog.accept())
    page.locator('[data-at="/options/2"] [aria-label^="Remove option"]').click()
    move_a_box(page)
    nest_conditions(page)
    drawn(page)
    page.click("[data-save=published]")
    page.wait_for_selector("text=Version 2 is published.")
    stored = beside(CustomizationTemplate.objects.get).schema["options"]
    assert [option["key"] for option in stored] == ["finish", "name", "photo", "card", "special"]
    assert stored[1]["placement"]["x"] == 121
    assert stored[2]["when"] == {
        "all": [
            {"option": "finish", "in": ["leaf"]},
            {"any": [{"option": "name", "filled": True}, {"option": "finish", "not_in": ["red"]}]},
        ]
    }
    read_the_difference(page)
    assert watch.complaints == []
    overwrite_nothing(page, template)


def type_over(page: Page, pointer: str, *names: str) -> None:
    """Write names into a field, letter by letter, each after the one before was wiped."""
    for name in names:
        at(page, pointer).clear()
        at(page, pointer).press_sequentially(name)


def by_mouse_and_keyboard(page: Page) -> None:
    handle = page.locator("[data-option=special] [data-handle]")
    handle.focus()
    page.keyboard.press("ArrowUp")
    assert keys(page) == ["colour", "name", "photo", "special", "card"]
    # The focus goes along, so that another press moves it on.
    page.keyboard.press("ArrowDown")
    assert keys(page) == ["colour", "name", "photo", "card", "special"]
    page.locator("[data-option=card] [data-up]").click()
    assert keys(page) == ["colour", "name", "card", "photo", "special"]
    page.locator("[data-option=photo] [data-handle]").drag_to(
        page.locator("[data-option=card]"), target_position={"x": 200, "y": 4}
    )
    assert keys(page) == ["colour", "name", "photo", "card", "special"]


def move_a_box(page: Page) -> None:
    page.locator("[data-box=name]").focus()
    page.keyboard.press("ArrowRight")


def nest_conditions(page: Page) -> None:
    at(page, "/options/2/toggle").click()
    rows = page.locator('[data-at="/options/2/when"]')
    rows.locator("text=Group").first.click()
    inner = "/options/2/when/all/1/any"
    at(page, f"{inner}/0/option").select_option("name")
    at(page, f"{inner}/1/option").select_option("finish")
    at(page, f"{inner}/1/test").select_option("not_in")
    shoot(page, "admin-template-conditions", size=(1440, 1100))


def read_the_difference(page: Page) -> None:
    page.click("[data-version='2']")
    expect(page.locator("[data-change]").first).to_be_visible()
    expect(page.locator("body")).to_contain_text(re.compile("Maya|maya@example.com"))
    shoot(page, "admin-template-version", size=(1440, 900))


def overwrite_nothing(page: Page, template: CustomizationTemplate) -> None:
    """Somebody else saves while this page is open."""
    open_editor(page, template)
    page.fill("[data-name]", "Mine")
    beside(lambda: templates.update_template(template=template, changes={"name": "Theirs"}, actor="system"))
    page.click("[data-save=published]")
    expect(page.locator("[data-said]")).to_contain_text("Somebody saved version 3")
    assert beside(CustomizationTemplate.objects.get).name == "Theirs"
    shoot(page, "admin-template-conflict", size=(1440, 700))
    page.click("text=Discard mine and load theirs")
    expect(page.locator("[data-name]")).to_have_value("Theirs")


def picture() -> bytes:
    """A slab of wood."""
    image = Image.new("RGB", (1200, 900), "#8a5a3b")
    pen = ImageDraw.Draw(image)
    for row in range(0, 900, 18):
        pen.line([(0, row), (1200, row + 9)], fill="#7c4f33", width=5)
    file = io.BytesIO()
    image.save(file, "JPEG")
    return file.getvalue()


def test_a_picture_is_behind_everything_also_in_the_dark_and_on_a_phone(
    template: CustomizationTemplate, page: Page
) -> None:
    watch = Watch(page)
    page.goto("/admin/customizations/customizationtemplate/?font=serif&choice=gold")
    expect(page.locator("#result_list")).to_contain_text("Colour, Name to engrave")
    shoot(page, "admin-templates", size=(1440, 700))
    page.emulate_media(color_scheme="dark")
    open_editor(page, template)
    file: Any = {"name": "wood.jpg", "mimeType": "image/jpeg", "buffer": picture()}
    page.set_input_files("[data-background]", file)
    expect(page.locator(".te-background img")).to_be_visible()
    drawn(page)
    page.locator("[data-answer=colour] >> text=Gold leaf").click()
    drawn(page)
    at(page, "/options/1/toggle").click()
    page.evaluate("scrollTo(0, 0)")
    shoot(page, "admin-template-dark", size=(1440, 1100))
    page.set_viewport_size({"width": 400, "height": 900})
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0
    shoot(page, "admin-template-narrow", size=(400, 1400))
    page.click("[data-save=published]")
    page.wait_for_selector("text=Version 2 is published.")
    assert len(beside(CustomizationTemplate.objects.get).schema["canvas"]["background"]) == 64
    assert watch.complaints == []
