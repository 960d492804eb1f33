"""What buyers of the demonstration shop are asked: templates with every type of option, and orders that answer them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalog.models import Package, Product
from customizations.enums import TemplateState
from customizations.services import presets, templates

ACTOR = "demo"

_CARD = {"key": "card", "type": "message", "label": "Gift card", "max_length": 300, "max_lines": 8}
_GLAZE: dict[str, Any] = {
    "key": "glaze",
    "type": "button",
    "label": "Glaze",
    "required": True,
    "tint": {"x": 0, "y": 0, "width": 900, "height": 900},
    "choices": [
        {"value": "oat", "label": "Oat", "swatch": "#f0e6d6"},
        {"value": "sage", "label": "Sage", "swatch": "#a9b8a0"},
        {"value": "night", "label": "Night blue", "swatch": "#9fb0d0", "price": "1.50"},
        {"value": "gold", "label": "Gold rim", "swatch": "#e8cf8a", "price": "4.50", "stock": 12},
    ],
}


def _text(key: str, label: str, box: tuple[int, int, int, int], font: str, **more: Any) -> dict[str, Any]:
    """A text in a box (x, y, width, height) of the canvas."""
    x, y, width, height = box
    place = {"x": x, "y": y, "width": width, "height": height, "font": font, "color": "#2b2320", "align": "center"}
    return {"key": key, "type": "text", "label": label, "placement": place, **more}


@dataclass(frozen=True, slots=True)
class _Template:
    """A template, and the gifts that it is for, by name."""

    name: str
    options: Sequence[Mapping[str, Any]]
    canvas: Mapping[str, Any]
    products: Sequence[str] = ()
    packages: Sequence[str] = ()


_TEMPLATES = (
    _Template(
        "Name on clay",
        (
            _GLAZE,
            _text(
                "name",
                "Name",
                (130, 330, 640, 240),
                "script",
                required=True,
                max_length=18,
                price={"mode": "per_character", "amount": "0.20", "free": 8},
            ),
            _CARD,
        ),
        {"width": 900, "height": 900, "background": "#ffffff"},
        products=("Engraved Stoneware Mug", "Named Enamel Camping Mug", "Ceramic Pet Bowl", "Plant Pot with a Name"),
    ),
    _Template(
        "Photo and a line",
        (
            {
                "key": "photo",
                "type": "image",
                "label": "Your photo",
                "min_width": 600,
                "min_height": 400,
                "placement": {"x": 100, "y": 90, "width": 1000, "height": 620, "fit": "cover", "mask": "rounded"},
            },
            _text("line", "A line below it", (100, 740, 1000, 90), "serif", max_length=60),
            {
                "key": "special",
                "type": "text",
                "label": "Anything else?",
                "max_length": 300,
                "requires_approval": True,
            },
        ),
        {"width": 1200, "height": 900, "background": "#f4eee4"},
        products=("Engraved Oak Photo Frame", "Pet Portrait in Ink", "House Portrait", "Family Recipe Board"),
    ),
    _Template(
        "Initials on leather",
        (
            {
                "key": "foil",
                "type": "button",
                "label": "Initials",
                "choices": [
                    {"value": "blind", "label": "Pressed in"},
                    {"value": "gold", "label": "Gold foil", "swatch": "#d4af37", "price": "6.00", "stock": 40},
                ],
            },
            _text(
                "initials",
                "Which ones",
                (350, 220, 300, 160),
                "slab",
                required=True,
                max_length=3,
                allowed=["capitals", "accents"],
                when={"option": "foil", "filled": True},
            ),
        ),
        {"width": 1000, "height": 600, "background": "#c79a6b"},
        products=("Initial Leather Wallet", "Leather Travel Journal", "Passport Cover", "Stamped Key Fob"),
    ),
    _Template(
        "A card in the box",
        (
            _CARD,
            {
                "key": "wrapping",
                "type": "button",
                "label": "Wrapping",
                "choices": [
                    {"value": "paper", "label": "Printed paper", "price": {"mode": "once", "amount": "3.00"}},
                    {"value": "linen", "label": "Linen cloth", "price": {"mode": "percent", "amount": "5"}},
                ],
            },
        ),
        {"width": 900, "height": 600, "background": "#ffffff"},
        packages=("Cosy Evening", "Wedding Keepsakes", "The Letter Writer"),
    ),
)
# What some buyers have answered, by gift; the last one waits for staff.
ANSWERED: Mapping[str, Mapping[str, str]] = {
    "Engraved Stoneware Mug": {"glaze": "gold", "name": "Wilhelmina", "card": "Happy birthday, Mina!\nYours, Tom"},
    "Initial Leather Wallet": {"foil": "gold", "initials": "ÉMR"},
    "Pet Portrait in Ink": {"line": "Bruno, 2011\u20132026", "special": "Could he wear his red scarf, please?"},
}
_PRESETS = {
    "Name on clay": ("For somebody's cat", {"glaze": "oat", "name": "Luna"}),
    "A card in the box": ("With love", {"wrapping": "linen", "card": "With love from all of us"}),
}


def ask_buyers() -> None:
    """Publish the templates, some with a ready-made set of answers."""
    products = dict(Product.objects.values_list("name", "pk"))
    packages = dict(Package.objects.values_list("name", "pk"))
    for each in _TEMPLATES:
        template = templates.create_template(
            name=each.name,
            schema={"options": [dict(option) for option in each.options], "canvas": dict(each.canvas)},
            state=TemplateState.PUBLISHED,
            products=[products[name] for name in each.products],
            packages=[packages[name] for name in each.packages],
            actor=ACTOR,
        )
        if each.name in _PRESETS:
            name, answers = _PRESETS[each.name]
            presets.add_preset(template=template, name=name, answers=answers)
