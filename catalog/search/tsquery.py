"""What somebody looks for, as PostgreSQL's text search takes it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.contrib.postgres.search import SearchQueryField
from django.db.models import BooleanField, Func
from django.db.models.expressions import RawSQL

from catalog.search.documents import LANGUAGE, UNSTEMMED
from catalog.search.words import Phrase, Slot

_ANY_FORM = (
    f"CASE WHEN to_tsquery('{LANGUAGE}', %s) = to_tsquery('{UNSTEMMED}', %s) THEN to_tsquery('{UNSTEMMED}', %s)"
    f" ELSE to_tsquery('{LANGUAGE}', %s) || to_tsquery('{UNSTEMMED}', %s) END"
)


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
    """Finds what has something of every slot, or of all of them but one; of two slots at least.

    By halves, one of which is whole: ranking takes as long as there are words in the query.
    """
    halves = slots[: len(slots) // 2], slots[len(slots) // 2 :]
    return _joined(" || ", (_whole_and_most(*pair) for pair in (halves, halves[::-1])))


def some(slots: Sequence[Slot]) -> Query:
    """Finds what has something of at least one slot."""
    return _joined(" || ", map(_slot_query, slots))


def _whole_and_most(whole: Sequence[Slot], most: Sequence[Slot]) -> Query:
    return _joined(" && ", (every(whole), all_but_one(most)) if len(most) > 1 else (every(whole),))


def _slot_query(slot: Slot) -> Query:
    return _joined(" || ", [_typed_query(slot), *(_meant_query(phrase) for phrase in slot.phrases[1:])])


def _typed_query(slot: Slot) -> Query:
    """All the words that were typed, anywhere; the beginning of a name's word will do for an unfinished one."""
    words = " & ".join(map(_quoted, slot.typed))
    if slot.is_unfinished:
        return _joined(" || ", (_raw(words, LANGUAGE), _raw(f"{words}:*", UNSTEMMED)))
    # Most words have no ending to take off: they are looked for, and ranked, once.
    return Query(_ANY_FORM, (words,) * 5)


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
