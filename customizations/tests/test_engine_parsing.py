"""Reading schemas: what comes out of a good one, and every fault of a bad one."""

from copy import deepcopy
from decimal import Decimal

import pytest

from customizations.engine import (
    Box,
    Canvas,
    Choice,
    Fault,
    ImageOption,
    MessageOption,
    Price,
    PriceMode,
    SchemaError,
    TextOption,
    TextPlacement,
    parse,
)
from customizations.engine.conditions import AllOf, AnyOf, IsChosen, IsFilled
from customizations.engine.schema import Align, ButtonOption
from customizations.tests.documents import Document, button, document, faults, image, message, plaque, text


def test_a_whole_schema_is_read_as_it_is_written() -> None:
    schema = parse(plaque(), fonts=["serif"], currency="USD")
    colour, name, photo, card, special = schema.options
    assert schema.canvas == Canvas(800, 600, "#ffffff")
    assert isinstance(colour, ButtonOption)
    assert colour.required
    assert colour.tint == Box(0, 0, 800, 600)
    assert colour.choices == (
        Choice("red", "Red", "#c0392b", Price(PriceMode.FIXED, Decimal("0.00"))),
        Choice("gold", "Gold leaf", "#d4af37", Price(PriceMode.FIXED, Decimal("4.50")), stock=12),
    )
    assert isinstance(name, TextOption)
    assert name.price == Price(PriceMode.PER_CHARACTER, Decimal("0.20"), 8)
    assert name.placement == TextPlacement(120, 400, 560, 90, font="serif", color="#222222", align=Align.LEFT)
    assert isinstance(photo, ImageOption)
    assert photo.when == IsChosen("colour", frozenset({"gold"}))
    assert (photo.min_width, photo.min_height) == (600, 400)
    assert isinstance(card, MessageOption)
    assert (card.max_length, card.max_lines) == (40, 3)
    assert special.requires_approval
    assert schema.option("card") is card
    assert schema.option("cards") is None
    assert colour.choice("gold") is colour.choices[1]
    assert colour.choice("blue") is None


def test_what_is_left_out_has_a_default() -> None:
    bare = {"key": "x", "label": "X"}
    schema = parse({"options": [bare | {"type": kind, "key": kind} for kind in ("text", "message", "image")]})
    line, card, photo = schema.options
    assert isinstance(line, TextOption)
    assert isinstance(card, MessageOption)
    assert isinstance(photo, ImageOption)
    assert (line.max_length, line.allowed, line.placement, line.required, line.help) == (100, (), None, False, "")
    assert (card.max_length, card.max_lines) == (500, 20)
    assert (photo.min_width, photo.min_height, photo.placement) == (1, 1, None)
    assert schema.canvas is None


def test_null_is_as_good_as_nothing() -> None:
    option = text(when=None, price=None, placement=None, help=None, required=None, allowed=None)
    assert parse(document(option, canvas=None)) == parse({"options": [text()]})


def test_labels_are_composed_and_trimmed() -> None:
    option = parse(document(text(label=" Cafe\u0301 ", help=" One\r\ntwo "))).options[0]
    assert (option.label, option.help) == ("Café", "One\ntwo")


def test_conditions_nest() -> None:
    when = {"all": [{"option": "a", "filled": True}, {"any": [{"option": "b", "not_in": ["red"]}]}]}
    option = parse(document(text("a"), button("b"), text("c", when=when))).options[2]
    assert option.when == AllOf((IsFilled("a"), AnyOf((IsChosen("b", frozenset({"red"}), is_negated=True),))))


def test_a_schema_may_ask_nothing() -> None:
    assert parse({"options": []}).options == ()


@pytest.mark.parametrize("source", [None, [], "text", 1, True])
def test_what_is_no_object_is_no_schema(source: object) -> None:
    assert faults(source) == [("", "not_an_object")]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ({}, [("/options", "required")]),
        ({"options": {}}, [("/options", "not_an_array")]),
        ({"options": [], "colour": 1, "a/b~c": 2}, [("/colour", "unknown_field"), ("/a~1b~0c", "unknown_field")]),
        ({"options": [1, None]}, [("/options/0", "not_an_object"), ("/options/1", "not_an_object")]),
        ({"options": [{"type": "colour"}]}, [("/options/0/type", "unknown_type")]),
        ({"options": [{"type": ["text"]}]}, [("/options/0/type", "unknown_type")]),
        ({"options": [{"key": "x", "label": "X"}]}, [("/options/0/type", "unknown_type")]),
    ],
)
def test_the_frame_of_a_document(source: object, expected: list[tuple[str, str]]) -> None:
    assert faults(source) == expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"key": None}, [("key", "required")]),
        ({"key": 5}, [("key", "not_text")]),
        ({"key": ""}, [("key", "invalid_name")]),
        ({"key": "a b"}, [("key", "invalid_name")]),
        ({"key": "name\n"}, [("key", "invalid_name")]),
        ({"key": "n" * 51}, [("key", "invalid_name")]),
        ({"key": "１"}, [("key", "invalid_name")]),
        ({"label": None}, [("label", "required")]),
        ({"label": ["x"]}, [("label", "not_text")]),
        ({"label": " \u00a0"}, [("label", "blank")]),
        ({"label": "x" * 101}, [("label", "max_length")]),
        ({"label": "x" * 1_000_000}, [("label", "max_length")]),
        ({"label": "a\nb"}, [("label", "forbidden_character")]),
        ({"label": "a\x00b"}, [("label", "forbidden_character")]),
        ({"label": "a\ud800b"}, [("label", "forbidden_character")]),
        ({"label": "a\u202eb"}, [("label", "forbidden_character")]),
        ({"help": "x" * 501}, [("help", "max_length")]),
        ({"help": 1}, [("help", "not_text")]),
        ({"required": 1}, [("required", "not_a_boolean")]),
        ({"requires_approval": "yes"}, [("requires_approval", "not_a_boolean")]),
        ({"max_length": True}, [("max_length", "not_an_integer")]),
        ({"max_length": 24.0}, [("max_length", "not_an_integer")]),
        ({"max_length": "24"}, [("max_length", "not_an_integer")]),
        ({"max_length": 0}, [("max_length", "out_of_range")]),
        ({"max_length": 1_001}, [("max_length", "out_of_range")]),
        ({"max_length": 10**400}, [("max_length", "out_of_range")]),
        ({"max_lines": 3}, [("max_lines", "unknown_field")]),
        ({"choices": []}, [("choices", "unknown_field")]),
        ({"allowed": "letters"}, [("allowed", "not_an_array")]),
        ({"allowed": ["letters", "runes"]}, [("allowed/1", "unknown_choice")]),
        ({"allowed": ["letters", "letters"]}, [("allowed/1", "duplicate")]),
        ({"allowed": [1]}, [("allowed/0", "not_text")]),
        (
            {"allowed": ["letters"] * 9},
            [("allowed", "too_many"), *[(f"allowed/{at}", "duplicate") for at in range(1, 8)]],
        ),
    ],
)
def test_the_fields_of_an_option(change: Document, expected: list[tuple[str, str]]) -> None:
    assert faults(document(text() | change)) == [(f"/options/0/{field}", code) for field, code in expected]


