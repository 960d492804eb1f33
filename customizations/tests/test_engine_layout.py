"""Reading the canvas, and places on it."""

import pytest

from customizations.engine import Box, ImageOption, ImagePlacement, TextOption, TextPlacement, parse
from customizations.engine.schema import Align, ButtonOption, Fit, Mask
from customizations.tests.documents import BOX, Document, button, document, faults, image, text

SERIF: Document = {**BOX, "font": "serif"}
PICTURE = "0123456789abcdef" * 4


def test_text_is_placed_as_written() -> None:
    more = {"color": "#ABCDEF", "align": "right", "size": 80, "min_size": 20, "curve": -90, "rotation": 5}
    option = parse(document(text(placement=SERIF | more))).options[0]
    assert isinstance(option, TextOption)
    assert option.placement == TextPlacement(120, 400, 560, 90, "serif", "#abcdef", Align.RIGHT, 80, 20, -90, 5)


def test_a_picture_is_placed_as_written() -> None:
    option = parse(document(image(placement=BOX | {"fit": "contain", "mask": "heart"}))).options[0]
    assert isinstance(option, ImageOption)
    assert option.placement == ImagePlacement(120, 400, 560, 90, Fit.CONTAIN, Mask.HEART)


def test_a_part_of_the_canvas_is_tinted() -> None:
    option = parse(document(button(tint=BOX))).options[0]
    assert isinstance(option, ButtonOption)
    assert option.tint == Box(120, 400, 560, 90)


@pytest.mark.parametrize(
    ("canvas", "expected"),
    [
        ("white", [("", "not_an_object")]),
        ({}, [("/width", "required"), ("/height", "required")]),
        ({"width": 15, "height": 6_001}, [("/width", "out_of_range"), ("/height", "out_of_range")]),
        ({"width": "800", "height": True}, [("/width", "not_an_integer"), ("/height", "not_an_integer")]),
        ({"width": 800, "height": 600, "background": "white"}, [("/background", "invalid_background")]),
        ({"width": 800, "height": 600, "background": PICTURE[1:]}, [("/background", "invalid_background")]),
        ({"width": 800, "height": 600, "background": 1}, [("/background", "not_text")]),
        ({"width": 800, "height": 600, "dpi": 300}, [("/dpi", "unknown_field")]),
    ],
)
def test_a_faulty_canvas_is_the_only_fault(canvas: object, expected: list[tuple[str, str]]) -> None:
    source = document(text(placement=SERIF), button(tint="canvas"), canvas=canvas)
    assert faults(source) == [(f"/canvas{field}", code) for field, code in expected]


@pytest.mark.parametrize("background", ["#ABCDEF", PICTURE, None])
def test_a_background_is_a_colour_or_a_stored_picture(background: str | None) -> None:
    canvas = parse(document(canvas={"width": 16, "height": 6_000, "background": background})).canvas
    assert canvas is not None
    assert canvas.background == (background or "#ffffff").lower()


@pytest.mark.parametrize(
    ("placement", "expected"),
    [
        ("centre", [("", "not_an_object")]),
        ({}, [(f"/{name}", "required") for name in ("x", "y", "width", "height", "font")]),
        (SERIF | {"x": -1}, [("/x", "out_of_range")]),
        (SERIF | {"y": 1.5}, [("/y", "not_an_integer")]),
        (SERIF | {"width": 0}, [("/width", "out_of_range")]),
        (SERIF | {"x": 241}, [("", "outside_canvas")]),
        (SERIF | {"y": 511}, [("", "outside_canvas")]),
        (SERIF | {"rotation": 45}, [("", "outside_canvas")]),
        (SERIF | {"rotation": 181}, [("/rotation", "out_of_range")]),
        (SERIF | {"curve": 400}, [("/curve", "out_of_range")]),
        (SERIF | {"font": "../x"}, [("/font", "invalid_name")]),
        (SERIF | {"font": None}, [("/font", "required")]),
        (SERIF | {"color": "222222"}, [("/color", "invalid_colour")]),
        (SERIF | {"align": "justify"}, [("/align", "unknown_choice")]),
        (SERIF | {"align": 1}, [("/align", "not_text")]),
        (SERIF | {"size": 3}, [("/size", "out_of_range")]),
        (SERIF | {"size": 20, "min_size": 21}, [("/min_size", "out_of_range")]),
        (SERIF | {"fit": "cover"}, [("/fit", "unknown_field")]),
    ],
)
def test_what_is_wrong_with_a_place_for_text(placement: object, expected: list[tuple[str, str]]) -> None:
    source = document(text(placement=placement))
    assert faults(source) == [(f"/options/0/placement{field}", code) for field, code in expected]


@pytest.mark.parametrize(
    ("placement", "expected"),
    [
        (BOX | {"fit": "stretch"}, [("/fit", "unknown_choice")]),
        (BOX | {"mask": "star"}, [("/mask", "unknown_choice")]),
        (BOX | {"font": "serif"}, [("/font", "unknown_field")]),
        (BOX | {"width": 681}, [("", "outside_canvas")]),
    ],
)
def test_what_is_wrong_with_a_place_for_a_picture(placement: object, expected: list[tuple[str, str]]) -> None:
    source = document(image(placement=placement))
    assert faults(source) == [(f"/options/0/placement{field}", code) for field, code in expected]


def test_what_touches_the_edge_is_on_the_canvas() -> None:
    whole = {"x": 0, "y": 0, "width": 800, "height": 600, "font": "serif"}
    upright = {"x": 250, "y": 200, "width": 300, "height": 200, "font": "serif", "rotation": 90}
    across = {"x": -0, "y": 250, "width": 800, "height": 100, "font": "serif", "rotation": 180}
    for placement in (whole, upright, across):
        assert parse(document(text(placement=placement))).options


def test_a_tint_is_the_canvas_or_a_box_on_it() -> None:
    assert faults(document(button(tint="sky"))) == [("/options/0/tint", "not_an_object")]
    assert faults(document(button(tint={**BOX, "x": 300}))) == [("/options/0/tint", "outside_canvas")]
    assert faults(document(button(tint={**BOX, "mask": "none"}))) == [("/options/0/tint/mask", "unknown_field")]


def test_nothing_is_placed_without_a_canvas() -> None:
    source = document(text(placement=SERIF), image(placement=BOX), button(tint="canvas"), canvas=None)
    assert faults(source) == [
        ("/options/0/placement", "canvas_missing"),
        ("/options/1/placement", "canvas_missing"),
        ("/options/2/tint", "canvas_missing"),
    ]


def test_fonts_are_those_that_the_caller_knows() -> None:
    source = document(text(placement=SERIF))
    assert parse(source).options == parse(source, fonts=("sans", "serif")).options
    assert faults(source, fonts=("sans",)) == [("/options/0/placement/font", "unknown_font")]
    assert faults(source, fonts=()) == [("/options/0/placement/font", "unknown_font")]
