"""How well the search answers: judged queries, and misspelt ones, on the real catalogue (see bench/data/README.md).

The import and the questions run in a process of their own, on an empty shop of their own.
"""

import json
import math
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from bench.report import Measurement
from bench.shop import ROOT, empty_shop

_QUERIES = Path(__file__).with_name("relevance_queries.toml")
_DATA = ROOT / "bench" / "data" / "online_retail_2010-12.csv.gz"
_TOP = 10
_TYPOS = 120
_SHORTEST_MISSPELT = 5
# Neighbours on the keyboard.
_NEAR = dict(zip("abcdefghijklmnopqrstuvwxyz", "svxsdgfjokjlknbpowtadrycez", strict=False))

Names = Mapping[int, str]
Search = Callable[[str], Sequence[int]]


def measure() -> list[Measurement]:
    """Import the catalogue (``RETAIL_CSV`` names another file), ask everything, and compare with bare substrings."""
    path = os.environ.get("RETAIL_CSV", str(_DATA))
    with tempfile.TemporaryDirectory() as data_dir, empty_shop(Path(data_dir)) as shop:
        shop.manage("import_catalogue", path, "--orders")
        shop.manage("rebuild_search")
        command = [sys.executable, "-m", "bench.relevance"]
        answer = subprocess.run(command, env=dict(shop.environment), cwd=ROOT, check=True, stdout=subprocess.PIPE)
    return [Measurement(what, value, unit) for what, value, unit in json.loads(answer.stdout)]


def ndcg(grades: Sequence[int], all_grades: Sequence[int]) -> float:
    """How near the order of the answers is to the best there could be: 1 is best (Järvelin and Kekäläinen, 2002)."""

    def gain(row: Sequence[int]) -> float:
        return math.fsum((2**grade - 1) / math.log2(place + 2) for place, grade in enumerate(row[:_TOP]))

    return gain(grades) / gain(sorted(all_grades, reverse=True))


def grade(name: str, patterns: Mapping[str, str]) -> int:
    """What a product of this name is worth as an answer."""
    fitting = (int(worth) for worth, pattern in patterns.items() if re.search(pattern, name, re.IGNORECASE))
    return max(fitting, default=0)


def misspell(word: str, number: int) -> str:
    """The ``number``-th kind of slip in the middle of ``word``: swapped, left out, doubled, or the key beside it."""
    at = len(word) // 2
    slips = (
        word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :],
        word[:at] + word[at + 1 :],
        word[:at] + word[at] + word[at:],
        word[:at] + _NEAR[word[at]] + word[at + 1 :],
    )
    return slips[number % len(slips)]


def misspelt(names: Names) -> list[tuple[str, str]]:
    """The most frequent words of the names, and how each is mistyped."""
    words = Counter(word for name in names.values() for word in set(re.findall(r"[a-z]+", name.lower())))
    ranked = sorted((-count, word) for word, count in words.items() if len(word) >= _SHORTEST_MISSPELT)
    pairs = ((word, misspell(word, number)) for number, (_, word) in enumerate(ranked))
    return [(word, typo) for word, typo in pairs if typo not in words][:_TYPOS]


def judged(search: Search, names: Names, queries: Mapping[str, Mapping[str, str]]) -> dict[str, float]:
    """NDCG@10 per query."""
    found = {}
    for query, patterns in queries.items():
        grades = {pk: grade(name, patterns) for pk, name in names.items()}
        found[query] = ndcg([grades[pk] for pk in search(query)[:_TOP]], list(grades.values()))
    return found


def typo_recall(search: Search, names: Names) -> dict[str, float]:
    """Per misspelt word: of the names with the word that was meant (ten of them at most), how many come up in ten."""
    found = {}
    for word, typo in misspelt(names):
        meant = {pk for pk, name in names.items() if word in re.findall(r"[a-z]+", name.lower())}
        hits = search(typo)[:_TOP]
        found[f"{typo} ({word})"] = len(meant.intersection(hits)) / min(_TOP, len(meant))
    return found


def _ask() -> None:
    """Ask the shop of this process and print the figures as JSON; what went wrong goes to the error output."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fantasize.settings")
    import django  # noqa: PLC0415 - only in the process that asks

    django.setup()
    from catalog.models import Product, Synonym  # noqa: PLC0415 - as above
    from catalog.search.port import Filters  # noqa: PLC0415 - as above
    from catalog.selectors.search import find  # noqa: PLC0415 - as above
    from catalog.services.search import forget_synonyms  # noqa: PLC0415 - as above

    judgements = tomllib.loads(_QUERIES.read_text(encoding="utf-8"))
    Synonym.objects.bulk_create(Synonym(words=line) for line in judgements["synonyms"])
    forget_synonyms()
    names = dict(Product.objects.values_list("pk", "name"))
    best_sellers = Product.objects.order_by("-sales_count", "pk")

    def by_search(query: str) -> list[int]:
        return [hit.pk for hit in find(query, Filters()).hits]

    def by_substring(query: str) -> list[int]:
        return list(best_sellers.filter(name__icontains=query).values_list("pk", flat=True)[:_TOP])

    figures: list[tuple[str, float, str]] = []
    for label, search in (("search", by_search), ("substring", by_substring)):
        quality, recall = judged(search, names, judgements["queries"]), typo_recall(search, names)
        figures += [
            (f"{label}: NDCG@10, {len(quality)} queries", sum(quality.values()) / len(quality), ""),
            (f"{label}: typo recall@10, {len(recall)} typos", sum(recall.values()) / len(recall), ""),
        ]
        if label == "search":
            figures += [(f"NDCG@10 of {query}", value, "") for query, value in quality.items()]
            for what, value in sorted((value, what) for what, value in (quality | recall).items())[:25]:
                print(f"{what:.2f} {value}", file=sys.stderr)
    print(json.dumps(figures))


if __name__ == "__main__":
    _ask()
