"""Questions to the search, for tests."""

from typing import Any

from catalog.search.port import Filters, Hits
from catalog.selectors.search import find, load


def ask(text: str, **filters: Any) -> Hits:
    """What is found."""
    return find(text, Filters(**filters))


def names(text: str, **filters: Any) -> list[str]:
    """What it is called, best first."""
    return [thing.name for thing in load(ask(text, **filters).hits, None)]
