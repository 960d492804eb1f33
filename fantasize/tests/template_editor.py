"""Writing templates in a browser: what its tests have in common."""

from typing import Any

from playwright.sync_api import Locator, Page, expect

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
    expect(page.locator("[data-template-editor][aria-busy]")).to_have_count(0)
    expect(page.locator(".te-picture")).to_be_visible()
