"""500 hostile strings: nothing is clipped, no missing glyph is accepted, nothing but faults comes of it."""

import unicodedata
from dataclasses import replace

from customizations.engine import Align, Box, MessageOption, TextOption, TextPlacement
from customizations.rendering import FONTS, check_text, ink
from customizations.rendering.geometry import Rectangle
from customizations.rendering.typefaces import FALLBACKS, coverage
from customizations.rendering.typesetting import Block, set_text
from customizations.tests.hostile import strings

BOX = TextPlacement(200, 150, 180, 64, font="serif", color="#000000", min_size=9)
LOOKS = (
    BOX,
    replace(BOX, align=Align.LEFT),
    replace(BOX, align=Align.RIGHT, font="script"),
    replace(BOX, font="hand", rotation=180),
    replace(BOX, font="slab", curve=120),
    replace(BOX, font="sans", curve=-200),
)
# Joiners, variation selectors and tags take part in sequences and need no glyph.
SILENT = {0x200C, 0x200D, *range(0xFE00, 0xFE10), *range(0xE0020, 0xE0080)}
COVERED = [coverage(file) for file in {*FALLBACKS, *(face.file for face in FONTS.values())}]


def has_glyph(character: str) -> bool:
    parts = unicodedata.normalize("NFD", character)
    return any(all(ord(part) in covered for part in parts) or ord(character) in covered for covered in COVERED)


def ink_of(block: Block, placement: TextPlacement) -> int:
    """How much ink there is, in 255ths of a pixel."""
    shades = ink.draw(block, placement).mask.histogram()
    return sum(shade * count for shade, count in enumerate(shades))


def inked(block: Block, placement: TextPlacement) -> Rectangle | None:
    """What the ink covers on the canvas."""
    stamp = ink.draw(block, placement)
    box = stamp.mask.getbbox()
    return Rectangle(*box).moved(stamp.x, stamp.y) if box else None


def contains(box: Box, ink_box: Rectangle) -> bool:
    whole = Rectangle(box.x, box.y, box.x + box.width, box.y + box.height)
    return whole.union(ink_box) == whole


def test_500_hostile_strings() -> None:
    outcomes = {"drawn": 0, "glyph_missing": 0, "text_does_not_fit": 0}
    for number, text in enumerate(strings(500)):
        look, is_message = LOOKS[number % len(LOOKS)], number % 2 == 1
        make = MessageOption(key="x", label="X", max_length=500, max_lines=9, placement=look) if is_message else None
        option = make or TextOption(key="x", label="X", max_length=500, placement=look)
        faults = check_text(option, text)
        outcomes[faults[0].code if faults else "drawn"] += 1
        known = all(has_glyph(each) for each in text if ord(each) not in SILENT and each != "\n")
        if not known:
            assert [fault.code for fault in faults] == ["glyph_missing"], ascii(text)
        if faults:
            assert {fault.pointer for fault in faults} == {"/x"}
            continue
        block = set_text(text, look, wraps=is_message)
        assert block is not None
        covered = inked(block, look)
        assert covered is None or contains(look, covered), ascii(text)
    assert min(outcomes.values()) >= 50, outcomes


def test_the_area_that_text_is_drawn_on_cuts_none_of_it() -> None:
    # The same text on an area with much more room has as much ink: what Pillow takes for the extent of text is that.
    straight = [look for look in LOOKS if not look.curve and not look.rotation]
    drawn = 0
    for number, text in enumerate(strings(500)):
        look = straight[number % len(straight)]
        option = TextOption(key="x", label="X", max_length=500, placement=look)
        if number % 3 or check_text(option, text):
            continue
        block = set_text(text, look, wraps=False)
        assert block is not None
        assert ink_of(block, look) == ink_of(replace(block, ink=block.ink.grown(200)), look), ascii(text)
        drawn += 1
    assert drawn > 30


def test_a_text_drawn_on_too_small_an_area_has_less_ink() -> None:
    block = set_text("Ágnes", BOX, wraps=False)
    assert block is not None
    assert ink_of(replace(block, ink=block.ink.grown(-12)), BOX) < ink_of(block, BOX)
