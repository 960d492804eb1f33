"""What can be imported and exported. Apps register theirs in ``AppConfig.ready()``."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from fantasize.core.transfers.resources import TransferResource


@dataclass(frozen=True, slots=True)
class Entry:
    """One kind of row.

    Attributes:
        name: what jobs call it: ``product``.
        label: what people call it: ``products``.
        resource: how rows become cells and back.
    """

    name: str
    label: str
    resource: type[TransferResource]

    def may_export(self, actor: Any) -> bool:
        """Whether the actor may take rows away: whoever may see them."""
        return bool(actor.has_perm(self._permission("view")))

    def may_import(self, actor: Any) -> bool:
        """Whether the actor may have a file change rows."""
        verbs = ("view", *self.resource.import_verbs)
        return self.resource.can_import and bool(actor.has_perms([self._permission(verb) for verb in verbs]))

    def _permission(self, verb: str) -> str:
        options = self.resource.options()
        return f"{options.app_label}.{verb}_{options.model_name}"


_entries: dict[str, Entry] = {}


def register(name: str, label: str, resource: type[TransferResource]) -> None:
    """Let ``name`` be exported, and imported if ``resource`` says so."""
    _entries[name] = Entry(name, label, resource)


def entries() -> Collection[Entry]:
    """Every kind of row."""
    return _entries.values()


def get(name: str) -> Entry:
    """The entry of that name.

    Raises:
        KeyError: there is none.
    """
    return _entries[name]
