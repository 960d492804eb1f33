"""Pictures for the documentation: ``SCREENSHOTS=keep bin/test FILE...`` takes those of these tests anew."""

import os
from pathlib import Path

from playwright.sync_api import Page

IS_KEPT = os.environ.get("SCREENSHOTS") == "keep"
_FOLDER = Path(__file__).resolve().parents[2] / "docs" / "screenshots"


def shoot(page: Page, name: str, *, full_page: bool = False, size: tuple[int, int] | None = None) -> None:
    """Keep what the page shows, if pictures are asked for; of a window of this size (width, height in pixels)."""
    if not IS_KEPT:
        return
    before = page.viewport_size
    if size:
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    page.screenshot(path=_FOLDER / f"{name}.png", animations="disabled", full_page=full_page)
    if size and before:
        page.set_viewport_size(before)
