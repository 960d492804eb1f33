"""What rows of a file would do, are to do, and did."""

from dataclasses import dataclass, field
from typing import Any

from fantasize.core.models import RowOutcome

CHANGED_MEANWHILE = "Somebody has changed it since."
GONE = "It is not there any more."
THERE_ALREADY = "It is there already."

Faults = dict[str, str]


@dataclass(frozen=True, slots=True)
class Checked:
    """What one row would do; ``faults`` by column, "" for the row itself."""

    number: int
    outcome: RowOutcome
    key: str = ""
    before: dict[str, str] = field(default_factory=dict)
    after: dict[str, str] = field(default_factory=dict)
    faults: Faults = field(default_factory=dict)


@dataclass(slots=True)
class Change:
    """One row that is to be stored: the thing (None if it is new), and its new values by column.

    Attributes:
        key: of what is new, once it is stored, where the table and not the file says it.
        fault: why it was not stored after all.
    """

    number: int
    instance: Any
    values: dict[str, Any]
    key: str = ""
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Undone:
    """What became of one row that was taken back."""

    number: int
    outcome: RowOutcome
    fault: str = ""
