"""From a JSON document to a schema, or to everything that is wrong with it."""

import re
from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TypedDict

from customizations.engine.conditions import Condition
from customizations.engine.dependencies import ConditionReader
from customizations.engine.faults import Fault, SchemaError, echo
from customizations.engine.layout import LayoutReader, read_canvas
from customizations.engine.prices import PriceReader
from customizations.engine.reading import Members, Place
from customizations.engine.schema import (
    COUNTED,
    ButtonOption,
    Choice,
    ImageOption,
    MessageOption,
    Option,
    Price,
    PriceMode,
    Schema,
    TextOption,
)
from customizations.engine.text import CLASSES

MOST_OPTIONS = 100
MOST_CHOICES = 100
MOST_TEXT = 1_000
MOST_MESSAGE = 2_000
MOST_LINES = 100
# Of all text options together: it bounds the work for an order, whatever is sent.
MOST_TEXT_IN_ALL = 10_000
_MOST_LABEL = 100
_MOST_HELP = 500
_MOST_STOCK = 1_000_000
_MOST_PIXELS = 6_000
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,49}")
_VALUE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,49}")
_PLAIN = frozenset(PriceMode) - COUNTED
_COMMON = ("key", "type", "label", "help", "required", "requires_approval", "price", "when")
_FIELDS = {
    "button": (*_COMMON, "choices", "tint"),
    "text": (*_COMMON, "max_length", "allowed", "placement"),
    "message": (*_COMMON, "max_length", "max_lines", "placement"),
    "image": (*_COMMON, "min_width", "min_height", "placement"),
}
_CHOICE = ("value", "label", "swatch", "price", "stock", "requires_approval")
_DEFAULT_TEXT = 100
_DEFAULT_MESSAGE = 500
_DEFAULT_LINES = 20


class _Common(TypedDict):
    key: str
    label: str
    help: str
    required: bool
    requires_approval: bool
    price: Price | None
    when: Condition | None


def parse(document: object, *, fonts: Collection[str] | None = None, currency: str | None = None) -> Schema:
    """The schema that ``document`` (JSON as Python reads it) describes.

    Args:
        document: what somebody wrote, or what was stored.
        fonts: the names of the fonts there are; None: any, for what was written when there were others.
        currency: ISO 4217, whose smallest coin bounds the decimals; None: any, for what was sold in another.

    Raises:
        SchemaError: with every fault of the document.
    """
    faults: list[Fault] = []
    members = Place(document, "", faults).members(("options", "canvas"))
    canvas = read_canvas(members)
    reader = _OptionReader(PriceReader(currency), LayoutReader(canvas, fonts))
    options = reader.read_all(members.needed("options"))
    if faults:
        raise SchemaError(faults)
    return Schema(options, canvas)


