"""When an option is asked: what the answers given before it say."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class IsChosen:
    """The answer to ``option`` is one of ``values``; with ``is_negated``, it is none of them, or there is none."""

    option: str
    values: frozenset[str]
    is_negated: bool = False


@dataclass(frozen=True, slots=True)
class IsFilled:
    """``option`` is answered; with ``is_negated``, it is not."""

    option: str
    is_negated: bool = False


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every one of ``conditions`` holds."""

    conditions: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One of ``conditions`` holds."""

    conditions: tuple["Condition", ...]


Condition = IsChosen | IsFilled | AllOf | AnyOf


def holds(condition: Condition, answered: Mapping[str, str]) -> bool:
    """Whether ``condition`` holds when the visible options are ``answered`` so."""
    match condition:
        case IsChosen(option, values, is_negated):
            return (answered.get(option) in values) is not is_negated
        case IsFilled(option, is_negated):
            return (option in answered) is not is_negated
        case AllOf(conditions):
            return all(holds(each, answered) for each in conditions)
        case _:
            return any(holds(each, answered) for each in condition.conditions)
