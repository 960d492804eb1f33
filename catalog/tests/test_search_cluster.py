"""A search cluster in place of PostgreSQL, and what happens while it is away."""

import gc
from collections.abc import Iterator
from typing import Any

import pytest
from opensearchpy import OpenSearchException
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings
from structlog.testing import capture_logs

from catalog import search as search_package
from catalog.models import Brand, Category, Product, Synonym, Tag
from catalog.search import POSTGRES, backend, opensearch
from catalog.search.opensearch import OpenSearch
from catalog.search.port import Filters, Kind
from catalog.selectors.search import find, search_products, suggest, understand
from catalog.services import search
from catalog.tasks import search as tasks
from catalog.tests.factories import make_package, make_product
from catalog.tests.search_cluster import CREATED, EXISTS, Cluster, hits, running_cluster

pytestmark = pytest.mark.django_db


@pytest.fixture
def cluster(settings: Settings) -> Iterator[Cluster]:
    with running_cluster() as running:
        settings.SEARCH_URL = running.url
        search_package.cluster.cache_clear()
        yield running
        found = search_package.cluster()
        assert found is not None
        found.close()
    search_package.cluster.cache_clear()
    gc.collect()


def test_without_a_cluster_the_database_searches(settings: Settings) -> None:
    settings.SEARCH_URL = ""
    search_package.cluster.cache_clear()
    assert backend() is POSTGRES
    search.index_in_cluster(products=[1], packages=[])


def test_the_cluster_ranks_and_the_database_says_what_may_be_seen(cluster: Cluster) -> None:
    cheap, dear = make_product(name="Cheap lantern", price="5"), make_product(name="Dear lantern", price="50")
    hidden = make_product(name="Hidden lantern", is_active=False)
    box = make_package(cheap, name="Lantern box")
    found = [(f"product-{dear.pk}", 9.0), (f"package-{box.pk}", 8.5), (f"product-{hidden.pk}", 7.0)]
    cluster.answers = [hits(*found, (f"product-{cheap.pk}", 1.5), ("product-999999999", 1.0))]
    result = find("lantern", Filters())
    assert [(hit.kind, hit.pk) for hit in result.hits] == [
        (Kind.PRODUCT, dear.pk),
        (Kind.PACKAGE, box.pk),
        (Kind.PRODUCT, cheap.pk),
    ]
    assert (result.total, result.corrected) == (3, None)
    assert find("lantern", Filters(min_price=dear.price)).total == 1
    page = backend().search("lantern", filters=Filters(), limit=1, offset=1)
    assert [hit.pk for hit in page.hits] == [box.pk]


def test_lists_are_in_the_clusters_order(cluster: Cluster) -> None:
    first, second = make_product(name="First"), make_product(name="Second")
    cluster.answers = [hits((f"product-{second.pk}", 2.0), (f"product-{first.pk}", 1.0), ("package-1", 0.5))]
    assert list(understand("lantern").best_first(Product.objects.all())) == [second, first]


def test_the_cluster_is_asked_for_every_word_then_for_some(cluster: Cluster) -> None:
    Synonym.objects.create(words="lantern, lamp, hurricane light")
    lamp = make_product(name="Lamp")
    cluster.answers = [hits(), hits((f"product-{lamp.pk}", 1.0))]
    assert find("oak lantern", Filters()).total == 1
    (_, path, strict), (_, _, loose) = cluster.asked
    assert path == "/fantasize/_search"
    words = [each["query"]["function_score"]["query"]["bool"] for each in (strict, loose)]
    assert [each["minimum_should_match"] for each in words] == [2, 1]
    oak, lantern = (each["dis_max"]["queries"] for each in words[0]["should"])
    assert [way["multi_match"]["query"] for way in oak] == ["oak"]
    assert oak[0]["multi_match"]["fuzziness"] == "AUTO:4,8"
    assert lantern[1]["multi_match"]["query"] == "lamp"
    assert lantern[2] == {"match_phrase": {"name": "hurricane light"}}
    assert lantern[3]["multi_match"]["type"] == "bool_prefix"
    assert strict["_source"] is False


def test_no_words_are_not_asked_for(cluster: Cluster) -> None:
    assert find("?!", Filters()).total == 0
    assert cluster.asked == []


@pytest.mark.parametrize(
    ("typed", "corrections", "corrected"),
    [
        ("oak lantren", {"lantren": "lantern"}, "oak lantern"),
        ("oak lante", {"lante": "lantern"}, None),
        ("oak", {}, None),
    ],
)
def test_better_spellings_are_said_but_not_mere_ends(
    cluster: Cluster, typed: str, corrections: dict[str, str], corrected: str | None
) -> None:
    cluster.answers = [hits(("product-1", 1.0), corrections=corrections)]
    assert find(typed, Filters()).corrected == corrected


def test_names_are_suggested(cluster: Cluster) -> None:
    cluster.answers = [(200, {"hits": {"hits": [{"_id": "product-1", "_source": {"name": "Oak lantern"}}]}})]
    assert suggest("oak lan") == ["Oak lantern"]
    [(_, _, body)] = cluster.asked
    assert body["query"]["match_bool_prefix"]["name.words"] == {"query": "oak lan", "operator": "and"}
    assert suggest("!") == []


