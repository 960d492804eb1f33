"""Reading when an option is asked. A condition names options before its own, so that there are no circles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from customizations.engine.conditions import AllOf, AnyOf, Condition, IsChosen, IsFilled
from customizations.engine.faults import echo
from customizations.engine.reading import Place
from customizations.engine.schema import ButtonOption, Option

MOST_DEPTH = 5
_MOST_CONDITIONS = 20
_MOST_VALUES = 100
_TESTS = ("in", "not_in", "filled")
_GROUPS = ("all", "any")


@dataclass(frozen=True, slots=True)
class ConditionReader:
    """Reads the conditions of the option ``key``.

    Attributes:
        key: the option that they are of.
        earlier: the options before it; None for one that could not be read.
        keys: all keys of the document.
    """

    key: str
    earlier: Mapping[str, Option | None]
    keys: Sequence[str]

    def read(self, place: Place, depth: int = 1) -> Condition | None:
        """The condition at ``place``; None, with faults noted, if it is none."""
        fields = place.members(("option", *_TESTS, *_GROUPS))
        present = [name for name in (*_TESTS, *_GROUPS) if name in fields.values]
        if len(present) != 1:
            if fields.is_object:
                place.fault("invalid_condition", "A condition has one of in, not_in, filled, all and any.")
            return None
        name = present[0]
        member = Place(fields.values[name], f"{place.pointer}/{name}", place.faults)
        if name in _TESTS:
            return self._test(fields.needed("option"), name, member)
        if "option" in fields.values:
            place.fault("invalid_condition", "The conditions of a group name options, not the group.", at="option")
        return self._group(name, member, depth)

    def _group(self, name: str, place: Place, depth: int) -> Condition | None:
        """All or any of the conditions at ``place``."""
        if depth >= MOST_DEPTH:
            place.fault("too_deep", f"Conditions are nested {MOST_DEPTH} deep at most.")
            return None
        found = [self.read(item, depth + 1) for item in place.items(_MOST_CONDITIONS)]
        if place.value == []:
            place.fault("too_few", "A group has a condition at least.")
        conditions = tuple(each for each in found if each is not None)
        return AllOf(conditions) if name == "all" else AnyOf(conditions)

    def _test(self, option: Place | None, name: str, place: Place) -> Condition | None:
        """What is asked of one option's answer."""
        key = self._earlier_key(option) if option else None
        if name == "filled":
            if not isinstance(place.value, bool):
                place.fault("not_a_boolean", "This is true or false.")
            return IsFilled(key, is_negated=place.value is False) if key else None
        values = self._values(place, self.earlier[key] if key else None)
        return IsChosen(key, values, is_negated=name == "not_in") if key else None

    def _earlier_key(self, place: Place) -> str | None:
        """The key at ``place``, if an option before this one has it."""
        key = place.is_text()
        if key is None or key in self.earlier:
            return key
        if key == self.key:
            place.fault("own_option", "An option cannot depend on itself.")
        elif key in self.keys:
            place.fault("later_option", f"{echo(key)!r} is asked later. An option depends on those before it.")
        else:
            place.fault("unknown_option", f"There is no option {echo(key)!r}.")
        return None

    def _values(self, place: Place, option: Option | None) -> frozenset[str]:
        """The values at ``place``, which are choices of ``option``."""
        if option is not None and not isinstance(option, ButtonOption):
            place.fault("not_comparable", f"{option.key!r} has no choices. Ask whether it is filled.")
        values = set()
        for item in place.items(_MOST_VALUES):
            value = item.is_text()
            if value in values:
                item.fault("duplicate", f"{echo(str(value))!r} is there already.")
            elif value is not None:
                values.add(value)
                if isinstance(option, ButtonOption) and option.choice(value) is None:
                    item.fault("unknown_choice", f"{option.key!r} has no choice {echo(value)!r}.")
        if place.value == []:
            place.fault("too_few", "There is a value at least.")
        return frozenset(values)
