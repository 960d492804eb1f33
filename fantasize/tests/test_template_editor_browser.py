"""Templates written in a real browser, by somebody who knows no JSON: through the form alone."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pytest_django import Settings

from accounts.tests.factories import make_user
from catalog.models import Product
from catalog.tests.factories import make_package, make_product
from customizations.models import CustomizationTemplate
from fantasize.tests.screenshots import shoot
from fantasize.tests.template_editor import PLAQUE, add, at, drawn
from fantasize.tests.test_admin_browser import Watch
from fantasize.tests.test_admin_media_browser import beside

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ADD = "/admin/customizations/customizationtemplate/add/"


@pytest.fixture
def product(settings: Settings, tmp_path: Path) -> Product:
    """Something to be made personal, beside other things."""
    settings.MEDIA_ROOT = tmp_path
    make_user(email="maya@example.com", role="manager")
    product = make_product(name="Walnut plaque", stock=9)
    make_package(product, name="Desk set")
    return product


@pytest.fixture
def page(product: Product, staff_page: Callable[..., Page]) -> Page:
    """A browser in which a manager has signed in."""
    return staff_page(height=1100)


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
    expect(at(page, f"{pointer}/choices/0/value")).to_have_value("red")
    at(page, f"{pointer}/choices/1/value").fill("gold")
    expect(at(page, f"{pointer}/choices/1/price/amount")).to_have_value("4.50")


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
    shoot(page, "admin-template-editor", size=(1440, 1300))


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
    shoot(page, "admin-template-faults", size=(1440, 1100))
    page.fill("[data-json]", '{"options": [')
    expect(page.locator("[data-json-trouble]")).to_contain_text("This is not JSON")
    # Nothing that somebody has typed is lost because they looked elsewhere, and nothing else is saved instead.
    page.click("[data-save='']")
    expect(page.locator("[data-said]")).to_contain_text("Nothing was saved")
    expect(page.locator("[data-json]")).to_have_value('{"options": [')
    page.fill("[data-json]", "null")
    expect(page.locator("[data-options]")).to_contain_text("The form cannot show this document")
    expect(page.locator("[data-json-faults]")).to_contain_text("/")
    page.fill("[data-json]", '{"options": [{"key": "size", "type": "button", "label": "Size", "choices": []}]}')
    expect(page.locator("[data-option=size]")).to_be_visible()