@dataclass(frozen=True, slots=True)
class _OptionReader:
    prices: PriceReader
    layout: LayoutReader

    def read_all(self, place: Place | None) -> tuple[Option, ...]:
        """Every option, in order."""
        if place is None:
            return ()
        items = list(place.items(MOST_OPTIONS))
        keys = [_key_of(item) for item in items]
        earlier: dict[str, Option | None] = {}
        for item, key in zip(items, keys, strict=True):
            option = self._option(item, earlier, keys)
            if key in earlier:
                item.fault("duplicate", f"Another option has the key {echo(key)!r}.", at="key")
            else:
                earlier[key] = option
        options = tuple(option for option in earlier.values() if option is not None)
        if sum(_text_of(option) for option in options) > MOST_TEXT_IN_ALL:
            place.fault("too_much_text", f"All texts together have at most {MOST_TEXT_IN_ALL} characters.")
        return options

    def _option(self, place: Place, earlier: Mapping[str, Option | None], keys: Sequence[str]) -> Option | None:
        """One option, of the type that it names; None if it names none."""
        kind = place.value.get("type") if isinstance(place.value, dict) else None
        if not isinstance(kind, str) or kind not in _FIELDS:
            if isinstance(place.value, dict):
                place.fault("unknown_type", f"An option is one of {', '.join(_FIELDS)}.", at="type")
            else:
                place.fault("not_an_object", "This is an object.")
            return None
        fields = place.members(_FIELDS[kind])
        common = self._common(fields, _modes(kind), earlier, keys)
        match kind:
            case "button":
                return ButtonOption(**common, choices=self._choices(fields), tint=self.layout.tint(fields))
            case "text":
                return self._text(fields, common)
            case "message":
                return self._message(fields, common)
            case _:
                return self._image(fields, common)

    def _common(
        self,
        fields: Members,
        modes: AbstractSet[PriceMode],
        earlier: Mapping[str, Option | None],
        keys: Sequence[str],
    ) -> _Common:
        """What every option has."""
        key = fields.name("key", _KEY)
        when = fields.at("when")
        return {
            "key": key,
            "label": fields.label("label", _MOST_LABEL),
            "help": fields.words("help", _MOST_HELP),
            "required": fields.flag("required"),
            "requires_approval": fields.flag("requires_approval"),
            "price": self.prices.read(fields, modes),
            "when": ConditionReader(key, earlier, keys).read(when) if when else None,
        }

    def _text(self, fields: Members, common: _Common) -> TextOption:
        return TextOption(
            **common,
            max_length=fields.whole("max_length", 1, MOST_TEXT) or _DEFAULT_TEXT,
            allowed=_allowed(fields),
            placement=self.layout.text(fields),
        )

    def _message(self, fields: Members, common: _Common) -> MessageOption:
        return MessageOption(
            **common,
            max_length=fields.whole("max_length", 1, MOST_MESSAGE) or _DEFAULT_MESSAGE,
            max_lines=fields.whole("max_lines", 1, MOST_LINES) or _DEFAULT_LINES,
            placement=self.layout.text(fields),
        )

    def _image(self, fields: Members, common: _Common) -> ImageOption:
        return ImageOption(
            **common,
            min_width=fields.whole("min_width", 1, _MOST_PIXELS) or 1,
            min_height=fields.whole("min_height", 1, _MOST_PIXELS) or 1,
            placement=self.layout.image(fields),
        )

    def _choices(self, fields: Members) -> tuple[Choice, ...]:
        """The choices of a button, in order; there is one at least."""
        place = fields.needed("choices")
        if place is None:
            return ()
        found: dict[str, Choice] = {}
        for item in place.items(MOST_CHOICES):
            choice = self._choice(item.members(_CHOICE))
            if choice.value in found:
                item.fault("duplicate", f"Another choice has the value {choice.value!r}.", at="value")
            elif choice.value:
                found[choice.value] = choice
        if place.value == []:
            place.fault("too_few", "There is a choice at least.")
        return tuple(found.values())

    def _choice(self, fields: Members) -> Choice:
        return Choice(
            value=fields.name("value", _VALUE),
            label=fields.label("label", _MOST_LABEL),
            swatch=fields.colour("swatch"),
            price=self.prices.read(fields, _PLAIN),
            stock=fields.whole("stock", 0, _MOST_STOCK),
            requires_approval=fields.flag("requires_approval"),
        )


def _key_of(place: Place) -> str:
    """The key that an option names; its pointer, which is no key, if it names none."""
    key = place.value.get("key") if isinstance(place.value, dict) else None
    return key if isinstance(key, str) else place.pointer


def _modes(kind: str) -> AbstractSet[PriceMode]:
    return frozenset(PriceMode) if kind in {"text", "message"} else _PLAIN


def _text_of(option: Option) -> int:
    """How many code points its answer can have."""
    return option.max_length if isinstance(option, TextOption | MessageOption) else 0


def _allowed(fields: Members) -> tuple[str, ...]:
    """The character classes that a text is narrowed down to."""
    if (place := fields.at("allowed")) is None:
        return ()
    names: list[str] = []
    for item in place.items(len(CLASSES)):
        name = item.is_text()
        if name in names:
            item.fault("duplicate", f"{echo(str(name))!r} is there already.")
        elif name is not None and name not in CLASSES:
            item.fault("unknown_choice", f"This is one of {', '.join(CLASSES)}.")
        elif name is not None:
            names.append(name)
    return tuple(names)
