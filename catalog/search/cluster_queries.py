"""What a search cluster is asked, and how its answers are read. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from catalog.search.words import Phrase, Slot, split

# As PostgreSQL weighs them, see ``postgres``.
_FIELDS = ["name^10", "sku^10", "brand^5", "labels^3", "description^0.5"]
_COMPLETED = ["name.words", "sku"]
# Words of four letters may have one slip, of eight two; the first letter is right.
_FUZZINESS = "AUTO:4,8"


def search_body(slots: Sequence[Slot], *, is_every: bool, size: int) -> dict[str, Any]:
    """The query for what has something of every slot, or else of at least one; what sells well comes first."""
    words = {"bool": {"should": [_slot(slot) for slot in slots], "minimum_should_match": len(slots) if is_every else 1}}
    popularity = {"field_value_factor": {"field": "sales_count", "modifier": "ln2p", "factor": 0.1}}
    return {
        "size": size,
        "_source": False,
        "query": {"function_score": {"query": words, "functions": [popularity], "boost_mode": "multiply"}},
        "suggest": {"words": {"text": _typed(slots), "term": {"field": "name.words", "suggest_mode": "missing"}}},
    }


def completion_body(prefix: str, *, size: int) -> dict[str, Any]:
    """The query for names that have these words, the last of them unfinished."""
    query = {"match_bool_prefix": {"name.words": {"query": " ".join(split(prefix)), "operator": "and"}}}
    return {"size": size, "_source": ["name"], "query": query, "sort": [{"sales_count": "desc"}]}


def corrected_by(slots: Sequence[Slot], answer: Mapping[str, Any]) -> str | None:
    """The query without its misspelt words, if the cluster knows better ones."""
    better = {entry["text"]: entry["options"][0]["text"] for entry in answer["suggest"]["words"] if entry["options"]}
    unfinished = slots[-1].typed[-1]
    if better.get(unfinished, "").startswith(unfinished):
        del better[unfinished]
    return " ".join(better.get(word, word) for word in _typed(slots).split()) if better else None


def _slot(slot: Slot) -> dict[str, Any]:
    typed = " ".join(slot.typed)
    ways: list[dict[str, Any]] = [_words(typed, fuzziness=_FUZZINESS, prefix_length=1)]
    ways += [_meant(phrase) for phrase in slot.phrases[1:]]
    if slot.is_unfinished:
        ways.append({"multi_match": {"query": typed, "type": "bool_prefix", "operator": "and", "fields": _COMPLETED}})
    return {"dis_max": {"queries": ways}}


def _meant(phrase: Phrase) -> dict[str, Any]:
    text = " ".join(phrase)
    return _words(text) if len(phrase) == 1 else {"match_phrase": {"name": text}}


def _words(text: str, **options: Any) -> dict[str, Any]:
    return {"multi_match": {"query": text, "type": "best_fields", "operator": "and", "fields": _FIELDS, **options}}


def _typed(slots: Sequence[Slot]) -> str:
    return " ".join(word for slot in slots for word in slot.typed)
