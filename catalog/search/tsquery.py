"""What somebody looks for, as PostgreSQL's text search takes it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.contrib.postgres.search import SearchQueryField
from django.db.models import BooleanField, Func
from django.db.models.expressions import RawSQL

from catalog.search.documents import LANGUAGE, UNSTEMMED
from catalog.search.words import Phrase, Slot


class Matches(Func):
    """Whether a search document matches a query."""

    arg_joiner = " @@ "
    template = "%(expressions)s"
    output_field = BooleanField()


@dataclass(frozen=True, slots=True)
class Query:
    """A ``tsquery`` in SQL, with its parameters; words only ever stand in these."""

    sql: str
    parameters: tuple[str, ...]

    @property
    def expression(self) -> RawSQL:
        """For the ORM; in one piece, which it resolves in no time."""
        return RawSQL(self.sql, self.parameters, SearchQueryField())  # noqa: S611 - what was typed is in the parameters


def every(slots: Sequence[Slot]) -> Query:
    """Finds what has something of every slot."""
    return _joined(" && ", map(_slot_query, slots))


def all_but_one(slots: Sequence[Slot]) -> Query:
    """Finds what has something of every slot, or of all of them but one."""
    return _joined(" || ", (every([*slots[:left_out], *slots[left_out + 1 :]]) for left_out in range(len(slots))))


def some(slots: Sequence[Slot]) -> Query:
    """Finds what has something of at least one slot."""
    return _joined(" || ", map(_slot_query, slots))


def _slot_query(slot: Slot) -> Query:
    return _joined(" || ", [_typed_query(slot), *(_meant_query(phrase) for phrase in slot.phrases[1:])])


def _typed_query(slot: Slot) -> Query:
    """All the words that were typed, anywhere; the beginning of a name's word will do for an unfinished one."""
    words = " & ".join(map(_quoted, slot.typed))
    plain = _raw(f"{words}:*" if slot.is_unfinished else words, UNSTEMMED)
    return _joined(" || ", (_raw(words, LANGUAGE), plain))


def _meant_query(phrase: Phrase) -> Query:
    """A word in any form; several words one after the other, the last one in the singular or plural."""
    if len(phrase) == 1:
        return _typed_query(Slot((phrase,)))
    return _raw(" <-> ".join(map(_quoted, phrase)) + ":*", UNSTEMMED)


def _quoted(word: str) -> str:
    # Words hold letters and digits only.
    return f"'{word}'"


def _raw(text: str, config: str) -> Query:
    return Query(f"to_tsquery('{config}', %s)", (text,))


def _joined(operator: str, queries: Iterable[Query]) -> Query:
    parts = list(queries)
    parameters = tuple(parameter for part in parts for parameter in part.parameters)
    return Query(f"({operator.join(part.sql for part in parts)})", parameters)
