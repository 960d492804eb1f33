"""Templates written in a real browser, by somebody who knows no JSON: through the form alone."""

import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Locator, Page, expect, sync_playwright
from pytest_django import Settings

from accounts.tests.factories import PASSWORD, make_user
from catalog.models import Product
from catalog.tests.factories import make_package, make_product
from customizations.models import CustomizationTemplate
from customizations.services import templates
from customizations.tests.factories import make_template
from fantasize.tests.test_admin_browser import Watch
from fantasize.tests.test_admin_media_browser import beside

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SCREENSHOTS = Path(__file__).resolve().parent.parent.parent / "docs" / "screenshots"
ADD = "/admin/customizations/customizationtemplate/add/"
# What the form is to store: colours, a name with its place and price, a photo on a condition, a card, special wishes.
PLAQUE: dict[str, Any] = {
    "options": [
        {
            "key": "colour",
            "type": "button",
            "label": "Colour",
            "required": True,
            "choices": [
                {"value": "red", "label": "Red", "swatch": "#c0392b", "price": "0.00", "stock": None},
                {"value": "gold", "label": "Gold leaf", "swatch": "#d4af37", "price": "4.50", "stock": 12},
            ],
        },
        {
            "key": "name",
            "type": "text",
            "label": "Name to engrave",
            "required": True,
            "max_length": 24,
            "price": {"mode": "per_character", "amount": "0.20", "free": 8},
            "placement": {
                "x": 120,
                "y": 400,
                "width": 560,
                "height": 90,
                "font": "serif",
                "color": "#222222",
                "align": "center",
            },
        },
        {
            "key": "photo",
            "type": "image",
            "label": "Your photo",
            "min_width": 600,
            "min_height": 600,
            "when": {"option": "colour", "in": ["gold"]},
            "placement": {"x": 100, "y": 100, "width": 600, "height": 280, "fit": "cover"},
        },
        {"key": "card", "type": "message", "label": "Gift card", "max_length": 400, "max_lines": 8},
        {
            "key": "special",
            "type": "text",
            "label": "Anything else?",
            "max_length": 500,
            "requires_approval": True,
        },
    ],
    "canvas": {"width": 800, "height": 600, "background": "#f5f0e6"},
}


@pytest.fixture
def product(settings: Settings, tmp_path: Path) -> Product:
    """Something to be made personal, beside other things."""
    settings.MEDIA_ROOT = tmp_path
    make_user(email="maya@example.com", role="manager")
    product = make_product(name="Walnut plaque", stock=9)
    make_package(product, name="Desk set")
    return product


@pytest.fixture
def page(product: Product, live_server: Any) -> Iterator[Page]:
    """A browser in which a manager has signed in."""
    with sync_playwright() as playwright:
        program = os.environ.get("CHROMIUM", "/usr/bin/chromium")
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1440, "height": 1100}, base_url=live_server.url)
        page.set_default_timeout(15_000)
        page.goto("/admin/")
        page.fill("[name=username]", "maya@example.com")
        page.fill("[name=password]", PASSWORD)
        page.click("#login-form [type=submit]")
        page.wait_for_selector("text=Orders by status")
        yield page
        browser.close()


def at(page: Page, pointer: str) -> Locator:
    """The control of a member of the document."""
    return page.locator(f'[id="te{pointer}"]')


def add(page: Page, kind: str, place: int, label: str, key: str) -> str:
    """Ask for something more; returns its pointer."""
    page.click(f"[data-add={kind}]")
    pointer = f"/options/{place}"
    at(page, f"{pointer}/label").fill(label)
    at(page, f"{pointer}/key").fill(key)
    return pointer


def drawn(page: Page) -> None:
    """Wait for the preview of what the form says now."""
    page.wait_for_timeout(300)
    expect(page.locator(".te-stage.te-stale")).to_have_count(0)
    expect(page.locator(".te-picture")).to_be_visible()


def shoot(page: Page, name: str, *, height: int = 1100, width: int = 1440) -> None:
    if os.environ.get("SCREENSHOTS") == "keep":
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        page.screenshot(path=SCREENSHOTS / f"{name}.png", animations="disabled")
        page.set_viewport_size({"width": 1440, "height": 1100})


