"""Reading JSON bodies, strictly: what could mean two things, or nothing, is refused before anybody sees it."""

import json
import math
from collections.abc import Iterator, Mapping
from typing import IO, Any, NoReturn

from django.conf import settings
from rest_framework.parsers import JSONParser

from fantasize.core.api.exceptions import escape_pointer
from fantasize.core.errors import FieldError, InvalidError, MalformedError, TooLargeError

MAX_NESTING = 32
MAX_DIGITS = 100


class StrictJSONParser(JSONParser):
    """A JSON object in UTF-8, of bounded size and nesting, without duplicate keys and numbers that are none."""

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """The object that the body holds.

        Raises:
            TooLargeError: it is larger than ``settings.JSON_BODY_MAX_BYTES``.
            MalformedError: it is not JSON, repeats a key, or is nested too deep.
            InvalidError: it is no object, or holds a NUL, a lone surrogate or a number beyond all ranges.
        """
        body = stream.read(settings.JSON_BODY_MAX_BYTES + 1)
        if len(body) > settings.JSON_BODY_MAX_BYTES:
            raise TooLargeError(f"A JSON body holds at most {settings.JSON_BODY_MAX_BYTES} bytes.")
        text = _decode(body)
        data = _load(text)
        _require_shallow(text, data)
        _require_characters(text, data)
        if not isinstance(data, dict):
            raise InvalidError.at("", "The body is a JSON object.", code="not_an_object")
        return data


def _decode(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise _malformed("The body is not UTF-8.") from None


def _load(text: str) -> Any:
    try:
        return json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_float,
            parse_constant=_refuse_constant,
        )
    except json.JSONDecodeError as error:
        raise _malformed(f"The body is not JSON: line {error.lineno}, column {error.colno}.") from None
    except RecursionError:
        raise _too_deep() from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise _malformed("The body repeats a key within one object.")
    return result


def _integer(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise _out_of_range()
    return int(text)


def _float(text: str) -> float:
    number = float(text)
    if math.isinf(number) or len(text) > MAX_DIGITS:
        raise _out_of_range()
    return number


def _refuse_constant(text: str) -> NoReturn:
    raise _malformed(f"{text} is not a JSON number.")


def _require_shallow(text: str, data: Any) -> None:
    # No more brackets than levels allowed: the usual body needs no walk.
    if text.count("{") + text.count("[") > MAX_NESTING and _depth(data) > MAX_NESTING:
        raise _too_deep()


def _depth(data: Any) -> int:
    """How many objects and arrays stand within each other; not counted further than one too many."""
    depth, level = 0, _containers([data])
    while level and depth <= MAX_NESTING:
        depth += 1
        level = [child for node in level for child in _children(node)]
    return depth


def _containers(nodes: list[Any]) -> list[Any]:
    return [node for node in nodes if isinstance(node, (dict, list))]


def _children(node: Any) -> list[Any]:
    return _containers(list(node.values() if isinstance(node, dict) else node))


def _require_characters(text: str, data: Any) -> None:
    # Raw control characters are no JSON and raw surrogates no UTF-8: only an escape can bring in either.
    if "\\u" not in text:
        return
    errors = [
        FieldError(pointer, "invalid_character", "NUL and lone surrogates are no text.") for pointer in _bad(data)
    ]
    if errors:
        raise InvalidError("The input holds characters that are no text.", errors=errors)


def _bad(node: Any, pointer: str = "") -> Iterator[str]:
    """Pointers to the strings and keys that PostgreSQL cannot hold."""
    if isinstance(node, str):
        if not is_text(node):
            yield pointer
        return
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in items:
        here = f"{pointer}/{escape_pointer(str(key))}"
        if isinstance(key, str) and not is_text(key):
            yield here
        yield from _bad(value, here)


def is_text(value: str) -> bool:
    """Whether ``value`` can be stored and sent: no NUL, no lone surrogate."""
    return "\0" not in value and not any("\ud800" <= char <= "\udfff" for char in value)


def _malformed(detail: str) -> MalformedError:
    return MalformedError(detail, code="malformed_json", title="Malformed JSON")


def _too_deep() -> MalformedError:
    return _malformed(f"The body is nested deeper than {MAX_NESTING} levels.")


def _out_of_range() -> InvalidError:
    return InvalidError.at("", "A number is beyond every range.", code="out_of_range")
