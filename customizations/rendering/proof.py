"""The print file of a template's answers."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, cast

from PIL import Image, ImageColor

from customizations.engine import (
    ButtonOption,
    Canvas,
    Fault,
    ImageOption,
    ImagePlacement,
    MessageOption,
    Option,
    Schema,
    TextOption,
    TextPlacement,
)
from customizations.rendering import ink, pictures
from customizations.rendering.errors import RenderError
from customizations.rendering.files import PreviewFormat, print_file, scaled
from customizations.rendering.runs import missing
from customizations.rendering.typefaces import FONTS, RETIRED, file_of
from customizations.rendering.typesetting import Block, least_size, set_text

# Anything that changes the bytes of any print file, be it a library's release, needs another one.
RENDERER_VERSION = "1"
MOST_PIXELS = 36_000_000
_MOST_NAMED = 10
_PAPER = "#ffffff"


# Whoever types changes one answer at a time: the rest of a small picture is taken from the one before.
_REMEMBERED = 8
_MOST_REMEMBERED_PIXELS = 4_000_000


@dataclass(frozen=True, slots=True)
class Rendered:
    """A print file.

    Attributes:
        png: the file; 8 bits per channel in sRGB, 300 dots per inch.
        sha256: of ``png``, in hexadecimal digits.
        width: pixels.
        height: pixels.
        renderer_version: who made it; the same version makes the same bytes of the same input.
    """

    png: bytes
    sha256: str
    width: int
    height: int
    renderer_version: str


def render(schema: Schema, answers: Mapping[str, str], assets: Mapping[str, bytes]) -> Rendered:
    """Draw ``answers`` on the canvas: the background, its tints, then photos and texts in the order of the options.

    Args:
        schema: with a canvas of at most 36 megapixels.
        answers: by option key, as ``engine.evaluate`` normalised them.
        assets: the pictures' files by upload id, the background's by its SHA-256.

    Raises:
        RenderError: with every answer that cannot be printed.
        ValueError: there is no canvas, or too large a one.
        UnavailableError: text cannot be laid out on this machine.
    """
    image = _paint(schema, answers, assets)
    png = print_file(image)
    return Rendered(png, hashlib.sha256(png).hexdigest(), image.width, image.height, RENDERER_VERSION)


def render_preview(
    schema: Schema,
    answers: Mapping[str, str],
    assets: Mapping[str, bytes],
    *,
    max_side: int,
    format: PreviewFormat,  # noqa: A002 - the field's name
) -> bytes:
    """What ``preview`` makes of the print file, byte by byte, without making the print file; raises as ``render``."""
    return scaled(_paint(schema, answers, assets), max_side, format)


def check_text(option: TextOption | MessageOption, text: str) -> tuple[Fault, ...]:
    """Why ``text``, as ``engine.evaluate`` normalised it, cannot be printed for ``option``; nothing if it can.

    Raises:
        UnavailableError: text cannot be laid out on this machine.
    """
    placement = option.placement
    if placement is None:
        return ()
    pointer = f"/{option.key}"
    if placement.font not in {*FONTS, *RETIRED}:
        return (Fault(pointer, "unknown_font", f"There is no font {placement.font}."),)
    if characters := missing(text, file_of(placement.font)):
        return (Fault(pointer, "glyph_missing", f"No font has {_named(characters)}."),)
    if set_text(text, placement, wraps=isinstance(option, MessageOption)) is None:
        return (Fault(pointer, "text_does_not_fit", "The text is too long for its place."),)
    return ()


def is_smallest(option: TextOption | MessageOption, text: str) -> bool:
    """Whether ``text``, which can be printed, fits into its place only at the least size; False if it has no place.

    Raises:
        UnavailableError: text cannot be laid out on this machine.
    """
    placement = option.placement
    block = placement and set_text(text, placement, wraps=isinstance(option, MessageOption))
    return bool(placement and block and block.size <= least_size(placement))


def _paint(schema: Schema, answers: Mapping[str, str], assets: Mapping[str, bytes]) -> Image.Image:
    """The pixels of the print file."""
    canvas = schema.canvas
    if canvas is None or canvas.width * canvas.height > MOST_PIXELS:
        raise ValueError(f"A canvas of at most {MOST_PIXELS} pixels is needed.")
    answered = [(option, answers[option.key]) for option in schema.options if option.key in answers]
    if faults := [fault for option, answer in answered for fault in _check(option, answer, assets)]:
        raise RenderError(faults)
    tools = _REMEMBERING if canvas.width * canvas.height <= _MOST_REMEMBERED_PIXELS else _PLAIN
    image = _background(canvas, assets, tools)
    for option, answer in answered:
        if isinstance(option, ButtonOption):
            _tint(image, option, answer)
    for option, answer in answered:
        _draw(image, option, answer, assets, tools)
    return image


def _check(option: Option, answer: str, assets: Mapping[str, bytes]) -> tuple[Fault, ...]:
    """What can be known of an answer before anything is drawn."""
    if isinstance(option, TextOption | MessageOption):
        return check_text(option, answer)
    if isinstance(option, ImageOption) and option.placement and answer not in assets:
        return (_lost(f"/{option.key}"),)
    return ()


def _lost(pointer: str) -> Fault:
    return Fault(pointer, "asset_missing", "The picture is not there, or cannot be read.")


def _named(characters: tuple[str, ...]) -> str:
    """Characters as people and machines read them; the first few of many."""
    names = [f"{character} (U+{ord(character):04X})" for character in characters[:_MOST_NAMED]]
    return ", ".join(names) + (" and more" if len(characters) > _MOST_NAMED else "")


def _stamp(text: str, placement: TextPlacement, wraps: bool) -> ink.Stamp:  # noqa: FBT001 - one caller's
    """A text that fits, drawn."""
    # None would be text that does not fit, and was refused before.
    return ink.draw(cast("Block", set_text(text, placement, wraps=wraps)), placement)


class _Tools(NamedTuple):
    """What makes the parts of a picture; nobody changes what it made."""

    cover: Callable[[bytes, int, int], Image.Image] = pictures.cover
    place: Callable[[bytes, ImagePlacement], tuple[Image.Image, Image.Image, tuple[int, int]]] = pictures.place
    stamp: Callable[[str, TextPlacement, bool], ink.Stamp] = _stamp


def _remembering() -> _Tools:
    """The same that remember what they made last."""
    size = _REMEMBERED
    return _Tools(lru_cache(size)(pictures.cover), lru_cache(size)(pictures.place), lru_cache(size)(_stamp))


_PLAIN, _REMEMBERING = _Tools(), _remembering()


def _background(canvas: Canvas, assets: Mapping[str, bytes], tools: _Tools) -> Image.Image:
    """The empty canvas: a colour, or a picture that fills it, on white where that is transparent."""
    size = (canvas.width, canvas.height)
    if canvas.background.startswith("#"):
        return Image.new("RGB", size, canvas.background)
    try:
        picture = tools.cover(assets[canvas.background], *size)
    except (KeyError, pictures.UnreadableError):
        raise RenderError([_lost("")]) from None
    if picture.mode == "RGB":
        return picture.copy()
    paper = Image.new("RGB", size, _PAPER)
    paper.paste(picture, mask=picture)
    return paper


def _tint(image: Image.Image, option: ButtonOption, answer: str) -> None:
    """Multiply a part of the canvas by the colour of the choice, where both are named."""
    choice = option.choice(answer)
    if option.tint is None or choice is None or choice.swatch is None:
        return
    box = option.tint
    area = (box.x, box.y, box.x + box.width, box.y + box.height)
    table = [(value * part + 127) // 255 for part in ImageColor.getrgb(choice.swatch)[:3] for value in range(256)]
    image.paste(image.crop(area).point(table), area)


def _draw(image: Image.Image, option: Option, answer: str, assets: Mapping[str, bytes], tools: _Tools) -> None:
    """Draw a photo or a text that was found in order."""
    if isinstance(option, ImageOption) and option.placement:
        try:
            photo, shown, corner = tools.place(assets[answer], option.placement)
        except pictures.UnreadableError:
            raise RenderError([_lost(f"/{option.key}")]) from None
        image.paste(photo, corner, shown)
    elif isinstance(option, TextOption | MessageOption) and option.placement:
        stamp = tools.stamp(answer, option.placement, isinstance(option, MessageOption))
        image.paste(option.placement.color, (stamp.x, stamp.y), stamp.mask)