def test_a_template_is_built_published_and_offered(page: Page, product: Product) -> None:
    watch = Watch(page)
    page.goto(ADD)
    page.fill("[data-name]", "Engraved plaque")
    colour(page)
    name(page)
    photo(page)
    card_and_wishes(page)
    at(page, "/canvas/background").fill("#f5f0e6")
    look(page)
    attach(page)
    page.click("[data-save='']")
    page.wait_for_selector("text=Saved. Shoppers do not see it.")
    template = beside(CustomizationTemplate.objects.get)
    assert (template.name, template.state, template.schema) == ("Engraved plaque", "draft", PLAQUE)
    page.click("[data-save=published]")
    page.wait_for_selector("text=Version 2 is published.")
    offered = page.request.get(f"/api/v2/products/{product.pk}/customizations").json()
    assert offered["data"][0]["schema"] == PLAQUE
    assert offered["data"][0]["stock"] == [{"option": "colour", "value": "gold", "available": 12}]
    keep_a_preset(page)
    assert watch.complaints == []


def colour(page: Page) -> None:
    pointer = add(page, "button", 0, "Colour", "colour")
    at(page, f"{pointer}/required").check()
    for number, (label, swatch, price, stock) in enumerate(
        [("Red", "#c0392b", "0", ""), ("Gold leaf", "#d4af37", "4.5", "12")]
    ):
        page.click("[data-add-choice]")
        choice = f"{pointer}/choices/{number}"
        at(page, f"{choice}/label").fill(label)
        at(page, f"{choice}/swatch").fill(swatch)
        at(page, f"{choice}/price/amount").fill(price)
        at(page, f"{choice}/stock").fill(stock)
    # Short names come by themselves, and are one's own if one wants.
    assert at(page, f"{pointer}/choices/0/value").input_value() == "red"
    at(page, f"{pointer}/choices/1/value").fill("gold")
    assert at(page, f"{pointer}/choices/1/price/amount").input_value() == "4.50"


def name(page: Page) -> None:
    pointer = add(page, "text", 1, "Name to engrave", "name")
    at(page, f"{pointer}/required").check()
    at(page, f"{pointer}/price").select_option("per_character")
    at(page, f"{pointer}/price/amount").fill("0.20")
    at(page, f"{pointer}/price/free").fill("8")
    page.locator(f'[data-at="{pointer}"] [data-place]').click()
    for member, value in {"x": 120, "y": 400, "width": 560, "height": 90}.items():
        at(page, f"{pointer}/placement/{member}").fill(str(value))


def photo(page: Page) -> None:
    pointer = add(page, "image", 2, "Your photo", "photo")
    at(page, f"{pointer}/when/kind").select_option("when")
    # It begins with the option right above, which has no choices.
    at(page, f"{pointer}/when/option").select_option("colour")
    at(page, f"{pointer}/when/red").uncheck()
    at(page, f"{pointer}/when/gold").check()
    page.evaluate("scrollTo(0, 0)")
    draw_box(page, (100, 100), (700, 380))
    found = [at(page, f"{pointer}/placement/{member}").input_value() for member in ("x", "y", "width", "height")]
    assert all(abs(int(value) - wanted) <= 3 for value, wanted in zip(found, (100, 100, 600, 280), strict=True))
    for member, value in {"x": 100, "y": 100, "width": 600, "height": 280}.items():
        at(page, f"{pointer}/placement/{member}").fill(str(value))


def draw_box(page: Page, start: tuple[int, int], end: tuple[int, int]) -> None:
    """Press, drag and let go on the canvas, in its own pixels."""
    box = page.locator(".te-stage").bounding_box()
    assert box is not None
    scale = box["width"] / 800
    page.mouse.move(box["x"] + start[0] * scale, box["y"] + start[1] * scale)
    page.mouse.down()
    page.mouse.move(box["x"] + end[0] * scale, box["y"] + end[1] * scale, steps=4)
    page.mouse.up()


def card_and_wishes(page: Page) -> None:
    add(page, "message", 3, "Gift card", "card")
    pointer = add(page, "text", 4, "Anything else?", "special")
    at(page, f"{pointer}/max_length").fill("500")
    at(page, f"{pointer}/requires_approval").check()


def look(page: Page) -> None:
    """The shop's own judge and renderer say what it comes to."""
    drawn(page)
    expect(page.locator("[data-answer=photo]")).to_be_hidden()
    page.locator("[data-answer=colour] >> text=Gold leaf").click()
    page.fill("#te-sample-name", "Annabelle Marie")
    page.fill("#te-sample-special", "Make it shine")
    expect(page.locator("[data-answer=photo]")).to_be_visible()
    expect(page.locator("[data-sample-costs]")).to_contain_text("+ 1.40 USD")
    expect(page.locator("[data-sample-costs]")).to_contain_text("Colour: Gold leaf")
    expect(page.locator("[data-sample-note]")).to_contain_text("Anything else?")
    page.fill("#te-sample-name", "A name that is too long for it")
    expect(page.locator("[data-answer=name] .te-faults")).to_contain_text("At most 24 characters.")
    page.fill("#te-sample-name", "Annabelle Marie")
    expect(page.locator("[data-answer=name] .te-faults")).to_be_empty()


