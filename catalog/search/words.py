"""What somebody typed, taken apart: words, what else is meant by them, and which may be unfinished. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

MAX_WORDS = 12
MAX_WORD_LENGTH = 40
# What is read of a text that somebody has pasted by mistake.
MAX_TOKENS = 50
# A word with all its synonyms and corrections; a line of synonyms that says more is cut off.
MAX_ALTERNATIVES = 12
# The longest phrase that a line of synonyms may hold.
MAX_PHRASE_WORDS = 4

# As PostgreSQL takes names apart: "T-light" is two words. Signs of a query language are in none.
_WORD = re.compile(r"[^\W_]+")
# "Mother's" is one word, not two.
_APOSTROPHE = re.compile(r"(?<=\w)['\u2019]s\b|['\u2019]")
# Said in passing: nobody looks for them.
_FILLERS = frozenset(
    (
        *("a", "an", "and", "any", "as", "at", "by", "for", "from", "her", "him", "his", "i", "in", "is", "it", "me"),
        *("my", "of", "on", "or", "our", "s", "some", "t", "that", "the", "their", "these", "this", "to", "us", "with"),
        *("you", "your"),
    )
)
_SIBILANTS = ("s", "x", "z", "ch", "sh")

# The accented letters of Latin scripts and what ``fold`` makes of them, for PostgreSQL's ``translate``.
_LATIN = [(chr(code), unicodedata.normalize("NFD", chr(code))[0]) for code in range(0xE0, 0x180)]
_FOLDED = [(letter, plain) for letter, plain in _LATIN if plain.isascii() and plain.islower()]
ACCENTED = "".join(letter for letter, _ in _FOLDED)
PLAIN = "".join(plain for _, plain in _FOLDED)

Phrase = tuple[str, ...]
Synonyms = Mapping[Phrase, Sequence[Phrase]]


@dataclass(frozen=True, slots=True)
class Slot:
    """One thing that is looked for: any of ``phrases`` will do.

    Attributes:
        phrases: what was typed, then its synonyms and corrections.
        is_unfinished: the last word of the first phrase may be the beginning of a longer one.
    """

    phrases: tuple[Phrase, ...]
    is_unfinished: bool = False

    def with_phrases(self, more: Iterable[Phrase]) -> "Slot":
        """The same, where these will do as well."""
        return replace(self, phrases=tuple(dict.fromkeys((*self.phrases, *more)))[:MAX_ALTERNATIVES])

    @property
    def typed(self) -> Phrase:
        """The words as they were typed."""
        return self.phrases[0]


def fold(text: str) -> str:
    """Small letters without accents, as words are compared."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))


def tokens(text: str) -> Iterator[str]:
    """The words of ``text``, folded."""
    return (match.group()[:MAX_WORD_LENGTH] for match in _WORD.finditer(_APOSTROPHE.sub("", fold(text))))


def split(text: str) -> list[str]:
    """The different words of ``text``, folded; at most ``MAX_WORDS``."""
    return list(dict.fromkeys(islice(tokens(text), MAX_TOKENS)))[:MAX_WORDS]


def read_query(text: str, synonyms: Synonyms) -> tuple[Slot, ...]:
    """What ``text`` looks for; nothing for a text of signs alone."""
    words = split(text)
    slots = [slot for slot in _slots(words, synonyms) if len(slot.typed) > 1 or slot.typed[0] not in _FILLERS]
    # Somebody who looks for nothing but such words may mean them.
    slots = slots or [Slot(((word,),)) for word in words]
    if slots and slots[-1].typed[-1] == words[-1]:
        slots[-1] = replace(slots[-1], is_unfinished=True)
    return tuple(slots)


def read_synonyms(lines: Iterable[str]) -> dict[Phrase, list[Phrase]]:
    """What else is meant by a phrase (in the singular), from lines like ``mug, cup, tea cup``."""
    found: dict[Phrase, list[Phrase]] = {}
    for line in lines:
        phrases = read_phrases(line)
        for phrase in phrases:
            found.setdefault(_key(phrase), []).extend(other for other in phrases if other != phrase)
    return found


def read_phrases(line: str) -> list[Phrase]:
    """The phrases of one line of synonyms, each once."""
    parts = (tuple(split(part))[:MAX_PHRASE_WORDS] for part in line.split(",")[:MAX_ALTERNATIVES])
    return list(dict.fromkeys(phrase for phrase in parts if phrase))


def singular(word: str) -> str:
    """A word without the ending of its plural; good enough to tell that two mean the same."""
    if len(word) < 4 or not word.endswith("s") or word.endswith("ss"):  # noqa: PLR2004 - "bus" is no plural
        return word
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    return word[:-2] if word.endswith("es") and word[:-2].endswith(_SIBILANTS) else word[:-1]


def trigrams(word: str) -> list[str]:
    """Every three letters in a row, as pg_trgm cuts them: the beginning counts most."""
    padded = f"  {word} "
    return sorted({padded[start : start + 3] for start in range(len(padded) - 2)})


def _slots(words: Sequence[str], synonyms: Synonyms) -> Iterator[Slot]:
    start = 0
    while start < len(words):
        length = next((n for n in range(MAX_PHRASE_WORDS, 1, -1) if _key(words[start : start + n]) in synonyms), 1)
        phrase = tuple(words[start : start + length])
        yield Slot((phrase,)).with_phrases(synonyms.get(_key(phrase), ()))
        start += length


def _key(phrase: Iterable[str]) -> Phrase:
    return tuple(singular(word) for word in phrase)
