"""The category tree as lists and menus show it."""

from collections import defaultdict
from dataclasses import dataclass

from catalog.models import Category

_INDENT = "\N{NO-BREAK SPACE}" * 4


@dataclass(frozen=True, slots=True)
class Node:
    """One category; ``depth`` is 0 at the top."""

    pk: int
    name: str
    depth: int

    @property
    def label(self) -> str:
        """Its name, indented for a menu."""
        return f"{_INDENT * self.depth}{self.name}"


def category_tree() -> list[Node]:
    """Every category, each right before those below it, siblings by position and name. One query: the tree is small."""
    below: dict[int | None, list[tuple[int, str]]] = defaultdict(list)
    for pk, parent, name in Category.objects.order_by("position", "name").values_list("pk", "parent_id", "name"):
        below[parent].append((pk, name))
    return _walk(below, None, 0)


def _walk(below: dict[int | None, list[tuple[int, str]]], parent: int | None, depth: int) -> list[Node]:
    nodes = []
    for pk, name in below.get(parent, []):
        nodes.append(Node(pk, name, depth))
        nodes.extend(_walk(below, pk, depth + 1))
    return nodes
