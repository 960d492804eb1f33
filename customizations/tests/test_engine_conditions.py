"""When an option is asked."""

import pytest

from customizations.engine.conditions import AllOf, AnyOf, Condition, IsChosen, IsFilled, holds

GOLD = IsChosen("colour", frozenset({"gold", "silver"}))
NOT_GOLD = IsChosen("colour", frozenset({"gold", "silver"}), is_negated=True)
NAMED = IsFilled("name")
NOT_NAMED = IsFilled("name", is_negated=True)


@pytest.mark.parametrize(
    ("condition", "answered", "expected"),
    [
        (GOLD, {"colour": "gold"}, True),
        (GOLD, {"colour": "red"}, False),
        (GOLD, {}, False),
        (NOT_GOLD, {"colour": "gold"}, False),
        (NOT_GOLD, {"colour": "red"}, True),
        (NOT_GOLD, {}, True),
        (NAMED, {"name": "x"}, True),
        (NAMED, {}, False),
        (NOT_NAMED, {"name": "x"}, False),
        (NOT_NAMED, {}, True),
        (AllOf((GOLD, NAMED)), {"colour": "gold", "name": "x"}, True),
        (AllOf((GOLD, NAMED)), {"colour": "gold"}, False),
        (AnyOf((GOLD, NAMED)), {"name": "x"}, True),
        (AnyOf((GOLD, NAMED)), {"colour": "red"}, False),
        (AllOf((AnyOf((GOLD, NAMED)), NOT_NAMED)), {"colour": "silver"}, True),
        (AllOf((AnyOf((GOLD, NAMED)), NOT_NAMED)), {"name": "x"}, False),
    ],
)
def test_conditions(condition: Condition, answered: dict[str, str], expected: bool) -> None:  # noqa: FBT001
    assert holds(condition, answered) is expected
