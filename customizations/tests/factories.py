"""Templates for tests, made by the services that make them in the shop."""

import itertools
from copy import deepcopy
from typing import Any

from customizations.enums import TemplateState
from customizations.models import CustomizationTemplate, Upload
from customizations.services.templates import create_template

_numbers = itertools.count(1)

COLOUR: dict[str, Any] = {
    "key": "colour",
    "type": "button",
    "label": "Colour",
    "required": True,
    "choices": [
        {"value": "red", "label": "Red", "swatch": "#c0392b", "price": "0.00", "stock": None},
        {"value": "gold", "label": "Gold leaf", "swatch": "#d4af37", "price": "4.50", "stock": 12},
    ],
}
NAME: dict[str, Any] = {
    "key": "name",
    "type": "text",
    "label": "Name to engrave",
    "max_length": 24,
    "price": {"mode": "per_character", "amount": "0.20", "free": 8},
    "placement": {"x": 120, "y": 400, "width": 560, "height": 90, "font": "serif", "color": "#222222"},
}
PHOTO: dict[str, Any] = {
    "key": "photo",
    "type": "image",
    "label": "Your photo",
    "min_width": 4,
    "min_height": 4,
    "when": {"option": "colour", "in": ["gold"]},
}
SPECIAL: dict[str, Any] = {
    "key": "special",
    "type": "text",
    "label": "Anything else?",
    "max_length": 500,
    "requires_approval": True,
}
WRAPPING: dict[str, Any] = {
    "key": "wrapping",
    "type": "button",
    "label": "Wrapping",
    "choices": [{"value": "paper", "label": "Paper", "price": {"mode": "once", "amount": "3.00"}}],
}
CANVAS: dict[str, Any] = {"width": 800, "height": 600, "background": "#ffffff"}
SCHEMA: dict[str, Any] = {"options": [COLOUR, NAME, PHOTO, SPECIAL, WRAPPING], "canvas": CANVAS}


def make_schema(**changes: Any) -> dict[str, Any]:
    """A schema of one's own; ``changes`` replace its members."""
    return {**deepcopy(SCHEMA), **deepcopy(changes)}


def make_template(
    *, is_published: bool = True, name: str = "", schema: Any = None, **targets: Any
) -> CustomizationTemplate:
    """A template, published unless told otherwise; ``products`` and ``packages`` are ids."""
    return create_template(
        name=name or f"Template {next(_numbers)}",
        schema=make_schema() if schema is None else schema,
        state=TemplateState.PUBLISHED if is_published else TemplateState.DRAFT,
        actor="system",
        **targets,
    )


def make_upload(owner: str, *, width: int = 8, height: int = 8) -> Upload:
    """The row of a picture, without its file."""
    facts = {"sha256": "0" * 64, "bytes": 1, "format": "png", "width": width, "height": height}
    return Upload.objects.create(owner=owner, file=f"uploads/ab/{next(_numbers):032x}.png", **facts)