def attach(page: Page) -> None:
    page.fill("[data-find=products]", "Walnut")
    page.click("[role=option] >> text=Walnut plaque")
    page.fill("[data-find=packages]", "Desk")
    page.locator("[data-found] >> text=Desk set").wait_for()
    page.press("[data-find=packages]", "Enter")
    expect(page.locator("[data-target]")).to_have_count(2)


def keep_a_preset(page: Page) -> None:
    page.fill("#te-sample-name", "Anna")
    drawn(page)
    page.fill("#te-preset-name", "Red for Anna")
    page.click("[data-keep]")
    page.wait_for_selector("[data-preset='Red for Anna']")
    (preset,) = beside(lambda: list(CustomizationTemplate.objects.get().presets.values("name", "answers")))
    assert preset["answers"]["name"] == "Anna"
    assert preset["answers"]["colour"] == "red"
    page.locator("[data-answer=colour] >> text=Gold leaf").click()
    drawn(page)
    at(page, "/options/0/toggle").click()
    page.evaluate("scrollTo(0, 0)")
    shoot(page, "admin-template-editor", height=1300)


@pytest.fixture
def template(product: Product) -> CustomizationTemplate:
    """One that is offered."""
    return make_template(name="Engraved plaque", schema=PLAQUE, products=[product.pk])


def open_editor(page: Page, template: CustomizationTemplate) -> None:
    page.goto(f"/admin/customizations/customizationtemplate/{template.pk}/change/")
    drawn(page)


def keys(page: Page) -> list[str]:
    """The options in the order of the page."""
    found: list[str] = page.eval_on_selector_all("[data-option]", "all => all.map(it => it.dataset.option)")
    return found


def test_options_are_brought_into_order_renamed_copied_and_removed(template: CustomizationTemplate, page: Page) -> None:
    watch = Watch(page)
    open_editor(page, template)
    by_mouse_and_keyboard(page)
    # Whoever renames an option or a choice renames it in conditions too.
    at(page, "/options/0/toggle").click()
    at(page, "/options/0/key").fill("finish")
    at(page, "/options/0/choices/1/value").fill("leaf")
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
    shoot(page, "admin-template-conditions")


def read_the_difference(page: Page) -> None:
    page.click("[data-version='2']")
    expect(page.locator("[data-change]").first).to_be_visible()
    assert "Maya" in page.content() or "maya@example.com" in page.content()
    shoot(page, "admin-template-version", height=900)


def test_nobody_overwrites_what_somebody_else_saved(template: CustomizationTemplate, page: Page) -> None:
    open_editor(page, template)
    page.fill("[data-name]", "Mine")
    beside(lambda: templates.update_template(template=template, changes={"name": "Theirs"}, actor="system"))
    page.click("[data-save=published]")
    expect(page.locator("[data-said]")).to_contain_text("Somebody saved version 2")
    assert beside(CustomizationTemplate.objects.get).name == "Theirs"
    page.click("text=Discard mine and load theirs")
    expect(page.locator("[data-name]")).to_have_value("Theirs")


def test_every_fault_is_at_its_field_and_beside_the_json(page: Page) -> None:
    page.goto(ADD)
    page.click("[data-add=text]")
    at(page, "/options/0/label").fill("Name")
    at(page, "/options/0/max_length").fill("5000")
    expect(page.locator('[data-at="/options/0/max_length"] .te-faults')).to_contain_text("from 1 to 1000")
    # What is not finished yet is no fault before somebody wants to save.
    expect(page.locator('[data-at="/name"] .te-faults')).to_be_empty()
    page.click("[data-save='']")
    expect(page.locator('[data-at="/name"] .te-faults')).not_to_be_empty()
    assert not beside(CustomizationTemplate.objects.exists)
    page.click("text=As JSON")
    expect(page.locator("[data-json-faults]")).to_contain_text("/options/0/max_length")
    shoot(page, "admin-template-faults")
    page.fill("[data-json]", '{"options": [')
    expect(page.locator("[data-json-trouble]")).to_contain_text("This is not JSON")
    page.fill("[data-json]", '{"options": [{"key": "size", "type": "button", "label": "Size", "choices": []}]}')
    expect(page.locator("[data-option=size]")).to_be_visible()


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
    shoot(page, "admin-template-dark")
    page.set_viewport_size({"width": 400, "height": 900})
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0
    shoot(page, "admin-template-narrow", width=400, height=1400)
    page.click("[data-save=published]")
    page.wait_for_selector("text=Version 2 is published.")
    assert len(beside(CustomizationTemplate.objects.get).schema["canvas"]["background"]) == 64
    assert watch.complaints == []
