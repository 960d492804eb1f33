"""What differs between two versions of a template, as people read it."""

from copy import deepcopy
from typing import Any

import pytest

from customizations.admin.versions import changes
from customizations.tests.factories import make_schema


def told(after: dict[str, Any]) -> dict[str, tuple[str, str]]:
    """The differences from the usual document, by where they are."""
    return {" ".join(each.where): (each.before, each.after) for each in changes(make_schema(), after)}


def edited(*path: str | int, value: Any) -> dict[str, Any]:
    """The usual document with one value replaced."""
    document: Any = make_schema()
    node = document
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = value
    return dict(document)


@pytest.mark.parametrize(
    ("after", "difference"),
    [
        (edited("options", 1, "max_length", value=30), {"name max_length": ("24", "30")}),
        (edited("options", 0, "label", value="Finish"), {"colour": ("Colour", "Finish")}),
        (edited("options", 0, "required", value=False), {"colour required": ("yes", "no")}),
        (edited("options", 0, "choices", 1, "price", value="5.00"), {"colour gold price": ("4.50", "5.00")}),
        (
            edited("options", 1, "price", "amount", value="0.30"),
            {"name price": ("mode per_character, amount 0.20, free 8", "mode per_character, amount 0.30, free 8")},
        ),
        (edited("options", 1, "placement", "x", value=7), {"name placement x": ("120", "7")}),
        (edited("options", 1, "allowed", value=["letters", "space"]), {"name allowed": ("", "letters, space")}),
        (edited("options", 0, "tint", value="canvas"), {"colour tint": ("", "canvas")}),
        (edited("canvas", "background", value="#000000"), {"canvas background": ("#ffffff", "#000000")}),
        (edited("options", 3, "requires_approval", value=None), {"special requires_approval": ("yes", "")}),
        (
            edited("options", 2, "when", value={"option": "colour", "not_in": ["red"]}),
            {"photo when": ("colour is one of gold", "colour is none of red")},
        ),
        (
            edited(
                "options",
                2,
                "when",
                value={
                    "all": [
                        {"option": "name", "filled": True},
                        {"any": [{"option": "name", "filled": False}, {"option": "colour", "in": ["red", "gold"]}]},
                    ]
                },
            ),
            {
                "photo when": (
                    "colour is one of gold",
                    "name is answered and (name is not answered or colour is one of red, gold)",
                )
            },
        ),
    ],
)
def test_one_change_is_one_line(after: dict[str, Any], difference: dict[str, tuple[str, str]]) -> None:
    assert told(after) == difference


def test_what_came_and_went_is_named_as_a_whole() -> None:
    after = make_schema()
    engraving = after["options"].pop(1)
    after["options"].append({**engraving, "key": "motto", "label": "Motto"})
    after["options"][0]["choices"].append({"value": "blue", "label": "Blue", "price": "1.00"})
    assert told(after) == {"motto": ("", "Motto"), "name": ("Name to engrave", ""), "colour blue": ("", "Blue")}
    assert {each.kind for each in changes(make_schema(), after)} == {"added", "removed"}


def test_another_order_is_a_change() -> None:
    after = deepcopy(make_schema())
    after["options"].reverse()
    assert told(after) == {
        "options order": ("colour, name, photo, special, wrapping", "wrapping, special, photo, name, colour")
    }


def test_the_same_is_no_change() -> None:
    assert told(make_schema()) == {}
