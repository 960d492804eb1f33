"""Which way text runs: the Unicode Bidirectional Algorithm (UAX #9) for text without explicit directional controls.

Answers hold no embeddings, overrides or isolates, so that a paragraph is one level run sequence. What is decided here
does not depend on the version of a system library; the shaper only ever sees text of one direction.
"""

import unicodedata
from collections.abc import Sequence
from itertools import groupby

_STRONG = {"L": "L", "R": "R", "EN": "R", "AN": "R"}
_NEUTRAL = frozenset({"B", "S", "WS", "ON"})
_OPENING = {"(": ")", "[": "]", "{": "}"}
_MOST_OPEN = 63


def base_level(text: str) -> int:
    """1 if the first letter of ``text`` is written from right to left, else 0 (P2, P3)."""
    strong = (kind for character in text if (kind := unicodedata.bidirectional(character)) in {"L", "R", "AL"})
    return int(next(strong, "L") != "L")


def levels(text: str) -> list[int]:
    """The embedding level of every character of a paragraph: odd ones run from right to left."""
    base = base_level(text)
    kinds = _weak([unicodedata.bidirectional(character) or "L" for character in text], "LR"[base])
    _pair_brackets(text, kinds, "LR"[base])
    _neutral(kinds, "LR"[base])
    return [_level(kind, base) for kind in kinds]


def visual_order(row: Sequence[int]) -> list[int]:
    """The indices of a line's parts from left to right, by their levels (L2)."""
    order = list(range(len(row)))
    for level in range(max(row, default=0), 0, -1):
        order = [
            index
            for is_reversed, part in groupby(order, key=lambda index: row[index] >= level)
            for index in (reversed(list(part)) if is_reversed else part)
        ]
    return order


def _level(kind: str, base: int) -> int:
    """I1 and I2."""
    if base:
        return 1 if kind == "R" else 2
    return {"L": 0, "R": 1}.get(kind, 2)


def _weak(kinds: list[str], start: str) -> list[str]:
    """W1 to W7: numbers, their signs and separators, and marks."""
    _attach_marks(kinds, start)
    strong = start
    for index, kind in enumerate(kinds):
        if kind in {"L", "R", "AL"}:
            strong = kind
        elif kind == "EN" and strong == "AL":
            kinds[index] = "AN"
    kinds = ["R" if kind == "AL" else kind for kind in kinds]
    _join_numbers(kinds)
    strong = start
    for index, kind in enumerate(kinds):
        if kind in {"L", "R"}:
            strong = kind
        elif kind == "EN" and strong == "L":
            kinds[index] = "L"
    return kinds


def _attach_marks(kinds: list[str], start: str) -> None:
    """W1: marks, and what is not seen, go with what is before them."""
    for index, kind in enumerate(kinds):
        if kind in {"NSM", "BN"}:
            kinds[index] = kinds[index - 1] if index else start


def _join_numbers(kinds: list[str]) -> None:
    """W4 to W6: one separator between two numbers, and signs beside one, belong to it."""
    for index in range(1, len(kinds) - 1):
        before, kind, after = kinds[index - 1 : index + 2]
        if before == after and ((kind in {"ES", "CS"} and before == "EN") or (kind == "CS" and before == "AN")):
            kinds[index] = before
    at = 0
    for kind, part in groupby(list(kinds)):
        end = at + len(list(part))
        if kind == "ET":
            beside = {kinds[at - 1] if at else "", kinds[end] if end < len(kinds) else ""}
            kinds[at:end] = ["EN" if "EN" in beside else "ON"] * (end - at)
        at = end
    kinds[:] = ["ON" if kind in {"ES", "CS", "ET"} else kind for kind in kinds]


def _pair_brackets(text: str, kinds: list[str], base: str) -> None:
    """N0: a pair of brackets runs as what it encloses does, if that runs as the paragraph or what precedes does."""
    for opening, closing in _pairs(text, kinds):
        inside = {_STRONG[kind] for kind in kinds[opening + 1 : closing] if kind in _STRONG}
        if base in inside:
            direction = base
        elif inside:
            before = (_STRONG[kind] for kind in reversed(kinds[:opening]) if kind in _STRONG)
            direction = next(before, base)
            direction = direction if direction in inside else base
        else:
            continue
        for index in (opening, closing):
            kinds[index] = direction
            _follow(text, kinds, index)


def _follow(text: str, kinds: list[str], index: int) -> None:
    """Marks on a bracket go with it."""
    for after in range(index + 1, len(text)):
        if unicodedata.bidirectional(text[after]) != "NSM":
            return
        kinds[after] = kinds[index]


def _pairs(text: str, kinds: Sequence[str]) -> list[tuple[int, int]]:
    """The brackets that belong together (BD16), by their first index."""
    found: list[tuple[int, int]] = []
    waiting: list[tuple[str, int]] = []
    for index, character in enumerate(text):
        if kinds[index] != "ON":
            continue
        if character in _OPENING:
            if len(waiting) == _MOST_OPEN:
                return sorted(found)
            waiting.append((_OPENING[character], index))
        elif character in _OPENING.values():
            match = next((at for at in reversed(range(len(waiting))) if waiting[at][0] == character), None)
            if match is not None:
                found.append((waiting[match][1], index))
                del waiting[match:]
    return sorted(found)


def _neutral(kinds: list[str], base: str) -> None:
    """N1 and N2: what has no direction runs as both its neighbours do, else as the paragraph does."""
    at = 0
    for is_neutral, part in groupby(list(kinds), key=_NEUTRAL.__contains__):
        end = at + len(list(part))
        if is_neutral:
            before = _STRONG[kinds[at - 1]] if at else base
            after = _STRONG[kinds[end]] if end < len(kinds) else base
            kinds[at:end] = [before if before == after else base] * (end - at)
        at = end
