"""Example proofs for the documentation: ``python -m bench.proofs`` writes them into ``docs/images``.

Everything is made here, products and photos too, from fixed seeds: every run writes the same files.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from bench import scenes
from customizations import engine
from customizations.rendering import FONTS, preview, render

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "images"
_SIDE = 560
_PHOTO = "5f3f7f0a-1d0b-4c43-8a57-0a4a4c1f2f11"
_INK = "#3a2413"


@dataclass(frozen=True, slots=True)
class Example:
    """Answers to some options on the picture of a product, on a canvas of ``side`` by ``side`` pixels."""

    background: bytes
    options: tuple[Mapping[str, Any], ...]
    answers: Mapping[str, str]
    assets: Mapping[str, bytes] = field(default_factory=dict)
    side: int = scenes.SIDE

    def parsed(self) -> tuple[engine.Schema, dict[str, str], dict[str, bytes]]:
        """What the renderer takes."""
        name = hashlib.sha256(self.background).hexdigest()
        canvas = {"width": self.side, "height": self.side, "background": name}
        schema = engine.parse({"options": [*self.options], "canvas": canvas}, fonts=FONTS)
        uploads = dict.fromkeys(self.assets, engine.UploadFacts(3000, 2250))
        evaluation = engine.evaluate(schema, self.answers, unit_price=Decimal("20.00"), uploads=uploads)
        assert evaluation.is_valid, evaluation.errors
        return schema, evaluation.answers, {name: self.background, **self.assets}


def text(key: str, *box: int, font: str, color: str, **more: Any) -> dict[str, Any]:
    """A text option in its box."""
    place = dict(zip(("x", "y", "width", "height"), box, strict=True))
    return {
        "key": key,
        "type": "text",
        "label": key,
        "max_length": 60,
        "placement": {**place, "font": font, "color": color, **more},
    }


def message(key: str, *box: int, font: str, color: str, **more: Any) -> dict[str, Any]:
    """A message option in its box."""
    return {**text(key, *box, font=font, color=color, **more), "type": "message", "max_length": 400, "max_lines": 8}


def photo(key: str, *box: int, mask: str) -> dict[str, Any]:
    """An image option in its box."""
    place = dict(zip(("x", "y", "width", "height"), box, strict=True))
    return {"key": key, "type": "image", "label": key, "placement": {**place, "mask": mask}}


def mug() -> Example:
    """A photo in a circle under an arch of text."""
    options = (
        photo("photo", 380, 460, 350, 350, mask="circle"),
        text("arch", 300, 330, 510, 250, font="hand", color="#8c2f39", curve=150, size=76),
        text("year", 430, 840, 250, 60, font="slab", color="#8c2f39"),
    )
    answers = {"photo": _PHOTO, "arch": "Best Grandparents", "year": "since 1974"}
    return Example(scenes.png(scenes.mug()), options, answers, {_PHOTO: scenes.photo()})


def board() -> Example:
    """Two lines burnt into wood."""
    options = (
        text("name", 190, 400, 820, 260, font="script", color=_INK),
        text("line", 260, 720, 680, 70, font="serif", color=_INK),
    )
    answers = {"name": "Zoë & Ágoston", "line": "Kyiv · Київ · 12 ★ 6 ★ 2026"}
    return Example(scenes.png(scenes.board()), options, answers)


def necklace() -> Example:
    """A plate that the colour is chosen of."""
    gold = {"value": "gold", "label": "Gold", "swatch": "#e8bf5f"}
    metal = {"key": "metal", "type": "button", "label": "Metal", "choices": [gold], "tint": "canvas"}
    name = text("name", 350, 562, 500, 116, font="hand", color="#4a3312")
    return Example(scenes.png(scenes.necklace()), (metal, name), {"metal": "gold", "name": "Liv ❤ Noor ∞"})


def card() -> Example:
    """A photo and a message that is broken into lines."""
    options = (
        photo("photo", 215, 125, 770, 400, mask="rounded"),
        message("message", 225, 560, 750, 520, font="hand", color="#33415c", size=58, align="left"),
    )
    words = (
        "Dear Anna,\nhappy birthday! May all of your wishes come true. 🎂\n"
        "We cannot wait to see you at the lake again.\n\nYours, Tom, Eva & the cats 🐈🐈"
    )
    return Example(scenes.png(scenes.card()), options, {"photo": _PHOTO, "message": words}, {_PHOTO: scenes.photo()})


def letter() -> Example:
    """The same card from right to left, with a number and a Latin name in the middle."""
    options = (
        text("title", 225, 160, 750, 150, font="serif", color="#7a1f3d"),
        message("message", 225, 340, 750, 400, font="serif", color="#33415c", size=56, align="right"),
        text("hebrew", 225, 820, 750, 100, font="sans", color="#7a1f3d"),
    )
    answers = {
        "title": "عيد ميلاد سعيد",
        "message": "عزيزتي Anna،\nنتمنى لك عاما جميلا (2026) مليئا بالفرح والصحة والنجاح.\nمع كل الحب 🎈",
        "hebrew": "מזל טוב, Anna (בת 30)!",
    }
    return Example(scenes.png(scenes.card()), options, answers)


def coaster() -> Example:
    """A ring of text around a heart."""
    options = (
        photo("photo", 415, 455, 370, 330, mask="heart"),
        text("upper", 190, 190, 820, 400, font="slab", color="#f2efe9", curve=190, size=104),
        text("lower", 260, 800, 680, 190, font="serif", color="#d8b56a", curve=-100, size=96),
    )
    answers = {"photo": _PHOTO, "upper": "HOME IS WHERE", "lower": "the lake is"}
    return Example(scenes.png(scenes.slate()), options, answers, {_PHOTO: scenes.photo()})


EXAMPLES = {each.__name__: each for each in (mug, board, necklace, card, letter, coaster)}


def main() -> None:
    """Write every example's preview."""
    FOLDER.mkdir(exist_ok=True)
    for name, make in EXAMPLES.items():
        rendered = render(*make().parsed())
        file = FOLDER / f"proof-{name}.webp"
        file.write_bytes(preview(rendered.png, max_side=_SIDE, format="webp"))
        print(f"{file.relative_to(FOLDER.parent.parent)}  {file.stat().st_size:,} bytes  from {rendered.sha256}")


if __name__ == "__main__":
    main()
