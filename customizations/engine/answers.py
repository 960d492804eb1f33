"""Reading one answer: what was said, and what is wrong with it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from customizations.engine import text
from customizations.engine.faults import echo
from customizations.engine.schema import ButtonOption, ImageOption, MessageOption, Option, TextOption

UPLOAD_ID = "[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}"
_UPLOAD_ID = re.compile(UPLOAD_ID)

# A code, and a sentence for a person.
Objection = tuple[str, str]


@dataclass(frozen=True, slots=True)
class UploadFacts:
    """How many pixels an uploaded picture has."""

    width: int
    height: int


@dataclass(frozen=True, slots=True)
class AnswerReader:
    """Reads answers where there are these uploads, by id in small letters, and this stock, by (option, value)."""

    uploads: Mapping[str, UploadFacts]
    stock: Mapping[tuple[str, str], int]

    def read(self, option: Option, value: object) -> tuple[str, list[Objection]]:
        """The answer, normalised, and every objection to it; it is empty if nothing is answered."""
        if not isinstance(value, str):
            return "", [("not_text", "An answer is text.")]
        match option:
            case ButtonOption():
                return value, list(self._choice(option, value))
            case ImageOption():
                return value.lower(), list(self._picture(option, value.lower()))
            case _:
                return _read_words(option, value)

    def _choice(self, option: ButtonOption, value: str) -> Iterator[Objection]:
        if value and option.choice(value) is None:
            yield "unknown_choice", f"{option.label!r} has no choice {echo(value)!r}."
        elif self.stock.get((option.key, value), 1) <= 0:
            yield "out_of_stock", "There are none left of this choice."

    def _picture(self, option: ImageOption, upload: str) -> Iterator[Objection]:
        if not upload:
            return
        facts = self.uploads.get(upload)
        if _UPLOAD_ID.fullmatch(upload) is None:
            yield "invalid_upload", "This is the id of an upload."
        elif facts is None:
            yield "unknown_upload", "There is no such upload."
        elif facts.width < option.min_width or facts.height < option.min_height:
            yield "image_too_small", f"The picture has at least {option.min_width} by {option.min_height} pixels."


def _read_words(option: TextOption | MessageOption, value: str) -> tuple[str, list[Objection]]:
    """Text without the blanks around it, which is judged with them."""
    if text.cannot_fit(value, option.max_length):
        return text.trim(value), [_too_long(option)]
    words = text.normalise(value)
    return text.trim(words), list(_object_to(option, words))


def _object_to(option: TextOption | MessageOption, words: str) -> Iterator[Objection]:
    """What is wrong with text in normal form."""
    if len(words) > option.max_length:
        yield _too_long(option)
    is_message = isinstance(option, MessageOption)
    if isinstance(option, MessageOption) and text.count_lines(words) > option.max_lines:
        yield "max_lines", f"At most {option.max_lines} lines."
    allowed = option.allowed if isinstance(option, TextOption) else ()
    if wrong := text.misplaced(words, has_lines=is_message, allowed=allowed):
        yield "forbidden_character", f"These characters cannot be here: {', '.join(wrong[:5])}."


def _too_long(option: TextOption | MessageOption) -> Objection:
    return "max_length", f"At most {option.max_length} characters."
