"""What was published, by whom and when, and what each version changed."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import Http404

from customizations.models import CustomizationTemplate, TemplateVersion
from fantasize.core.admin.actors import names_of

# As many as the editor's page lists.
SHOWN = 20
# Lists whose items have names.
_NAMED = {"options": "key", "choices": "value"}
# One value each, however they are put together.
_WHOLE = ("when", "price", "allowed", "tint")
_ORDER = "order"
_LIST = ", "


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two documents.

    Attributes:
        where: what differs, from the outside in.
        before: what it was; empty if there was nothing.
        after: what it is; empty if there is nothing any more.
    """

    where: tuple[str, ...]
    before: str
    after: str

    @property
    def kind(self) -> str:
        """``added``, ``removed`` or ``changed``."""
        if not self.before:
            return "added"
        return "changed" if self.after else "removed"


def newest(template: CustomizationTemplate) -> list[tuple[TemplateVersion, str]]:
    """The newest versions with who published them. Two queries."""
    rows = list(template.versions.defer("schema").order_by("-number")[:SHOWN])
    names = names_of(row.actor for row in rows)
    return [(row, names[row.actor]) for row in rows]


def version_page(template: CustomizationTemplate, number: int) -> dict[str, Any]:
    """What a version's page shows.

    Raises:
        Http404: nothing was published at that version.
    """
    before, version = _with_previous(template, number)
    return {
        "version": version,
        "previous": before,
        "who": names_of([version.actor])[version.actor],
        "changes": list(changes(before.schema if before else {}, version.schema)),
        "document": json.dumps(version.schema, indent=2, ensure_ascii=False),
    }


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    """What differs between two documents: options and choices that came or went, and field by field the others."""
    old, new = (dict(_flatten(document)) for document in (before, after))
    one_sided = old.keys() ^ new.keys()
    for where in dict.fromkeys([*new, *old]):
        was, now = old.get(where, ""), new.get(where, "")
        is_within = any(where[:length] in one_sided for length in range(1, len(where)))
        if was != now and not is_within and not (where[-1] == _ORDER and _is_same_order(was, now)):
            yield Change(where, was, now)


def _with_previous(template: CustomizationTemplate, number: int) -> tuple[TemplateVersion | None, TemplateVersion]:
    rows = template.versions.filter(number__lte=number).order_by("-number")[:2]
    found: Sequence[TemplateVersion] = list(rows)
    if not found or found[0].number != number:
        raise Http404
    return (found[1] if len(found) > 1 else None), found[0]


def _flatten(node: Any, where: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every value of a document by where it is; items of lists by their names, as what shoppers read."""
    if where and where[-1] in _NAMED and isinstance(node, list):
        name = _NAMED[where[-1]]
        yield (*where, _ORDER), _LIST.join(item[name] for item in node)
        for item in node:
            here = (*where[:-1], item[name])
            yield here, item["label"]
            yield from _flatten({key: value for key, value in item.items() if key not in {name, "label"}}, here)
    elif isinstance(node, Mapping) and (not where or where[-1] not in _WHOLE):
        for key, value in node.items():
            yield from _flatten(value, (*where, key))
    elif node is not None:
        yield where, _said(node, where[-1])


def _is_same_order(before: str, after: str) -> bool:
    """Whether the names that are in both lists stand in the same order."""
    old, new = before.split(_LIST), after.split(_LIST)
    return [name for name in old if name in new] == [name for name in new if name in old]


def _said(value: Any, field: str) -> str:
    """A value as people read it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return _LIST.join(map(str, value))
    if not isinstance(value, Mapping):
        return str(value)
    if field == "when":
        said = _condition(value)
        return said if "option" in value else said[1:-1]
    return _LIST.join(f"{name} {part}" for name, part in value.items())


def _condition(node: Mapping[str, Any]) -> str:
    for name, word in (("all", " and "), ("any", " or ")):
        if name in node:
            return f"({word.join(map(_condition, node[name]))})"
    if "filled" in node:
        return f"{node['option']} is {'' if node['filled'] else 'not '}answered"
    word, values = ("one", node["in"]) if "in" in node else ("none", node["not_in"])
    return f"{node['option']} is {word} of {_LIST.join(values)}"
