"""How fast a catalogue of 100,000 products answers: computed, kept, and beside the bare SQL of the same answer.

``CATALOGUE_DATA`` names a folder whose shop is kept and used again by the next run.
"""

import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from statistics import median, quantiles

import psycopg
import urllib3

from bench import catalogue_data
from bench.report import Measurement
from fantasize.embedded.postgres import ensure_postgres
from fantasize.tests.journeys.shop import Shop, running_shop

_ROUNDS = 40
_MAX_MS = 50
_SETTINGS = {"WEB_PROCESSES": "1", "RATE_LIMIT_GENERAL": "off", "RATE_LIMIT_CATALOGUE": "off"}
# Whoever has a session passes the cache, so that one process answers both ways in turn.
_PAST_THE_CACHE = {"Cookie": "sessionid=bench"}

_LISTS = {
    f"products, {what}": [f"/api/v2/products?{query}" for query in queries]
    for what, queries in {
        "newest, page 1": ["", "page_size=21"],
        "newest, page 50": ["page=50", "page=51"],
        "newest, the last page": ["page=4975", "page=4974"],
        "newest, 100 rows": ["page_size=100"],
        "by price": ["ordering=price", "ordering=-price"],
        "by name": ["ordering=name"],
        "best rated": ["ordering=-rating"],
        "best selling": ["ordering=-sales"],
        "best selling, page 50": ["ordering=-sales&page=50"],
        "of a category": ["category=lantern", "category=mug"],
        "of a category with children": ["category=kitchen", "category=garden&ordering=price"],
        "of a brand": ["brand=brand-7", "brand=brand-70"],
        "of a material": ["material=oak", "material=wool"],
        "in a price range": ["min_price=10&max_price=12", "min_price=50&max_price=60&ordering=-price"],
        "in stock": ["in_stock=true", "in_stock=false"],
        "on offer": ["on_offer=true", "on_offer=true&ordering=price"],
        "with four stars": ["rating_min=4", "rating_min=4&ordering=price"],
        "customizable": ["customizable=true"],
        "narrowed by everything": ["category=kitchen&in_stock=true&max_price=50&customizable=true&ordering=price"],
        "with facets": ["facets=1"],
        "of a category, with facets": ["category=kitchen&facets=1"],
    }.items()
}
_SEARCHES = {
    f"search, {what}": [f"/api/v2/search?q={text}" for text in texts]
    for what, texts in {
        "a common word": ["oak", "engraved", "personalised"],
        "two common words": ["oak+lantern", "engraved+mug"],
        "four words": ["engraved+oak+lantern+gardeners", "striped+wool+blanket+teachers"],
        "a rare word": ["SKU-777", "SKU-4711"],
        "a mistyped word": ["lanten", "engravd+mug", "perosnalised"],
        "a beginning": ["lan", "per", "jewel"],
        "nothing": ["zzzzqqqq"],
    }.items()
}
_OTHERS = {
    "products?q=, a common word": ["/api/v2/products?q=oak"],
    "product": ["/api/v2/products/777", "/api/v2/products/gift-4711"],
    "packages": ["/api/v2/packages", "/api/v2/packages?ordering=price"],
    "package": ["/api/v2/packages/7"],
    "categories": ["/api/v2/categories"],
    "home": ["/api/v2/home"],
}
SCENARIOS: Mapping[str, Sequence[str]] = {**_LISTS, **_SEARCHES, **_OTHERS}


@dataclass(frozen=True, slots=True)
class _Times:
    """Milliseconds of one kind of answer."""

    p50: float
    p95: float


def measure() -> list[Measurement]:
    """Every scenario in turn: the answer computed, its bare SQL, and the answer kept; a call of each per round."""
    with _full_shop() as shop, psycopg.connect(ensure_postgres(shop.data_dir), autocommit=True) as database:
        statements = _statements(shop)
        return [each for name in SCENARIOS for each in _compare(shop, database, name, statements)]


@contextmanager
def _full_shop() -> Iterator[Shop]:
    kept = os.environ.get("CATALOGUE_DATA", "")
    with (
        tempfile.TemporaryDirectory(prefix="fantasize-bench-") as folder,
        running_shop(Path(kept or folder), **_SETTINGS) as shop,
    ):
        if not shop.call("GET", "/api/v2/products").data:
            url = ensure_postgres(shop.data_dir)
            catalogue_data.fill(url)
            catalogue_data.tidy(url)
            shop.manage("rebuild_search")
            catalogue_data.tidy(url)
        yield shop


def _statements(shop: Shop) -> dict[str, list[str]]:
    """What each path asks of the database."""
    paths = [path for paths in SCENARIOS.values() for path in paths]
    code = f"from bench.statements import print_statements; print_statements({paths!r})"
    lines = shop.manage("shell", "--no-imports", "-c", code).splitlines()
    return {path: found for path, _, found in (json.loads(line) for line in lines if line.startswith("["))}


def _compare(
    shop: Shop, database: "psycopg.Connection[tuple[object, ...]]", name: str, statements: Mapping[str, list[str]]
) -> list[Measurement]:
    def computed(path: str) -> None:
        _get(shop, path, _PAST_THE_CACHE)

    def bare(path: str) -> None:
        for statement in statements[path]:
            database.execute(statement.encode()).fetchall()

    def kept(path: str) -> None:
        _get(shop, path, {})

    ways: dict[str, Callable[[str], None]] = {"computed": computed, "bare SQL": bare, "kept": kept}
    times: dict[str, list[float]] = {way: [] for way in ways}
    for path in (*SCENARIOS[name], *islice(cycle(SCENARIOS[name]), _ROUNDS)):
        for way, call in ways.items():
            began = time.perf_counter()
            call(path)
            times[way].append((time.perf_counter() - began) * 1000)
    warm = {way: _summary(found[len(SCENARIOS[name]) :]) for way, found in times.items()}
    return list(_figures(name, warm))


def _figures(name: str, times: Mapping[str, _Times]) -> Iterator[Measurement]:
    computed, bare, kept = times["computed"], times["bare SQL"], times["kept"]
    yield Measurement(f"{name}: computed, median", computed.p50, "ms")
    yield Measurement(f"{name}: computed, p95", computed.p95, "ms", _MAX_MS)
    yield Measurement(f"{name}: bare SQL, median", bare.p50, "ms")
    yield Measurement(f"{name}: bare SQL, p95", bare.p95, "ms")
    yield Measurement(f"{name}: kept, median", kept.p50, "ms")
    yield Measurement(f"{name}: kept, p95", kept.p95, "ms")
    yield Measurement(f"{name}: computed / bare SQL", computed.p50 / max(bare.p50, 0.001), "times")
    yield Measurement(f"{name}: computed / kept", computed.p50 / kept.p50, "times")


def _get(shop: Shop, path: str, headers: Mapping[str, str]) -> None:
    answer = _HTTP.request("GET", shop.url + path, headers=dict(headers))
    if answer.status != 200:  # noqa: PLR2004 - OK
        raise RuntimeError(f"{path} answered {answer.status}.")


_HTTP = urllib3.PoolManager(retries=False, timeout=60)


def _summary(milliseconds: Sequence[float]) -> _Times:
    return _Times(median(milliseconds), quantiles(milliseconds, n=20)[-1])
