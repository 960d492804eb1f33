"""How far two words are apart, and which word was meant. Pure."""

from collections.abc import Iterable

# Shorter words have too many neighbours.
MIN_LENGTH = 4
_LONG = 8
# Words that are equally near: there is no telling which was meant.
MAX_SUGGESTIONS = 3


def tolerance(word: str) -> int:
    """How many slips of the finger are forgiven."""
    if len(word) < MIN_LENGTH:
        return 0
    return 1 if len(word) < _LONG else 2


def nearest(word: str, known: Iterable[tuple[str, int]]) -> list[str]:
    """The words that ``word`` was probably meant to be: the nearest, the more frequent ones first.

    Args:
        word: as it was typed.
        known: words and how often they occur.
    """
    allowed = tolerance(word)
    ranked = sorted((distance(word, other), -frequency, other) for other, frequency in known)
    best = ranked[0][0] if ranked else allowed + 1
    return [other for far, _, other in ranked if far == best <= allowed][:MAX_SUGGESTIONS]


def distance(one: str, other: str) -> int:
    """Damerau and Levenshtein's: letters to leave out, put in, replace, or swap with their neighbour."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        earlier, before, row = before, row, [i]
        for j, wanted in enumerate(other, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, earlier[j - 2] + 1)
            row.append(cost)
    return row[-1]
