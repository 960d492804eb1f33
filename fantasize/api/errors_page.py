"""The page that explains every problem type, from ``docs/errors.md``."""

import re
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings

_SECTION = re.compile(r"^## (?P<code>[a-z0-9_]+)\n+(?P<text>.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class ProblemType:
    """One code and what it means.

    Attributes:
        code: the fragment of the problem's ``type``.
        paragraphs: text cut at its backticks; every second piece is code.
    """

    code: str
    paragraphs: list[list[str]]


@lru_cache(maxsize=1)
def list_problem_types() -> list[ProblemType]:
    """Every documented type, in the order of the page."""
    text = (settings.BASE_DIR / "docs" / "errors.md").read_text()
    return [ProblemType(found["code"], _paragraphs(found["text"])) for found in _SECTION.finditer(text)]


def _paragraphs(text: str) -> list[list[str]]:
    return [" ".join(block.split()).split("`") for block in text.strip().split("\n\n") if block.strip()]
