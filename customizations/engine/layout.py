"""Reading what the answers are shown on, and where."""

import math
import re
from collections.abc import Collection
from dataclasses import dataclass

from customizations.engine.reading import Members, Place
from customizations.engine.schema import Align, Box, Canvas, Fit, ImagePlacement, Mask, TextPlacement

MOST_SIDE = 6_000
_LEAST_SIDE = 16
_MOST_CURVE = 330
_MOST_ROTATION = 180
_SMALLEST_TEXT = 4
_STORED = re.compile(r"[0-9a-f]{64}")
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
_FONT = re.compile(r"[A-Za-z0-9_-]{1,50}")
_BOX = ("x", "y", "width", "height")
_TEXT = (*_BOX, "font", "color", "align", "size", "min_size", "curve", "rotation")
# What a turned box may stick out for its corners are no whole numbers.
_TOLERANCE = 0.5


@dataclass(frozen=True, slots=True)
class LayoutReader:
    """Reads places on ``canvas``; ``fonts`` are the names there are, None if that is not asked."""

    canvas: Canvas | None
    fonts: Collection[str] | None = None

    def text(self, members: Members) -> TextPlacement | None:
        """Where text is shown, if it is."""
        if (place := members.at("placement")) is None:
            return None
        fields = place.members(_TEXT)
        rotation = fields.whole("rotation", -_MOST_ROTATION, _MOST_ROTATION) or 0
        box = self._box(place, fields, rotation)
        size = fields.whole("size", _SMALLEST_TEXT, MOST_SIDE)
        min_size = fields.whole("min_size", _SMALLEST_TEXT, size or MOST_SIDE)
        return TextPlacement(
            box.x,
            box.y,
            box.width,
            box.height,
            font=self._font(fields),
            color=fields.colour("color") or "#000000",
            align=fields.one_of("align", Align.CENTER),
            size=size,
            min_size=min_size,
            curve=fields.whole("curve", -_MOST_CURVE, _MOST_CURVE) or 0,
            rotation=rotation,
        )

    def image(self, members: Members) -> ImagePlacement | None:
        """Where a picture is shown, if it is."""
        if (place := members.at("placement")) is None:
            return None
        fields = place.members((*_BOX, "fit", "mask"))
        box = self._box(place, fields)
        fit, mask = fields.one_of("fit", Fit.COVER), fields.one_of("mask", Mask.NONE)
        return ImagePlacement(box.x, box.y, box.width, box.height, fit=fit, mask=mask)

    def tint(self, members: Members) -> Box | None:
        """What is coloured by the choice, if anything: ``"canvas"``, or a box."""
        if (place := members.at("tint")) is None:
            return None
        if place.value == "canvas":
            self._check_canvas(place)
            return self.canvas.box if self.canvas else None
        return self._box(place, place.members(_BOX))

    def _box(self, place: Place, fields: Members, rotation: int = 0) -> Box:
        """A box on the canvas; whether it leaves it is asked only where nothing else is wrong."""
        before = len(place.faults)
        x, y = (fields.needed_whole(name, 0, MOST_SIDE) for name in ("x", "y"))
        width, height = (fields.needed_whole(name, 1, MOST_SIDE) for name in ("width", "height"))
        box = Box(x, y, width, height)
        self._check_canvas(place)
        if self.canvas and len(place.faults) == before and not _contains(self.canvas, box, rotation):
            place.fault("outside_canvas", f"The canvas is {self.canvas.width} by {self.canvas.height} pixels.")
        return box

    def _check_canvas(self, place: Place) -> None:
        if self.canvas is None:
            place.fault("canvas_missing", "Nothing can be placed without a canvas.")

    def _font(self, fields: Members) -> str:
        """The name of a font."""
        name = fields.name("font", _FONT)
        if name and self.fonts is not None and name not in self.fonts:
            fields.place.fault("unknown_font", f"The fonts are {', '.join(sorted(self.fonts))}.", at="font")
        return name


def read_canvas(document: Members) -> Canvas | None:
    """What the answers are shown on, if they are; a faulty canvas has room for everything."""
    if (place := document.at("canvas")) is None:
        return None
    before = len(place.faults)
    fields = place.members(("width", "height", "background"))
    width, height = (fields.needed_whole(name, _LEAST_SIDE, MOST_SIDE) for name in ("width", "height"))
    background = _background(fields)
    if len(place.faults) > before:
        return Canvas(2 * MOST_SIDE, 2 * MOST_SIDE, background)
    return Canvas(width, height, background)


def _background(fields: Members) -> str:
    """A colour, or a stored picture; white if neither is named."""
    place = fields.at("background")
    if place is None or (value := place.is_text()) is None:
        return "#ffffff"
    if _COLOUR.fullmatch(value) is None and _STORED.fullmatch(value) is None:
        place.fault("invalid_background", "A background is a colour like #c0392b, or the SHA-256 of a stored picture.")
    return value.lower()


def _contains(canvas: Canvas, box: Box, rotation: int) -> bool:
    """Whether ``box``, turned around its middle, is all on the canvas."""
    cosine, sine = abs(math.cos(math.radians(rotation))), abs(math.sin(math.radians(rotation)))
    wide, high = box.width * cosine + box.height * sine, box.width * sine + box.height * cosine
    left, top = box.x + (box.width - wide) / 2, box.y + (box.height - high) / 2
    least = min(left, top, canvas.width - left - wide, canvas.height - top - high)
    return least >= (-_TOLERANCE if rotation else 0)
