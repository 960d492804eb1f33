"""Schemas for tests, small and whole."""

from collections.abc import Mapping

import pytest

from customizations.engine import SchemaError, parse

Document = dict[str, object]

CANVAS: Document = {"width": 800, "height": 600, "background": "#ffffff"}
BOX: Document = {"x": 120, "y": 400, "width": 560, "height": 90}


def button(key: str = "colour", *values: str, **more: object) -> Document:
    """A button option with these choices: red and gold, if none are named."""
    choices = [{"value": value, "label": value.title()} for value in values or ("red", "gold")]
    return {"key": key, "type": "button", "label": key.title(), "choices": choices, **more}


def text(key: str = "name", **more: object) -> Document:
    """A text option of at most 24 characters."""
    return {"key": key, "type": "text", "label": key.title(), "max_length": 24, **more}


def message(key: str = "card", **more: object) -> Document:
    """A message of at most 40 characters in three lines."""
    return {"key": key, "type": "message", "label": key.title(), "max_length": 40, "max_lines": 3, **more}


def image(key: str = "photo", **more: object) -> Document:
    """A picture of at least 600 by 400 pixels."""
    return {"key": key, "type": "image", "label": key.title(), "min_width": 600, "min_height": 400, **more}


def document(*options: Mapping[str, object], canvas: object = CANVAS) -> Document:
    """A schema of these options, on a canvas of 800 by 600 pixels."""
    return {"options": [dict(option) for option in options], "canvas": canvas}


def plaque() -> Document:
    """An engraved plaque: what a template of the shop looks like."""
    colours = [
        {"value": "red", "label": "Red", "swatch": "#C0392B", "price": "0.00", "stock": None},
        {"value": "gold", "label": "Gold leaf", "swatch": "#d4af37", "price": "4.50", "stock": 12},
    ]
    price = {"mode": "per_character", "amount": "0.20", "free": 8}
    return document(
        {"key": "colour", "type": "button", "label": "Colour", "required": True, "choices": colours, "tint": "canvas"},
        text(required=True, price=price, placement={**BOX, "font": "serif", "color": "#222222", "align": "left"}),
        image(when={"option": "colour", "in": ["gold"]}, placement={"x": 100, "y": 100, "width": 600, "height": 280}),
        message(price={"mode": "once", "amount": "2.00"}),
        text("special", max_length=500, requires_approval=True),
    )


def faults(source: object, **told: object) -> list[tuple[str, str]]:
    """Where the faults of a document are, and their codes."""
    with pytest.raises(SchemaError) as refused:
        parse(source, **told)  # type: ignore[arg-type]
    assert all(fault.detail.endswith(".") for fault in refused.value.faults)
    return [(fault.pointer, fault.code) for fault in refused.value.faults]
