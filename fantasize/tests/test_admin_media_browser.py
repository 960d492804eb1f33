"""Pictures and videos in a real browser: added, described, ordered by mouse and by keyboard, retried and removed."""

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import pytest
from django.db import connection
from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect
from pytest_django import Settings

from accounts.tests.factories import make_user
from catalog.enums import MediaState
from catalog.models import Category, Product, ProductMedia
from catalog.selectors.media import media_of
from catalog.services import media, renditions
from catalog.tests.factories import make_product
from fantasize.core.tests.videos import mp4
from fantasize.tests.screenshots import shoot
from fantasize.tests.test_admin_browser import Watch

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
T = TypeVar("T")


def scene(sky: str, ground: str, size: tuple[int, int] = (1200, 900)) -> bytes:
    """A little landscape."""
    image = Image.new("RGB", size, sky)
    draw = ImageDraw.Draw(image)
    width, height = size
    draw.ellipse([width * 0.62, height * 0.12, width * 0.8, height * 0.36], fill="#fff3c4")
    draw.polygon([(0, height), (width * 0.35, height * 0.4), (width * 0.75, height)], fill=ground)
    draw.polygon(
        [(width * 0.45, height), (width * 0.8, height * 0.55), (width, height * 0.8), (width, height)], fill=ground
    )
    file = io.BytesIO()
    image.save(file, "JPEG")
    return file.getvalue()


def beside(read: Callable[[], T]) -> T:
    """What the database says: the browser's thread has no way to it."""

    def run() -> T:
        try:
            return read()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result()


def prepare_all() -> None:
    """What the worker does."""
    for pk in ProductMedia.objects.filter(state=MediaState.PROCESSING).values_list("pk", flat=True):
        renditions.prepare(media_id=pk)


@pytest.fixture
def product(settings: Settings, tmp_path: Path) -> Product:
    """One with three pictures, of which the last could not be prepared."""
    settings.MEDIA_ROOT = tmp_path
    make_user(email="maya@example.com", role="manager")
    product = make_product(name="Paper lantern", stock=9)
    for sky, ground, alt in (
        ("#8ecae6", "#2a9d8f", "A lantern above the hills"),
        ("#f4a261", "#6d597a", "The same at dusk"),
        ("#000000", "#333333", ""),
    ):
        media.add_image(target=product, content=scene(sky, ground), alt=alt, actor="system")
    prepare_all()
    last = media_of(product).last()
    ProductMedia.objects.filter(pk=last.pk if last else 0).update(state=MediaState.FAILED, renditions=[])
    Category.objects.create(name="Home", slug="home")
    return product


@pytest.fixture
def page(product: Product, staff_page: Callable[..., Page]) -> Page:
    """A browser in which a manager has signed in."""
    return staff_page(height=1500)


def open_product(page: Page, product: Product, count: int) -> None:
    page.goto(f"/admin/catalog/product/{product.pk}/change/")
    expect(page.locator("li[data-media]")).to_have_count(count)


def shown(page: Page) -> list[int]:
    """The media in the order of the page."""
    return [int(pk) for pk in page.eval_on_selector_all("li[data-media]", "all => all.map(it => it.dataset.media)")]


def stored(product: Product) -> list[int]:
    """The media in the order of the database."""
    return beside(lambda: list(media_of(product).values_list("pk", flat=True)))


def saved(page: Page, deed: Callable[[], None]) -> None:
    """Do something that is saved at once, and wait until the panel shows what the server has made of it."""
    page.evaluate("document.querySelector('.fz-media-list').dataset.old = ''")
    with page.expect_response(lambda answer: answer.request.method == "POST" and answer.ok):
        deed()
    page.wait_for_selector(".fz-media-list[data-old]", state="detached")


def test_pictures_are_looked_after_on_the_products_page(page: Page, product: Product) -> None:
    watch = Watch(page)
    open_product(page, product, 3)
    describe(page, product)
    order_by_keyboard(page, product)
    order_by_mouse(page, product)
    add_several(page, product)
    try_again(page, product)
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    shoot(page, "admin-product-media", size=(1440, 1000))
    remove(page, product)
    save_the_form_too(page, product)
    assert watch.complaints == []
    refuse(page, product)


def describe(page: Page, product: Product) -> None:
    first = page.locator("[data-alt]").first
    first.fill("A lantern over green hills")
    saved(page, lambda: first.press("Enter"))
    assert beside(lambda: media_of(product)[0].alt) == "A lantern over green hills"
    open_product(page, product, 3)
    expect(page.locator("[data-alt]").first).to_have_value("A lantern over green hills")


def order_by_keyboard(page: Page, product: Product) -> None:
    a, b, c = shown(page)
    page.locator("[data-handle]").first.focus()
    saved(page, lambda: page.keyboard.press("ArrowRight"))
    assert shown(page) == stored(product) == [b, a, c]
    # The focus has gone along, so that another press moves it on.
    assert page.evaluate("document.activeElement.closest('[data-media]').dataset.media") == str(a)
    saved(page, lambda: page.keyboard.press("ArrowLeft"))
    assert shown(page) == stored(product) == [a, b, c]
    page.keyboard.press("ArrowLeft")
    assert shown(page) == [a, b, c]


