"""Keeping the search up to date."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress

from django.conf import settings
from django.db import transaction
from procrastinate.contrib.django import app as queue
from procrastinate.exceptions import AlreadyEnqueued

from catalog.caching import products as product_cache
from catalog.models import Package, PackageItem, Product
from catalog.search import POSTGRES, cluster, documents, vocabulary

INDEX_TASK = "catalog.tasks.search.index_in_cluster"
COUNT_TASK = "catalog.tasks.search.count_words"
_BATCH = 2000
# From so many changed rows on all words are counted anew: that is what importers bring.
_MANY = 500


@transaction.atomic
def refresh(*, products: Iterable[int] = (), packages: Iterable[int] = (), is_written: bool = False) -> None:
    """Have these rows, and packages that hold these products, found by what they say now.

    In the caller's transaction, in batches. New words can be mistyped, and a search cluster hears of the rows, after
    the commit. Rows that are gone are forgotten. With ``is_written`` what is named was staged (``write_staged``).

    Locks products by primary key, then all packages by theirs: who has both says so in one call, or two transactions
    may wait for each other.
    """
    product_ids, named, holding = sorted(set(products)), frozenset(packages), set[int]()
    for batch in _batches(product_ids):
        _index(products=batch, written=frozenset(batch if is_written else ()))
        holding.update(PackageItem.objects.filter(product__in=batch).values_list("package_id", flat=True))
    touched = sorted(named | holding)
    for batch in _batches(touched):
        _index(packages=batch, written=named if is_written else frozenset())
    transaction.on_commit(lambda: _learn_words(product_ids, touched), robust=True)


def write_staged(kind: type[Product | Package], table: str, ids: Collection[int]) -> None:
    """Write the search documents of rows that are about to be stored from ``table``; ``refresh`` follows then."""
    if kind is Product:
        documents.write_products(ids, table=table)
    else:
        documents.write_packages(ids, table=table)


def rebuild() -> Iterator[int]:
    """Refresh everything there is, a transaction per batch; yields how many rows each had, then counts all words."""
    for batch in _batches(list(Product.objects.order_by("pk").values_list("pk", flat=True))):
        with transaction.atomic():
            _index(products=batch)
        yield len(batch)
    for batch in _batches(list(Package.objects.order_by("pk").values_list("pk", flat=True))):
        with transaction.atomic():
            _index(packages=batch)
        yield len(batch)
    vocabulary.count()
    product_cache.invalidate()


def rows_to_rebuild() -> int:
    """How many rows ``rebuild`` will go through."""
    return Product.objects.count() + Package.objects.count()


def count_words() -> int:
    """Count the words of all names anew; returns how many different ones there are."""
    return vocabulary.count()


def index_in_cluster(*, products: Collection[int], packages: Collection[int]) -> None:
    """Tell the search cluster how these rows are now; nothing to do for a shop without one.

    Raises:
        OpenSearchException: it did not take them.
    """
    if found := cluster():
        found.index(products=products, packages=packages)


def forget_synonyms() -> None:
    """After a change of synonyms: all processes read them anew once the current transaction is committed."""
    product_cache.invalidate_on_commit()


def _index(*, products: Sequence[int] = (), packages: Sequence[int] = (), written: Collection[int] = ()) -> None:
    """Write the documents of rows of one kind, but for those that are ``written`` already; the cluster hears of all."""
    POSTGRES.index(
        products=[pk for pk in products if pk not in written],
        packages=[pk for pk in packages if pk not in written],
    )
    if settings.SEARCH_URL:
        queue.configure_task(INDEX_TASK).defer(products=list(products), packages=list(packages))


def _learn_words(products: Sequence[int], packages: Sequence[int]) -> None:
    if len(products) + len(packages) < _MANY:
        named = (Product.objects.filter(pk__in=products), Package.objects.filter(pk__in=packages))
        vocabulary.learn(name for rows in named for name in rows.values_list("name", flat=True))
        return
    with suppress(AlreadyEnqueued), transaction.atomic():  # the one that is waiting will see these rows as well
        queue.configure_task(COUNT_TASK, queueing_lock=COUNT_TASK).defer()


def _batches(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[start : start + _BATCH] for start in range(0, len(ids), _BATCH))
