"""The whole way of an import in a real browser: upload, look, apply, undo; and an export."""

import csv
import io
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from playwright.sync_api import Page, expect

from accounts.tests.factories import make_user
from catalog.models import Brand, Category
from catalog.tests.factories import make_product
from fantasize.core.models import RUNNING_STATES, Transfer
from fantasize.core.transfers import running
from fantasize.tests.screenshots import shoot
from fantasize.tests.test_admin_browser import Watch

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
FILE = (
    "sku,name,category,brand,list_price,on_hand\n"
    "LAMP-01,Brass reading lamp,home,lumen,64.00,\n"
    "BOARD-2,Oak board,home,,27.50,\n"
    "MUG-7,Enamel mug,kitchen,,12.00,40\n"
    "CLOCK-3,Slate clock,home,,cheap,5\n"
    "MUG-8,Stoneware mug,cellar,,9.00,10\n"
)


@pytest.fixture
def shop(settings: Any, tmp_path: Path) -> None:
    """A shop with a little to change. Made before the browser runs: beside it the database is out of reach."""
    settings.MEDIA_ROOT = tmp_path
    home = Category.objects.create(name="Home", slug="home")
    Category.objects.create(name="Kitchen", slug="kitchen")
    lumen = Brand.objects.create(name="Lumen", slug="lumen")
    make_product(sku="LAMP-01", name="Reading lamp", price="59.00", category=home, brand=lumen)
    make_product(sku="BOARD-2", name="Oak board", price="24.90", category=home)
    make_user(email="maya@example.com", role="manager")


@pytest.fixture
def worker(shop: None) -> Iterator[None]:
    """What a worker would do, in this process: one of its own takes seconds to start, and is tried elsewhere."""
    over = threading.Event()

    def work() -> None:
        while not over.is_set():
            for transfer in Transfer.objects.filter(state__in=RUNNING_STATES):
                running.run(transfer.pk)
            over.wait(0.1)
        connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    yield
    over.set()
    thread.join()


@pytest.fixture
def page(worker: None, staff_page: Callable[..., Page]) -> Page:
    """A browser in which a manager has signed in."""
    return staff_page(height=1000)


def test_a_file_is_looked_at_applied_and_taken_back_and_rows_are_exported(page: Page) -> None:
    watch = Watch(page)
    look_at_the_rows(page)
    apply_and_undo(page)
    exported = export_the_list(page)
    assert [row["name"] for row in exported] == ["Oak board", "Reading lamp"]
    assert watch.complaints == []


def look_at_the_rows(page: Page) -> None:
    page.goto("/admin/catalog/product/")
    page.click('a[href="/admin/catalog/product/import/"]')
    page.set_input_files("[name=file]", {"name": "spring.csv", "mimeType": "text/csv", "buffer": FILE.encode()})
    page.click("#import-form [type=submit]")
    page.wait_for_selector("[data-transfer=checked]")
    for name, count in {"new": "1", "changed": "2", "refused": "2"}.items():
        expect(page.locator(f"[data-count={name}]")).to_have_text(count)
    expect(page.locator("[data-row='2'] ins")).to_have_text(["Brass reading lamp", "64.00"])
    expect(page.locator("tbody tr").first).to_have_attribute("data-outcome", "refused")
    shoot(page, "admin-import-diff")


def apply_and_undo(page: Page) -> None:
    page.click("[data-do=apply-good]")
    page.wait_for_selector("[data-transfer=done]")
    page.click("[data-do=undo]")
    page.wait_for_selector("[data-message] >> text=2 restored, 1 removed.")


def export_the_list(page: Page) -> list[dict[str, str]]:
    page.goto("/admin/catalog/product/")
    page.click('a[href^="/admin/catalog/product/export/"]')
    page.click("#export-form [type=submit]")
    page.wait_for_selector("[data-do=download]")
    with page.expect_download() as download:
        page.click("[data-do=download]")
    text = Path(download.value.path()).read_text(encoding="utf-8")
    return sorted(csv.DictReader(io.StringIO(text)), key=lambda row: row["name"])
