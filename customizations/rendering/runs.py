"""Text cut into runs: pieces of one font and one direction, which is what the shaper takes."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from customizations.rendering import bidi
from customizations.rendering.typefaces import EMOJI, FALLBACKS, coverage

_JOINER = "\u200d"
_EMOJI_STYLE, _KEYCAP = "\ufe0f", "\u20e3"
_FIRST_PICTOGRAPH = 0x1F000
# The emoji font hatches what is red elsewhere; in one ink a heart is a full one.
_HEARTS = frozenset("\u2764\u2665")
# They stand in sequences and need no glyph: joiners, variation selectors, tags (flags of regions).
_SILENT = frozenset({0x200C, 0x200D, *range(0xFE00, 0xFE10), *range(0xE0020, 0xE0080)})
_SKIN_TONES = range(0x1F3FB, 0x1F400)
_REGIONS = range(0x1F1E6, 0x1F200)
# No font may claim them: controls, private and unassigned characters, and what reorders or hides.
_NEVER_SHOWN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
_MARKS = frozenset({"Mn", "Me", "Mc"})


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of a line.

    Attributes:
        text: its characters, in the order they are read in.
        file: the font that has them all.
        direction: ``ltr`` or ``rtl``.
    """

    text: str
    file: str
    direction: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph, of which lines can be cut.

    Attributes:
        text: all of it, without line ends.
        files: the font of every character.
        levels: the embedding level of every character.
    """

    text: str
    files: tuple[str, ...]
    levels: tuple[int, ...]

    def runs(self, start: int, end: int) -> tuple[Run, ...]:
        """What stands between two indices, from left to right."""
        parts = groupby(range(start, end), key=lambda index: (self.files[index], self.levels[index]))
        found = [(file, level, list(indices)) for (file, level), indices in parts]
        runs = [
            Run(self.text[indices[0] : indices[-1] + 1], file, "rtl" if level % 2 else "ltr")
            for file, level, indices in found
        ]
        return tuple(runs[index] for index in bidi.visual_order([level for _, level, _ in found]))


def paragraph(text: str, file: str) -> Paragraph:
    """``text`` in the font ``file``, and in those that lend it what it does not have; no glyph may be missing."""
    files: list[str] = []
    for cluster in clusters(text):
        lender = _borrow(cluster, file, files[-1] if files else None)
        files += [lender or file] * len(cluster)
    return Paragraph(text, tuple(files), tuple(bidi.levels(text)))


def missing(text: str, file: str) -> tuple[str, ...]:
    """The characters of ``text`` that no font has, each once; those of a whole cluster where no font has all of it."""
    found: list[str] = []
    for cluster in clusters(text):
        if cluster == "\n" or _lender(cluster, file) is not None:
            continue
        alone = [character for character in cluster if _lender(character, file) is None]
        found += alone or [character for character in cluster if ord(character) not in _SILENT]
    return tuple(dict.fromkeys(found))


def clusters(text: str) -> Iterator[str]:
    """What a reader takes for one character: a base with its marks, an emoji sequence, a flag."""
    start = 0
    for index in range(1, len(text)):
        if not _belongs(text, start, index):
            yield text[start:index]
            start = index
    if text:
        yield text[start:]


def _belongs(text: str, start: int, index: int) -> bool:
    """Whether the character at ``index`` goes on with the cluster that begins at ``start``."""
    code = ord(text[index])
    if text[index - 1] == "\n" or text[index] == "\n":
        return False
    if code in _SILENT or unicodedata.category(text[index]) in _MARKS:
        return True
    if code in _SKIN_TONES:
        return ord(text[index - 1]) in coverage(EMOJI)
    if text[index - 1] == _JOINER:
        return code in coverage(EMOJI)
    return code in _REGIONS and index - start == 1 and ord(text[start]) in _REGIONS


def _borrow(cluster: str, file: str, before: str | None) -> str | None:
    """The font of a cluster; blanks stay in the font of the word before them, so that shaping goes on."""
    if before not in {None, EMOJI} and cluster.isspace() and _has(before, cluster):
        return before
    return _lender(cluster, file)


@lru_cache(maxsize=4096)
def _lender(cluster: str, file: str) -> str | None:
    """The first font that has all of a cluster."""
    is_pictograph = ord(cluster[0]) >= _FIRST_PICTOGRAPH or _EMOJI_STYLE in cluster or _KEYCAP in cluster
    is_pictograph &= cluster[0] not in _HEARTS
    order = (EMOJI, file, *FALLBACKS) if is_pictograph else (file, *FALLBACKS)
    return next((each for each in order if _has(each, cluster)), None)


def _has(file: str, cluster: str) -> bool:
    """Whether a font has every character of a cluster, composed or (the shaper takes them apart) decomposed."""
    if any(unicodedata.category(character) in _NEVER_SHOWN and ord(character) not in _SILENT for character in cluster):
        return False
    covered = coverage(file)
    forms = (cluster, unicodedata.normalize("NFD", cluster))
    return any(all(ord(character) in covered or ord(character) in _SILENT for character in form) for form in forms)
