"""What is wrong with a schema or with answers, and where."""

from collections.abc import Iterable
from dataclasses import dataclass

# Nobody gets more of their own input back than this.
_MOST_ECHOED = 60


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault.

    Attributes:
        pointer: where it is: a JSON pointer (RFC 6901) into the schema, or into the answers.
        code: stable snake_case code.
        detail: one sentence for a person.
    """

    pointer: str
    code: str
    detail: str


class SchemaError(ValueError):
    """A document that is no schema.

    Attributes:
        faults: every fault that was found, in the order of the document.
    """

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(f"{fault.pointer or '/'}: {fault.detail}" for fault in self.faults))


def below(pointer: str, name: str | int) -> str:
    """The pointer of the member ``name`` of what ``pointer`` names; a name of unheard-of length is cut."""
    return f"{pointer}/{echo(str(name)).replace('~', '~0').replace('/', '~1')}"


def echo(text: str) -> str:
    """Text of somebody else's, fit for an answer: short, without what cannot be sent."""
    cut = text if len(text) <= _MOST_ECHOED else f"{text[: _MOST_ECHOED - 1]}…"
    return cut.encode("utf-8", "replace").decode()
