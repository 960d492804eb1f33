"""Small proofs that use everything the renderer has; their bytes belong to a renderer version."""

import hashlib
import json
import sys
from collections.abc import Mapping, Sequence
from io import BytesIO

from PIL import Image

from customizations.engine import Schema, parse
from customizations.rendering import FONTS, render

PHOTO, SMALL = "5f3f7f0a-1d0b-4c43-8a57-0a4a4c1f2f11", "0d6b1a4e-8b58-4ac2-9d5c-3c1c3c1f2f22"
Sample = tuple[Schema, dict[str, str], dict[str, bytes]]


def picture(width: int, height: int, form: str, mode: str = "RGB") -> bytes:
    """A picture in which every part is another colour."""
    ramp = Image.linear_gradient("L").resize((width, height), Image.Resampling.BICUBIC)
    bands = (ramp, ramp.transpose(Image.Transpose.FLIP_TOP_BOTTOM), ramp.rotate(90).resize(ramp.size), ramp)
    content = BytesIO()
    Image.merge(mode, bands[: len(mode)]).save(content, form, quality=90)
    return content.getvalue()


def text(key: str, *box: int, kind: str = "text", **look: object) -> dict[str, object]:
    """A text or message option in its box."""
    place = dict(zip(("x", "y", "width", "height"), box, strict=True))
    more = {"max_lines": 8} if kind == "message" else {}
    placement = {"font": "serif", "color": "#223344", **place, **look}
    return {"key": key, "type": kind, "label": key, "max_length": 200, "placement": placement, **more}


def photo(key: str, *box: int, **look: object) -> dict[str, object]:
    """An image option in its box."""
    place = dict(zip(("x", "y", "width", "height"), box, strict=True))
    return {"key": key, "type": "image", "label": key, "placement": {**place, **look}}


def sample(
    options: Sequence[Mapping[str, object]], answers: dict[str, str], *, background: bytes | None = None
) -> Sample:
    """What the renderer takes, on a canvas of 400 by 300 pixels."""
    assets = {PHOTO: picture(320, 240, "JPEG"), SMALL: picture(60, 90, "WEBP", "RGBA")}
    name = "#f5efe6"
    if background:
        name = hashlib.sha256(background).hexdigest()
        assets[name] = background
    canvas = {"width": 400, "height": 300, "background": name}
    return parse({"options": [*options], "canvas": canvas}, fonts=FONTS), answers, assets


def texts() -> Sample:
    """Every font, direction, shape of text."""
    options = [
        *(text(name, 10, 8 + 36 * row, 180, 32, font=name) for row, name in enumerate(FONTS)),
        text("arch", 200, 10, 190, 90, font="slab", curve=140),
        text("sag", 200, 100, 190, 60, font="sans", curve=-60, align="left"),
        text("turned", 210, 180, 80, 30, rotation=-35),
        text("card", 10, 195, 180, 95, kind="message", font="hand", align="right"),
        text("rtl", 290, 170, 105, 40, min_size=8),
    ]
    answers = dict.fromkeys(FONTS, "Zoë & Ǻgnes 12") | {
        "arch": "Around the world",
        "sag": "Київ Αθήνα",
        "turned": "x\u0302\u0323 ❤️ ★",
        "card": "Dear all,\nhappy birthday 🎂 to you two 👨‍👩‍👧!",
        "rtl": "שלום (سلام) 12",
    }
    return sample(options, answers)


def pictures() -> Sample:
    """Every fit and mask, a transparent picture, a background and a tint."""
    gold = {"value": "gold", "label": "Gold", "swatch": "#d4af37"}
    tint = {"x": 0, "y": 0, "width": 400, "height": 40}
    options: list[dict[str, object]] = [
        {"key": "metal", "type": "button", "label": "Metal", "choices": [gold], "tint": tint},
        photo("circle", 10, 50, 120, 90, mask="circle"),
        photo("rounded", 140, 50, 120, 90, mask="rounded", fit="contain"),
        photo("heart", 270, 50, 120, 90, mask="heart"),
        photo("plain", 10, 160, 200, 60),
        photo("clear", 220, 160, 170, 120, fit="contain"),
    ]
    answers = dict.fromkeys(("circle", "rounded", "heart", "plain"), PHOTO) | {"clear": SMALL, "metal": "gold"}
    return sample(options, answers, background=picture(500, 500, "PNG", "RGBA"))


SAMPLES = {each.__name__: each for each in (texts, pictures)}


def hashes() -> dict[str, str]:
    """The SHA-256 of every sample's print file."""
    return {name: render(*make()).sha256 for name, make in SAMPLES.items()}


if __name__ == "__main__":
    for _ in range(int(sys.argv[1])):
        print(json.dumps(hashes(), sort_keys=True))  # noqa: T201 - it is asked for
