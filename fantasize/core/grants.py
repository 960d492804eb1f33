"""Which permissions each built-in role starts with. Apps declare theirs in ``AppConfig.ready()``."""

from collections import defaultdict
from collections.abc import Mapping

_declared: dict[str, set[str]] = defaultdict(set)


def declare(role: str, *permissions: str) -> None:
    """Let ``role`` start with ``permissions`` (``app_label.codename``)."""
    _declared[role].update(permissions)


def declared() -> Mapping[str, frozenset[str]]:
    """Every role's declared permissions; an administrator also holds a manager's."""
    manager = frozenset(_declared["manager"])
    return {"manager": manager, "administrator": manager | _declared["administrator"]}