def order_by_mouse(page: Page, product: Product) -> None:
    a, b, c = shown(page)
    figures = page.locator("li[data-media] figure")
    saved(page, lambda: figures.nth(2).drag_to(figures.nth(0), target_position={"x": 5, "y": 40}))
    assert shown(page) == stored(product) == [c, a, b]
    saved(
        page, lambda: page.locator("[data-handle]").nth(0).drag_to(figures.nth(2), target_position={"x": 150, "y": 40})
    )
    assert shown(page) == stored(product) == [a, b, c]


def add_several(page: Page, product: Product) -> None:
    files: Any = [
        {"name": "one.jpg", "mimeType": "image/jpeg", "buffer": scene("#cdb4db", "#5a189a")},
        {"name": "two.jpg", "mimeType": "image/jpeg", "buffer": scene("#ffd6a5", "#bc6c25", (900, 1200))},
        {"name": "film.mp4", "mimeType": "video/mp4", "buffer": mp4()},
    ]
    page.set_input_files("[data-upload]", files)
    page.wait_for_selector("text=3 added.")
    expect(page.locator("li[data-media]")).to_have_count(6)
    expect(page.locator("[data-media-badge=processing]")).to_have_count(2)
    beside(prepare_all)
    # The page looks by itself whether they are ready.
    expect(page.locator("[data-media-badge=processing]")).to_have_count(0)
    expect(page.locator("li[data-media] img")).to_have_count(4)
    expect(page.locator("li[data-media] video")).to_have_count(1)
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    page.eval_on_selector_all("li[data-media] img", "all => Promise.all(all.map(it => it.decode()))")
    widths = page.eval_on_selector_all("li[data-media] img", "all => all.map(it => it.naturalWidth)")
    assert all(0 < width <= 480 for width in widths)
    assert shown(page) == stored(product)


def try_again(page: Page, product: Product) -> None:
    expect(page.locator("[data-media-badge=failed]")).to_have_count(1)
    saved(page, lambda: page.click("[title='Try again']"))
    beside(prepare_all)
    expect(page.locator("[data-media-badge]")).to_have_count(0)
    assert beside(lambda: set(media_of(product).values_list("state", flat=True))) == {MediaState.READY}


def remove(page: Page, product: Product) -> None:
    before = shown(page)
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.locator("[title=Remove]").first.click()
    assert stored(product) == before
    page.once("dialog", lambda dialog: dialog.accept())
    saved(page, page.locator("[title=Remove]").first.click)
    assert shown(page) == stored(product) == before[1:]


def save_the_form_too(page: Page, product: Product) -> None:
    page.fill("[name=name]", "Paper moon")
    page.click("[name=_continue]")
    page.wait_for_selector("text=was changed successfully")
    assert beside(lambda: Product.objects.get(pk=product.pk).name) == "Paper moon"
    assert len(stored(product)) == 5


def refuse(page: Page, product: Product) -> None:
    before = stored(product)
    file: Any = {"name": "<b>evil</b>.jpg", "mimeType": "image/jpeg", "buffer": b"<script>alert(1)</script>"}
    page.set_input_files("[data-upload]", [file])
    page.wait_for_selector("text=<b>evil</b>.jpg: Only JPEG, PNG and WebP images are taken.")
    assert stored(product) == before


def test_a_category_has_one_picture(page: Page, product: Product) -> None:
    watch = Watch(page)
    category = beside(Category.objects.get)
    page.goto(f"/admin/catalog/category/{category.pk}/change/")
    page.wait_for_selector("text=No picture yet.")
    for colour in ("#8ecae6", "#f4a261"):
        file: Any = {"name": "x.jpg", "mimeType": "image/jpeg", "buffer": scene(colour, "#333333")}
        saved(page, lambda file=file: page.set_input_files("[data-upload]", [file]))  # type: ignore[misc]
        expect(page.locator("li[data-media]")).to_have_count(1)
    expect(page.locator("[data-handle]")).to_have_count(0)
    assert beside(lambda: ProductMedia.objects.filter(category=category).count()) == 1
    assert watch.complaints == []


def test_a_new_product_is_saved_first(page: Page, product: Product) -> None:
    page.goto("/admin/catalog/product/add/")
    expect(page.locator("text=Save first; pictures can be added then.")).to_be_visible()


def test_failed_pictures_are_found_in_the_list(page: Page, product: Product) -> None:
    watch = Watch(page)
    page.goto("/admin/catalog/productmedia/?state__exact=failed")
    expect(page.locator("#result_list tbody tr")).to_have_count(1)
    page.click("#result_list >> text=Paper lantern")
    page.wait_for_selector("[title='Try again']")
    assert page.url.endswith(f"/product/{product.pk}/change/")
    assert watch.complaints == []
