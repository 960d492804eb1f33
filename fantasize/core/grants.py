"""Which permissions each built-in role starts with. Apps declare theirs in ``AppConfig.ready()``."""

from collections import defaultdict
from collections.abc import Mapping

_declared: dict[str, set[str]] = defaultdict(set)


def declare(role: str, *permissions: str) -> None:
    """Let ``role`` start with ``permissions`` (``app_label.codename``)."""
    _declared[role].update(permissions)


def declared() -> Mapping[str, frozenset[str]]:
    """Every role's declared permissions; a manager also holds a customer's, and an administrator a manager's."""
    customer = frozenset(_declared["customer"])
    manager = customer | _declared["manager"]
    return {"customer": customer, "manager": manager, "administrator": manager | _declared["administrator"]}
