"""Text in its box: as large as fits, never outside."""

from dataclasses import replace

import pytest
from PIL import Image

from customizations.engine import Align, MessageOption, TextOption, TextPlacement
from customizations.rendering import check_text, ink
from customizations.rendering.typesetting import SMALLEST, set_text, sharpness

BOX = TextPlacement(100, 200, 400, 80, font="serif", color="#000000")


def drawn(text: str, placement: TextPlacement, *, wraps: bool = False) -> Image.Image:
    """The text on a sheet of 800 by 800 pixels, white on black."""
    block = set_text(text, placement, wraps=wraps)
    assert block is not None
    stamp = ink.draw(block, placement)
    sheet = Image.new("L", (800, 800))
    sheet.paste(stamp.mask, (stamp.x, stamp.y))
    return sheet


def edges(text: str, placement: TextPlacement, *, wraps: bool = False) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of the ink."""
    box = drawn(text, placement, wraps=wraps).getbbox()
    assert box is not None
    return box


def size_of(text: str, placement: TextPlacement, *, wraps: bool = False) -> int:
    block = set_text(text, placement, wraps=wraps)
    assert block is not None
    return block.size


def baselines(text: str, placement: TextPlacement) -> list[int]:
    block = set_text(text, placement, wraps=True)
    assert block is not None
    return sorted({piece.y for piece in block.pieces})


def test_text_is_as_large_as_its_box_allows_and_no_larger_than_its_size() -> None:
    left, _, right, _ = edges("A long line of text", BOX)
    assert left <= 103
    assert right >= 496
    assert size_of("A long line of text", BOX) > size_of("A much longer line of some text", BOX)
    assert size_of("Hi", replace(BOX, size=30)) == 30


def test_one_more_pixel_of_size_would_not_fit() -> None:
    size = size_of("A long line of text", BOX)
    assert set_text("A long line of text", replace(BOX, size=size + 1, min_size=size + 1), wraps=False) is None


def test_text_below_its_least_size_does_not_fit() -> None:
    option = TextOption(key="name", label="Name", max_length=500, placement=replace(BOX, min_size=24))
    text = "Far too many words for one line of 400 pixels"
    assert SMALLEST <= size_of(text, BOX) < 24
    fault = check_text(option, text)[0]
    assert (fault.pointer, fault.code) == ("/name", "text_does_not_fit")
    assert check_text(option, "Short") == ()


def test_a_least_size_above_the_height_of_the_box_is_no_reason_to_refuse() -> None:
    assert size_of("Hi", replace(BOX, height=14)) <= 14


@pytest.mark.parametrize(("align", "side"), [(Align.LEFT, 0), (Align.RIGHT, 2)])
def test_lines_stand_at_their_side(align: Align, side: int) -> None:
    box = edges("Hi", replace(BOX, size=40, align=align))
    assert abs(box[side] - (100, 0, 500)[side]) <= 3


def test_lines_stand_in_the_middle_by_default() -> None:
    left, _, right, _ = edges("Hi", replace(BOX, size=40))
    assert abs((left + right) // 2 - 300) <= 2


def test_capitals_stand_in_the_middle_of_the_box_whatever_else_there_is() -> None:
    _, top, _, bottom = edges("HH", replace(BOX, size=40))
    assert abs((top + bottom) // 2 - 240) <= 1
    assert edges("HHg", replace(BOX, size=40))[1] == top


def test_what_would_stick_out_moves_the_line() -> None:
    tall = replace(BOX, height=60, size=60)
    assert edges("gjpq", tall)[3] <= 260


def test_messages_break_between_words_only() -> None:
    box = replace(BOX, height=200, size=40)
    assert len(baselines("Some words that are too many for a line", box)) == 2
    assert len(baselines("One\n\nthree", box)) == 2
    narrow = replace(BOX, width=90, height=200, min_size=30)
    assert set_text("Unbreakable", narrow, wraps=True) is None
    assert set_text("un break able", narrow, wraps=True) is not None


def test_no_break_spaces_hold_together() -> None:
    narrow = replace(BOX, width=90, height=200, min_size=30)
    assert set_text("un\u00a0break\u00a0able", narrow, wraps=True) is None


def test_an_empty_message_is_drawn_as_nothing() -> None:
    assert drawn("\n \n", BOX, wraps=True).getbbox() is None
    assert drawn(" ", replace(BOX, curve=90)).getbbox() is None


def test_piled_up_marks_make_room_between_lines() -> None:
    box = replace(BOX, height=400, size=30, font="sans")
    plain, piled = baselines("one\ntwo", box), baselines("one\nt" + "\u0301" * 9 + "wo", box)
    assert piled[1] - piled[0] > plain[1] - plain[0]


def test_lines_that_are_too_many_make_the_letters_smaller() -> None:
    assert size_of("a\nb\nc\nd", BOX, wraps=True) < size_of("a\nb", BOX, wraps=True)
    assert set_text("a\n" * 12, BOX, wraps=True) is None


@pytest.mark.parametrize("degrees", [90, -90, 180, 37])
def test_a_turned_box_holds_its_text(degrees: int) -> None:
    turned = drawn("Turned", replace(BOX, rotation=degrees))
    back = turned.rotate(degrees, Image.Resampling.BICUBIC, center=(300, 240)).point(lambda shade: shade * (shade > 40))
    left, top, right, bottom = back.getbbox() or (0, 0, 0, 0)
    assert left >= 99
    assert top >= 199
    assert right <= 501
    assert bottom <= 281


def test_text_is_turned_clockwise() -> None:
    left, top, right, bottom = edges("iii", replace(BOX, rotation=90))
    assert bottom - top > right - left
    # The dots, which are above, come to lie to the right.
    turned = drawn("iii", replace(BOX, rotation=90))
    columns = [turned.crop((x, 0, x + 1, 800)).getbbox() is not None for x in range(left, right)]
    assert columns.index(False) > len(columns) // 2


def test_an_arch_is_high_in_the_middle_and_a_sag_is_low() -> None:
    box = replace(BOX, height=300)
    for curve, middle in ((120, 1), (-120, 3)):
        sheet = drawn("MMMMMMMMM", replace(box, curve=curve))
        third = sheet.crop((270, 0, 330, 800)).getbbox()
        whole = sheet.getbbox()
        assert third is not None
        assert whole is not None
        assert abs(third[middle] - whole[middle]) <= 2
        assert third[4 - middle] not in range(whole[4 - middle] - 20, whole[4 - middle] + 21)


@pytest.mark.parametrize("curve", [1, -1, 45, 180, -180, 330, -330])
def test_bent_text_stays_in_its_box(curve: int) -> None:
    left, top, right, bottom = edges("Round and round", replace(BOX, height=400, curve=curve, min_size=4))
    assert left >= 100
    assert top >= 200
    assert right <= 500
    assert bottom <= 600


def test_a_ring_of_text_needs_a_box_that_is_high_enough() -> None:
    assert size_of("Round and round and round again", replace(BOX, height=400, curve=330)) >= 30
    assert set_text("Round and round and round again", replace(BOX, curve=330, min_size=30), wraps=False) is None


def test_letters_inside_too_small_a_ring_do_not_fit() -> None:
    assert set_text("O", replace(BOX, width=60, height=60, curve=-330, min_size=50), wraps=False) is None


@pytest.mark.parametrize(("align", "is_left"), [(Align.LEFT, True), (Align.RIGHT, False)])
def test_bent_text_begins_or_ends_where_the_arc_does(align: Align, *, is_left: bool) -> None:
    left, _, right, _ = edges("Hi", replace(BOX, height=300, size=40, curve=180, align=align))
    assert (right < 300) if is_left else (left > 300)


def test_bent_messages_break_too() -> None:
    box = replace(BOX, height=400, curve=60, size=60, min_size=40)
    assert len(baselines("Some words that are too many for a line", box)) > 1


@pytest.mark.parametrize(("side", "times"), [(100, 4), (1000, 4), (1001, 2), (2000, 2), (2001, 1), (6000, 1)])
def test_sharpness_is_bounded_by_memory(side: int, times: int) -> None:
    assert sharpness(side, side) == times


@pytest.mark.parametrize("width", [90, 1900, 4100])
def test_every_sharpness_draws_the_same_text(width: int) -> None:
    block = set_text("Hi", replace(BOX, x=0, y=0, width=width, height=width, size=60), wraps=False)
    assert block is not None
    box = ink.draw(block, replace(BOX, x=0, y=0, width=width, height=width)).mask.getbbox()
    assert box is not None
    assert box[2] - box[0] in range(58, 65)


def test_text_without_a_place_fits_anywhere() -> None:
    option = MessageOption(key="card", label="Card", max_length=10, max_lines=1)
    assert check_text(option, "漢") == ()


def test_a_font_that_never_was_is_named() -> None:
    option = TextOption(key="name", label="Name", max_length=9, placement=replace(BOX, font="comic"))
    assert [(fault.pointer, fault.code) for fault in check_text(option, "Hi")] == [("/name", "unknown_font")]
