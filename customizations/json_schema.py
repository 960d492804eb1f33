"""The rules of answers as JSON Schema (draft 2020-12), for any client to check answers before it sends them.

It says what the engine says about structure, conditions, lengths and characters. What is in stock, and which pictures
there are, only the engine knows. A validator sees text as it is sent: compose it (NFC), and end lines with LF.

Patterns are ECMA-262 with its ``u`` flag, and mean the same in Python, Rust and PCRE: no lookaround, no classes by
name, and a line end that must not be there is ruled out by itself, for to some ``$`` stands before the last one.
"""

from collections.abc import Iterable

from customizations.engine import ButtonOption, ImageOption, MessageOption, Option, Schema, TextOption
from customizations.engine.answers import UPLOAD_ID
from customizations.engine.conditions import AllOf, Condition, IsChosen, IsFilled
from customizations.engine.text import BLANK, CLASSES, FORBIDDEN, JOINER, VARIATION, Ranges

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_LAST = 0x10FFFF

Rules = dict[str, object]

_ANSWERED: Rules = {"$ref": "#/$defs/answered"}
_LINE_END: Rules = {"pattern": "\\n"}
_UNANSWERED: Rules = {"$ref": "#/$defs/unanswered"}


def build(schema: Schema, *, schema_id: str | None = None) -> Rules:
    """The JSON Schema of an answers object.

    Args:
        schema: what is asked.
        schema_id: the address under which it is published.
    """
    required = [option.key for option in schema.options if option.required and option.when is None]
    conditional = [_when(option, option.when) for option in schema.options if option.when is not None]
    return {
        "$schema": DIALECT,
        **({"$id": schema_id} if schema_id else {}),
        "$comment": "Compose text (Unicode NFC) and end its lines with LF before you check it.",
        "type": "object",
        "properties": {option.key: _answer(option) for option in schema.options},
        "additionalProperties": False,
        **({"required": required} if required else {}),
        **({"allOf": conditional} if conditional else {}),
        "$defs": _definitions(),
    }


def _answer(option: Option) -> Rules:
    """What an answer to ``option`` looks like, whether or not it is asked."""
    rules: Rules = {"title": option.label} | ({"description": option.help} if option.help else {}) | _form(option)
    if option.required and option.when is None:
        rules["allOf"] = [_ANSWERED]
    return rules


def _form(option: Option) -> Rules:
    """What its type asks of an answer; the empty answer is none."""
    match option:
        case ButtonOption():
            return {"enum": [*(choice.value for choice in option.choices), ""]}
        case ImageOption():
            return {"$ref": "#/$defs/upload"}
        case MessageOption():
            more = f"^[^\\n]*(?:\\n[^\\n]*){{{option.max_lines}}}"
            return {"$ref": "#/$defs/text", "maxLength": option.max_length, "not": {"pattern": more}}
        case _:
            return {"$ref": "#/$defs/line", "maxLength": option.max_length} | _allowed(option)


def _allowed(option: TextOption) -> Rules:
    """The characters that a text is narrowed down to."""
    ranges = [each for name in option.allowed for each in CLASSES[name]]
    return {"pattern": f"^[{_characters(ranges)}]*$"} if ranges else {}


def _when(option: Option, condition: Condition) -> Rules:
    """An option that is asked on a condition: not answered unless it holds, answered if it is required and holds.

    The condition may ignore whether the options that it names are themselves asked: answers to those that are not are
    refused anyway.
    """
    answered = {"then": _filled(option.key)} if option.required else {}
    return {"if": _holds(condition), **answered, "else": {"properties": {option.key: _UNANSWERED}}}


def _holds(condition: Condition) -> Rules:
    """What answers look like if ``condition`` holds."""
    match condition:
        case IsChosen(option, values, is_negated):
            chosen: Rules = {"properties": {option: {"enum": sorted(values)}}, "required": [option]}
            return {"not": chosen} if is_negated else chosen
        case IsFilled(option, is_negated):
            return {"not": _filled(option)} if is_negated else _filled(option)
        case AllOf(conditions):
            return {"allOf": [_holds(each) for each in conditions]}
        case _:
            return {"anyOf": [_holds(each) for each in condition.conditions]}


def _filled(key: str) -> Rules:
    return {"properties": {key: _ANSWERED}, "required": [key]}


def _characters(ranges: Iterable[tuple[int, int]]) -> str:
    """The inside of a character class."""
    pairs = ((_character(first), _character(last)) for first, last in ranges)
    return "".join(first if first == last else f"{first}-{last}" for first, last in pairs)


def _character(code: int) -> str:
    """One character of a class. What does not fit U+FFFF stands for itself: dialects write it differently."""
    return f"\\u{code:04x}" if code <= 0xFFFF else chr(code)  # noqa: PLR2004 - the last of four digits


def _without(ranges: Ranges) -> list[tuple[int, int]]:
    """All characters but those in ``ranges``, so that no pattern has to name a surrogate."""
    borders = [-1, *(border for first, last in ranges for border in (first, last)), _LAST + 1]
    gaps = zip(borders[::2], borders[1::2], strict=True)
    return [(last + 1, first - 1) for last, first in gaps if last + 1 < first]


def _definitions() -> Rules:
    """What all schemas refer to."""
    blank, joiner, variation = _characters(BLANK), _characters(JOINER), _characters(VARIATION)
    stray = (
        f"(?:^|[{blank}{joiner}])[{joiner}]|[{joiner}](?:$|[{blank}])|(?:^|[{blank}{joiner}{variation}])[{variation}]"
    )
    seen = {"type": "string", "pattern": f"^[{_characters(_without(FORBIDDEN))}]*$", "not": {"pattern": stray}}
    upload = {"type": "string", "pattern": f"^(?:{UPLOAD_ID})?$", "not": _LINE_END}
    return {
        "text": seen,
        "line": {"$ref": "#/$defs/text", "not": _LINE_END},
        "upload": upload,
        "answered": {"pattern": f"[^{blank}]"},
        "unanswered": {"not": {"$ref": "#/$defs/answered"}},
    }