def test_what_changes_is_told_by_a_job_of_the_same_transaction(cluster: Cluster) -> None:
    lighting = Category.objects.create(name="Lighting", slug="lighting")
    lamps = Category.objects.create(name="Lamps", slug="lamps", parent=lighting)
    brand = Brand.objects.create(name="Oakwood", slug="oakwood")
    tag = Tag.objects.create(name="Wedding", slug="wedding")
    lamp = make_product(name="Lamp", category=lamps, brand=brand, tags=[tag.pk], description="<b>Bright</b>")
    box = make_package(lamp, name="Box")
    jobs = ProcrastinateJob.objects.filter(task_name=search.INDEX_TASK)
    assert jobs.order_by("id")[0].args == {"products": [lamp.pk], "packages": []}
    assert cluster.asked == []
    cluster.answers = [CREATED, (200, {"took": 1, "errors": False, "items": [_done("index"), _done("index")]})]
    tasks.index_in_cluster(products=[lamp.pk], packages=[box.pk])
    (method, path, index), (_, bulk, lines) = cluster.asked
    assert (method, path, bulk) == ("PUT", "/fantasize", "/_bulk")
    assert index["mappings"]["dynamic"] == "strict"
    assert lines[0] == {"index": {"_index": "fantasize", "_id": f"product-{lamp.pk}"}}
    assert set(lines[1]) == set(index["mappings"]["properties"])
    assert lines[1] == {
        "name": "Lamp",
        "sku": lamp.sku,
        "brand": "Oakwood",
        "labels": ["Lamps Lighting", "Wedding"],
        "description": "Bright",
        "sales_count": 0,
    }
    assert lines[3]["labels"] == ["", "Lamp"]


def test_what_is_gone_is_deleted_also_twice(cluster: Cluster) -> None:
    hidden = make_product(is_active=False)
    gone = (200, {"errors": True, "items": [_done("delete", 404), _done("delete", 404)]})
    cluster.answers = [EXISTS, gone]
    search.index_in_cluster(products=[hidden.pk, hidden.pk + 1], packages=[])
    assert [set(line) for line in cluster.asked[1][2]] == [{"delete"}, {"delete"}]
    cluster.asked.clear()
    cluster.answers = [gone]
    backend().remove(products=[7], packages=[8])
    assert [line["delete"]["_id"] for line in cluster.asked[0][2]] == ["product-7", "package-8"]


def test_what_the_cluster_does_not_take_is_tried_again(cluster: Cluster) -> None:
    """The task fails, and the queue repeats it."""
    lamp = make_product(name="Lamp")
    cluster.answers = [EXISTS, (503, {"error": {"type": "cluster_block_exception"}})]
    with pytest.raises(OpenSearchException):
        tasks.index_in_cluster(products=[lamp.pk], packages=[])
    cluster.answers = [(400, {"error": {"type": "invalid_index_name_exception"}, "status": 400})]
    with pytest.raises(OpenSearchException):
        tasks.index_in_cluster(products=[lamp.pk], packages=[])


@pytest.mark.parametrize(
    "answer",
    [
        (503, {"error": "away"}),
        (404, {"error": {"type": "index_not_found_exception"}, "status": 404}),
        (401, {}),
        (200, {}),
        (200, {"hits": {"hits": [{"_id": "nonsense", "_score": 1}]}, "suggest": {"words": []}}),
        (200, {"hits": None}),
        (200, b"<html>"),
    ],
)
def test_while_the_cluster_fails_the_database_answers(cluster: Cluster, answer: Any) -> None:
    lantern = make_product(name="Oak lantern")
    search.count_words()
    cluster.answers = [answer]
    with capture_logs() as logs:
        for _ in range(3):
            assert [hit.pk for hit in find("lantern", Filters()).hits] == [lantern.pk]
            assert list(search_products(Product.objects.all(), "lantern")) == [lantern]
            assert suggest("lan") == ["lantern"]
    assert [log["event"] for log in logs if log["log_level"] == "warning"] == ["search.cluster_unreachable"]
    assert len(cluster.asked) == 1


def test_a_cluster_that_does_not_answer_costs_one_time_out(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opensearch, "_TIMEOUT_SECONDS", 0.05)
    search_package.cluster.cache_clear()
    lantern = make_product(name="Oak lantern")
    cluster.stalled.clear()
    for _ in range(3):
        assert [hit.pk for hit in find("lantern", Filters()).hits] == [lantern.pk]
    cluster.stalled.set()


def test_a_cluster_that_is_back_is_asked_again_and_said_once_more_when_it_goes(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opensearch, "_RETRY_AFTER_SECONDS", 0.0)
    cluster.answers = [(503, {}), (503, {}), hits(), hits(), (503, {})]
    with capture_logs() as logs:
        for _ in range(4):
            find("lantern", Filters())
    assert len(logs) == 2
    assert len(cluster.asked) == 5


def test_nobody_listening_is_no_error() -> None:
    lantern = make_product(name="Oak lantern")
    away = OpenSearch("http://127.0.0.1:9", fallback=POSTGRES)
    assert [hit.pk for hit in away.search("lantern", filters=Filters()).hits] == [lantern.pk]
    away.close()


def _done(operation: str, status: int = 201) -> dict[str, Any]:
    return {operation: {"_index": "fantasize", "_id": "x", "status": status}}
