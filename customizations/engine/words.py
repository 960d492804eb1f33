"""Words of a text, and those among them that a shop does not print."""

import re
import unicodedata
from collections.abc import Collection

_WORD = re.compile(r"[^\W_]+")


def fold(text: str) -> str:
    """The text without case and accents: what people take for the same is."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(part for part in parts if not unicodedata.combining(part))


def words_of(text: str) -> list[str]:
    """Its words, folded, in order."""
    return _WORD.findall(fold(text))


def blocked_in(text: str, blocked: Collection[str]) -> list[str]:
    """Those of the text's words that are among the blocked ones, which are folded; each once, in order."""
    return list(dict.fromkeys(word for word in words_of(text) if word in blocked))