@pytest.mark.parametrize(
    ("choices", "expected"),
    [
        (None, [("", "required")]),
        ({}, [("", "not_an_array")]),
        ([], [("", "too_few")]),
        (["red"], [("/0", "not_an_object")]),
        ([{"label": "Red"}], [("/0/value", "required")]),
        ([{"value": "red"}], [("/0/label", "required")]),
        ([{"value": "", "label": "Red"}], [("/0/value", "invalid_name")]),
        ([{"value": "a/b", "label": "Red"}], [("/0/value", "invalid_name")]),
        ([{"value": "a", "label": "A"}, {"value": "a", "label": "B"}], [("/1/value", "duplicate")]),
        ([{"value": "a", "label": "A", "swatch": "red"}], [("/0/swatch", "invalid_colour")]),
        ([{"value": "a", "label": "A", "swatch": 0xFF0000}], [("/0/swatch", "not_text")]),
        ([{"value": "a", "label": "A", "stock": -1}], [("/0/stock", "out_of_range")]),
        ([{"value": "a", "label": "A", "stock": True}], [("/0/stock", "not_an_integer")]),
        ([{"value": "a", "label": "A", "color": "#fff"}], [("/0/color", "unknown_field")]),
        ([{"value": f"v{n}", "label": "A"} for n in range(101)], [("", "too_many")]),
    ],
)
def test_the_choices_of_a_button(choices: object, expected: list[tuple[str, str]]) -> None:
    source = document(button() | {"choices": choices})
    assert faults(source) == [(f"/options/0/choices{field}", code) for field, code in expected]


def test_two_options_cannot_have_one_key() -> None:
    assert faults(document(text("a"), button("b"), button("a"))) == [("/options/2/key", "duplicate")]


def test_there_are_a_hundred_options_and_choices_at_most() -> None:
    most = [button(f"o{number}", "red") for number in range(99)] + [button("o", *(f"v{value}" for value in range(100)))]
    assert len(parse({"options": most}).options) == 100
    assert faults({"options": [*most, text()]}) == [("/options", "too_many")]


def test_all_texts_together_are_bounded() -> None:
    texts = [message(f"o{number}", max_length=2_000) for number in range(5)]
    assert len(parse({"options": texts}).options) == 5
    assert faults({"options": [*texts, text(max_length=1)]}) == [("/options", "too_much_text")]


def test_a_heap_of_unknown_fields_is_named_in_part_and_never_at_length() -> None:
    found = faults({"options": [], **{f"{number}" + "x" * 1_000: 1 for number in range(1_000)}})
    assert len(found) == 40
    assert all(len(pointer) < 70 for pointer, _ in found)


def test_every_fault_is_named_at_once() -> None:
    source = deepcopy(plaque())
    options = source["options"]
    assert isinstance(options, list)
    options[0]["choices"][1]["price"] = "-1"
    options[1]["placement"]["font"] = "wingdings"
    options[2]["when"] = {"option": "card", "filled": True}
    options[3]["type"] = "letter"
    source["canvas"] = {"width": 0, "height": 600}
    assert faults(source, fonts=["serif"], currency="USD") == [
        ("/canvas/width", "out_of_range"),
        ("/options/0/choices/1/price", "out_of_range"),
        ("/options/1/placement/font", "unknown_font"),
        ("/options/2/when/option", "later_option"),
        ("/options/3/type", "unknown_type"),
    ]


def test_an_error_says_where_and_what() -> None:
    with pytest.raises(SchemaError, match=r"^/options/0/label: This is needed\.; /: ") as refused:
        raise SchemaError([Fault("/options/0/label", "required", "This is needed."), Fault("", "x", "Whole.")])
    assert len(refused.value.faults) == 2


def test_an_image_has_bounds_of_its_own() -> None:
    assert faults(document(image(min_width=0, min_height=6_001))) == [
        ("/options/0/min_width", "out_of_range"),
        ("/options/0/min_height", "out_of_range"),
    ]
