"""Drawing with soft light: shapes with gradients and shadows on a plain backdrop. Coordinates go from 0 to 1000."""

from collections.abc import Callable, Sequence
from functools import cache
from io import BytesIO

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont, ImageOps

Box = tuple[float, float, float, float]
Point = tuple[float, float]
Mask = Callable[[ImageDraw.ImageDraw, Callable[[Sequence[float]], list[float]]], None]

UNITS = 1000
# Drawn at twice the size and shrunk at the end, so that edges are smooth.
FINE = 2.0

# How light runs over a shape, in 256 steps from its first colour (0) to its second (255).
_EVEN = bytes(range(256))
_ROUND = bytes(min(255, int(255 * abs((step - 82) / 173) ** 1.6)) for step in range(256))


class Canvas:
    """A picture in the making, drawn with ``scale`` pixels to a unit."""

    def __init__(self, top: str, bottom: str, scale: float = FINE) -> None:
        self.scale = scale
        self.side = int(UNITS * scale)
        self.image = _gradient((self.side, self.side), top, bottom, _EVEN, across=False)
        self.glow((-150, -250, 850, 650), 0.5)

    def fill(self, mask: Mask, first: str, second: str = "", *, across: bool = False, is_round: bool = False) -> None:
        """Fill what ``mask`` draws from one colour to the other: down, ``across``, or as light runs on a tube."""
        stencil = self._stencil(mask)
        box = stencil.getbbox()
        if box is None:
            return
        size = (box[2] - box[0], box[3] - box[1])
        ramp = _ROUND if is_round else _EVEN
        self.image.paste(
            _gradient(size, first, second or first, ramp, across=across or is_round), box, stencil.crop(box)
        )

    def rectangle(self, box: Box, first: str, second: str = "", *, radius: float = 0, **light: bool) -> None:
        """A rectangle, with rounded corners if told so."""
        self.fill(lambda draw, at: draw.rounded_rectangle(at(box), radius * self.scale, 255), first, second, **light)

    def ellipse(self, box: Box, first: str, second: str = "", **light: bool) -> None:
        """An ellipse."""
        self.fill(lambda draw, at: draw.ellipse(at(box), 255), first, second, **light)

    def ring(self, box: Box, width: float, first: str, second: str = "", **light: bool) -> None:
        """The outline of an ellipse."""
        size = max(1, int(width * self.scale))
        self.fill(lambda draw, at: draw.ellipse(at(box), outline=255, width=size), first, second, **light)

    def polygon(self, points: Sequence[Point], first: str, second: str = "", **light: bool) -> None:
        """A polygon."""
        flat = [number for point in points for number in point]
        self.fill(lambda draw, at: draw.polygon(at(flat), 255), first, second, **light)

    def line(self, points: Sequence[Point], width: float, colour: str) -> None:
        """A line with round joints and ends."""
        flat = [number for point in points for number in point]
        size = max(1, int(width * self.scale))

        def mask(draw: ImageDraw.ImageDraw, at: Callable[[Sequence[float]], list[float]]) -> None:
            draw.line(at(flat), 255, size, joint="curve")
            for x, y in (points[0], points[-1]):
                draw.ellipse(at((x - width / 2, y - width / 2, x + width / 2, y + width / 2)), 255)

        self.fill(mask, colour)

    def arc(self, box: Box, start: float, end: float, width: float, first: str, second: str = "") -> None:
        """A part of an ellipse's outline; degrees clockwise from three o'clock."""
        size = max(1, int(width * self.scale))
        self.fill(lambda draw, at: draw.arc(at(box), start, end, 255, size), first, second)

    def shadow(self, box: Box, strength: float = 0.35, blur: float = 26) -> None:
        """A soft ellipse of shade, as under a thing that stands there."""
        self._shade(lambda draw, at: draw.ellipse(at(box), 255), "#2a1c16", strength, blur)

    def drop(self, box: Box, radius: float = 0, *, strength: float = 0.32, blur: float = 22) -> None:
        """The shade of a rectangle that hangs or lies there, a little below it."""
        moved = (box[0] + 6, box[1] + 18, box[2] + 6, box[3] + 18)
        self._shade(
            lambda draw, at: draw.rounded_rectangle(at(moved), radius * self.scale, 255), "#2a1c16", strength, blur
        )

    def glow(self, box: Box, strength: float = 0.4, blur: float = 120) -> None:
        """A soft ellipse of light."""
        self._shade(lambda draw, at: draw.ellipse(at(box), 255), "#fffaf0", strength, blur)

    def text(self, centre: Point, words: str, size: float, colour: str) -> None:
        """Words around a point."""
        font = _font(max(1, int(size * self.scale)))
        self.fill(
            lambda draw, at: draw.multiline_text(at(centre), words, 255, font, anchor="mm", align="center"),  # type: ignore[arg-type]
            colour,
        )

    def grain(self, box: Box, colour: str, lines: int, *, radius: float = 0) -> None:
        """Fine lines across a rectangle, as of wood or weave."""
        left, top, right, bottom = box
        step = (bottom - top) / (lines + 1)

        def mask(draw: ImageDraw.ImageDraw, at: Callable[[Sequence[float]], list[float]]) -> None:
            for number in range(1, lines + 1):
                y = top + step * number + (number * 37 % 11 - 5) / 11 * step * 0.6
                draw.line(
                    at((left + radius / 3, y, right - radius / 3, y + (number * 13 % 5 - 2))),
                    90,
                    max(1, int(self.scale)),
                )

        self.fill(mask, colour)

    def place(self, other: "Canvas", box: Box) -> None:
        """Another picture, smaller and with round corners, with its shade."""
        self.drop(box, 36)
        stencil = self._stencil(lambda draw, at: draw.rounded_rectangle(at(box), 36 * self.scale, 255))
        left, top, right, bottom = (int(edge * self.scale) for edge in box)
        small = other.image.resize((right - left, bottom - top), Image.Resampling.LANCZOS)
        self.image.paste(small, (left, top), stencil.crop((left, top, right, bottom)))

    def jpeg(self) -> bytes:
        """The picture as a file."""
        file = BytesIO()
        self.image.resize((UNITS, UNITS), Image.Resampling.LANCZOS).save(file, "jpeg", quality=88)
        return file.getvalue()

    def _stencil(self, mask: Mask) -> Image.Image:
        stencil = Image.new("L", (self.side, self.side))
        mask(ImageDraw.Draw(stencil), lambda numbers: [number * self.scale for number in numbers])
        return stencil

    def _shade(self, mask: Mask, colour: str, strength: float, blur: float) -> None:
        """Blurred at a quarter of the size, where it costs little and looks the same."""
        small = self._stencil(mask).resize((max(1, self.side // 4),) * 2)
        soft = small.filter(ImageFilter.GaussianBlur(blur * self.scale / 4)).resize((self.side, self.side))
        level = Image.new("L", soft.size, int(255 * strength))
        self.image.paste(Image.new("RGB", soft.size, colour), (0, 0), ImageChops.multiply(soft, level))


def _gradient(size: tuple[int, int], first: str, second: str, ramp: bytes, *, across: bool) -> Image.Image:
    line = Image.frombytes("L", (256, 1) if across else (1, 256), ramp)
    return ImageOps.colorize(line.resize(size, Image.Resampling.BILINEAR), first, second)


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
