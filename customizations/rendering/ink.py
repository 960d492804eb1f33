"""Text drawn: pieces, then the arc, then the rotation, then down to the canvas's resolution."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from PIL import Image, ImageDraw

from customizations.engine import TextPlacement
from customizations.rendering.geometry import Arc, Rectangle
from customizations.rendering.typefaces import load
from customizations.rendering.typesetting import FEATURES, LANGUAGE, Block

# Blank around what is drawn, for what resampling spreads.
_MARGIN = 4
# Side of the squares that an arc is made of.
_TILE = 32


@dataclass(frozen=True, slots=True)
class Stamp:
    """Where ink goes: its amount per pixel (mode L), and the place of its upper left pixel."""

    mask: Image.Image
    x: int
    y: int


def draw(block: Block, placement: TextPlacement) -> Stamp:
    """The text of ``block`` in its box on the canvas."""
    mask, area = _draw_pieces(block), block.ink.grown(_MARGIN)
    if block.arc:
        mask, area = _bend(mask, area, block.arc)
        area = area.moved(0, block.drop)
    times = block.sharpness
    across = placement.x * times + placement.width * times // 2
    down = placement.y * times + placement.height * times // 2
    if placement.rotation:
        mask, area = _turn(mask, area, placement.rotation)
    return _reduce(mask, area.moved(across, down), times)


def _draw_pieces(block: Block) -> Image.Image:
    area = block.ink.grown(_MARGIN)
    mask = Image.new("L", (area.width, area.height))
    pen = ImageDraw.Draw(mask)
    for piece in block.pieces:
        pen.text(
            (piece.x - area.left, piece.y - area.top),
            piece.run.text,
            fill=255,
            font=load(piece.run.file, block.size * block.sharpness),
            anchor="ls",
            direction=piece.run.direction,
            features=[*FEATURES],
            language=LANGUAGE,
        )
    return mask


def _bend(mask: Image.Image, area: Rectangle, arc: Arc) -> tuple[Image.Image, Rectangle]:
    """``mask``, which lies at ``area``, along the arc; and where it lies then."""
    bounds = arc.bounds(area)
    tiles = list(_tiles(area, bounds, arc))
    size = (bounds.width, bounds.height)
    return mask.transform(size, Image.Transform.MESH, tiles, Image.Resampling.BICUBIC), bounds


def _tiles(
    area: Rectangle, bounds: Rectangle, arc: Arc
) -> Iterator[tuple[tuple[int, int, int, int], tuple[float, ...]]]:
    """Squares of the bent picture, and which quadrangle of the straight one each shows."""
    across, down = [*range(0, bounds.width, _TILE), bounds.width], [*range(0, bounds.height, _TILE), bounds.height]
    grid = [[arc.straighten(x + bounds.left, y + bounds.top) for x in across] for y in down]
    for (top, bottom), (above, below) in zip(pairwise(down), pairwise(grid), strict=True):
        sides = zip(pairwise(across), pairwise(above), pairwise(below), strict=True)
        for (left, right), (first, fourth), (second, third) in sides:
            corners = (first, second, third, fourth)
            if _is_shown(corners, area, arc):
                places = (each for x, y in corners for each in (x - area.left, y - area.top))
                # Whole 64ths: the last bits of sines differ between machines.
                yield (left, top, right, bottom), tuple(round(each * 64) / 64 for each in places)


def _is_shown(corners: Sequence[tuple[float, float]], area: Rectangle, arc: Arc) -> bool:
    """Whether a quadrangle has a part of ``area``; one that the arc's two ends share has none."""
    across, down = [x for x, _ in corners], [y for _, y in corners]
    if max(across) - min(across) > math.pi * arc.radius:
        return False
    beside = max(across) < area.left or min(across) > area.right
    return not (beside or max(down) < area.top or min(down) > area.bottom)


def _turn(mask: Image.Image, area: Rectangle, degrees: int) -> tuple[Image.Image, Rectangle]:
    """``mask``, turned clockwise around (0, 0); and where it lies then."""
    turned = mask.rotate(-degrees, Image.Resampling.BICUBIC, expand=True)
    x, y = (area.left + area.right) / 2, (area.top + area.bottom) / 2
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    left = round(x * cosine - y * sine - turned.width / 2)
    top = round(x * sine + y * cosine - turned.height / 2)
    return turned, Rectangle(left, top, left + turned.width, top + turned.height)


def _reduce(mask: Image.Image, area: Rectangle, times: int) -> Stamp:
    """``mask`` at the canvas's resolution."""
    left, top = area.left // times, area.top // times
    right, bottom = -(-area.right // times), -(-area.bottom // times)
    whole = Image.new("L", ((right - left) * times, (bottom - top) * times))
    whole.paste(mask, (area.left - left * times, area.top - top * times))
    return Stamp(whole.reduce(times), left, top)
