"""Reading conditions."""

import pytest

from customizations.engine import parse
from customizations.tests.documents import Document, button, document, faults, text

FILLED: Document = {"option": "name", "filled": True}


def nested(depth: int) -> Document:
    """A condition in so many groups."""
    return FILLED if depth == 0 else {"all": [nested(depth - 1)]}


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("colour", [("", "not_an_object")]),
        ([], [("", "not_an_object")]),
        ({}, [("", "invalid_condition")]),
        ({"option": "colour"}, [("", "invalid_condition")]),
        ({"option": "colour", "in": ["red"], "filled": True}, [("", "invalid_condition")]),
        ({"all": [FILLED], "any": [FILLED]}, [("", "invalid_condition")]),
        ({"is": "red", "option": "colour", "in": ["red"]}, [("/is", "unknown_field")]),
        ({"in": ["red"]}, [("/option", "required")]),
        ({"option": 5, "in": ["red"]}, [("/option", "not_text")]),
        ({"option": "colours", "in": ["red"]}, [("/option", "unknown_option")]),
        ({"option": "later", "filled": True}, [("/option", "later_option")]),
        ({"option": "own", "filled": True}, [("/option", "own_option")]),
        ({"option": "colour", "in": "red"}, [("/in", "not_an_array")]),
        ({"option": "colour", "in": None}, [("/in", "not_an_array")]),
        ({"option": "colour", "in": []}, [("/in", "too_few")]),
        ({"option": "colour", "not_in": [1]}, [("/not_in/0", "not_text")]),
        ({"option": "colour", "in": ["red", "blue"]}, [("/in/1", "unknown_choice")]),
        ({"option": "colour", "in": ["red", "red"]}, [("/in/1", "duplicate")]),
        ({"option": "name", "in": ["Anna"]}, [("/in", "not_comparable")]),
        ({"option": "name", "filled": 1}, [("/filled", "not_a_boolean")]),
        ({"all": []}, [("/all", "too_few")]),
        ({"any": {}}, [("/any", "not_an_array")]),
        ({"all": [FILLED], "option": "name"}, [("/option", "invalid_condition")]),
        ({"all": [FILLED, {"any": [{"option": "x", "filled": True}]}]}, [("/all/1/any/0/option", "unknown_option")]),
        ({"any": [FILLED] * 21}, [("/any", "too_many")]),
        (nested(5), [("/all/0/all/0/all/0/all/0/all", "too_deep")]),
    ],
)
def test_what_is_wrong_with_a_condition(when: object, expected: list[tuple[str, str]]) -> None:
    source = document(button(), text(), text("own", when=when), text("later"))
    assert faults(source) == [(f"/options/2/when{field}", code) for field, code in expected]


def test_a_condition_may_be_nested_as_deep_as_is_said() -> None:
    assert parse(document(text(), text("own", when=nested(4)))).options[1].when is not None


def test_a_condition_on_an_option_that_cannot_be_read_is_no_second_fault() -> None:
    source = document({"key": "colour", "type": "paint"}, text(when={"option": "colour", "in": ["red"]}))
    assert faults(source) == [("/options/0/type", "unknown_type")]


def test_options_cannot_depend_on_each_other_in_a_circle() -> None:
    source = document(
        text("a", when={"option": "c", "filled": True}),
        text("b", when={"option": "a", "filled": True}),
        text("c", when={"option": "b", "filled": True}),
    )
    assert faults(source) == [("/options/0/when/option", "later_option")]
