"""Reading JSON with every fault named: whatever is wrong is noted, and reading goes on with something harmless."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from customizations.engine import text
from customizations.engine.faults import Fault, below, echo

_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
# What is named of a heap of unknown members.
_MOST_UNKNOWN = 40

_Member = TypeVar("_Member", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Place:
    """A value in the document, where it is, and where faults are noted."""

    value: object
    pointer: str
    faults: list[Fault]

    def fault(self, code: str, detail: str, *, at: str | None = None) -> None:
        """Note a fault of the value, or of its member ``at``."""
        self.faults.append(Fault(self.pointer if at is None else below(self.pointer, at), code, detail))

    def items(self, most: int) -> "Iterator[Place]":
        """The places of an array's items, of ``most`` at most; none of what is no array."""
        if not isinstance(self.value, list):
            self.fault("not_an_array", "This is an array.")
            return
        if len(self.value) > most:
            self.fault("too_many", f"There can be at most {most}.")
        for number, item in enumerate(self.value[:most]):
            yield Place(item, below(self.pointer, number), self.faults)

    def members(self, known: Collection[str]) -> "Members":
        """The members of an object; whoever is not ``known`` is a fault. What is no object has none."""
        if not isinstance(self.value, dict):
            self.fault("not_an_object", "This is an object.")
            return Members(self, {}, is_object=False)
        unknown = [str(name) for name in self.value if name not in known]
        for name in unknown[:_MOST_UNKNOWN]:
            self.fault("unknown_field", f"There is no field {echo(name)!r} here.", at=name)
        return Members(self, self.value, is_object=True)

    def is_text(self) -> str | None:
        """The value if it is text."""
        if isinstance(self.value, str):
            return self.value
        self.fault("not_text", "This is text.")
        return None

    def is_whole(self, low: int, high: int) -> int | None:
        """The value if it is a whole number from ``low`` to ``high``; a boolean is none."""
        if not isinstance(self.value, int) or isinstance(self.value, bool):
            self.fault("not_an_integer", "This is a whole number.")
        elif not low <= self.value <= high:
            self.fault("out_of_range", f"This is from {low} to {high}.")
        else:
            return self.value
        return None

    def is_words(self, most: int, *, has_lines: bool = False) -> str | None:
        """The value if it is text for people: of at most ``most`` code points, and nothing that hides or controls."""
        if (raw := self.is_text()) is None:
            return None
        words = raw if text.cannot_fit(raw, most) else text.normalise(raw)
        if len(words) > most:
            self.fault("max_length", f"At most {most} characters.")
        elif wrong := text.misplaced(words, has_lines=has_lines):
            self.fault("forbidden_character", f"These characters cannot be here: {', '.join(wrong[:5])}.")
        else:
            return words
        return None


@dataclass(frozen=True, slots=True)
class Members:
    """The members of an object, read by name. A member that is absent, or null, is as good as its default."""

    place: Place
    values: dict[str, object]
    is_object: bool

    def at(self, name: str) -> Place | None:
        """Where the member is; None if it is absent."""
        if self.values.get(name) is None:
            return None
        return Place(self.values[name], below(self.place.pointer, name), self.place.faults)

    def needed(self, name: str) -> Place | None:
        """Where the member is; that it is absent is a fault."""
        found = self.at(name)
        if found is None and self.is_object:
            self.place.fault("required", "This is needed.", at=name)
        return found

    def name(self, name: str, pattern: re.Pattern[str]) -> str:
        """A needed name of that form."""
        found = self.needed(name)
        if found is None or (value := found.is_text()) is None:
            return ""
        if pattern.fullmatch(value) is None:
            found.fault("invalid_name", "A name is 1 to 50 of the letters A to Z, digits, - and _.")
            return ""
        return value

    def label(self, name: str, most: int) -> str:
        """A needed line of text for people."""
        found = self.needed(name)
        if found is None or (words := found.is_words(most)) is None:
            return ""
        if not text.trim(words):
            found.fault("blank", "This says something.")
        return text.trim(words)

    def words(self, name: str, most: int) -> str:
        """Text for people, of several lines even; empty if there is none."""
        found = self.at(name)
        return text.trim(found.is_words(most, has_lines=True) or "") if found else ""

    def whole(self, name: str, low: int, high: int) -> int | None:
        """A whole number in that range, if there is one."""
        found = self.at(name)
        return found.is_whole(low, high) if found else None

    def needed_whole(self, name: str, low: int, high: int) -> int:
        """A needed whole number in that range; ``low`` in the place of a wrong one."""
        found = self.needed(name)
        number = found.is_whole(low, high) if found else None
        return low if number is None else number

    def flag(self, name: str) -> bool:
        """True or false; false if absent."""
        found = self.at(name)
        if found is None:
            return False
        if not isinstance(found.value, bool):
            found.fault("not_a_boolean", "This is true or false.")
        return found.value is True

    def colour(self, name: str) -> str | None:
        """A colour ``#rrggbb`` in small letters, if there is one."""
        found = self.at(name)
        if found is None or (value := found.is_text()) is None:
            return None
        if _COLOUR.fullmatch(value) is None:
            found.fault("invalid_colour", "A colour is written like #c0392b.")
            return None
        return value.lower()

    def one_of(self, name: str, default: _Member) -> _Member:
        """A member of ``default``'s kind."""
        found = self.at(name)
        if found is None or (value := found.is_text()) is None:
            return default
        kind = type(default)
        if value not in {*kind}:
            found.fault("unknown_choice", f"This is one of {', '.join(kind)}.")
            return default
        return kind(value)
