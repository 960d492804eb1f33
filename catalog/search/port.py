"""What the shop asks of whatever finds things for it."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple, Protocol, TypeVar

from django.db.models import QuerySet

from catalog.models import Package, Product

S = TypeVar("S", Product, Package)
# How many of the best matches anybody can page through; none beyond them is counted.
MAX_HITS = 1000


class Kind(StrEnum):
    """What is found."""

    PRODUCT = "product"
    PACKAGE = "package"


@dataclass(frozen=True, slots=True)
class Filters:
    """What hits are narrowed by; None does not narrow."""

    category_ids: Collection[int] | None = None
    min_price: Decimal | None = None
    max_price: Decimal | None = None
    in_stock: bool | None = None

    def products(self) -> QuerySet[Product]:
        """The products that may be hits."""
        return self._narrow(Product.objects.active(), Product.objects.in_stock)

    def packages(self) -> QuerySet[Package]:
        """The packages that may be hits."""
        return self._narrow(Package.objects.active(), Package.objects.in_stock)

    def _narrow(self, rows: QuerySet[S], available: Callable[[], QuerySet[S]]) -> QuerySet[S]:
        if self.category_ids is not None:
            rows = rows.filter(category_id__in=self.category_ids)
        if self.min_price is not None:
            rows = rows.filter(price__gte=self.min_price)
        if self.max_price is not None:
            rows = rows.filter(price__lte=self.max_price)
        if self.in_stock is None:
            return rows
        pks = available().values("pk")
        return rows.filter(pk__in=pks) if self.in_stock else rows.exclude(pk__in=pks)


class Hit(NamedTuple):
    """One thing that was found; the higher its score, the better it matches."""

    kind: Kind
    pk: int
    score: float


@dataclass(frozen=True, slots=True)
class Hits:
    """A page of what was found.

    Attributes:
        hits: best first.
        total: how many there are on all pages, counted up to ``MAX_HITS``.
        corrected: what was looked for in place of a query that looked misspelt; None if it did not.
    """

    hits: Sequence[Hit] = ()
    total: int = 0
    corrected: str | None = None


class Understood(Protocol):
    """What somebody looks for, as a backend has understood it."""

    def match(self, rows: QuerySet[S]) -> QuerySet[S]:
        """Those of ``rows`` that match, in no order."""

    def best_first(self, rows: QuerySet[S]) -> QuerySet[S]:
        """The best of those of ``rows`` that match, in order; some hundreds at most."""


class SearchBackend(Protocol):
    """Finds products and packages by words."""

    def search(self, query: str, *, filters: Filters, limit: int, offset: int) -> Hits:
        """The matches from ``offset`` on, products and packages ranked together."""

    def understand(self, query: str) -> Understood:
        """Take a query apart once, for whatever is asked about it."""

    def suggest(self, prefix: str, *, limit: int) -> list[str]:
        """Ways to finish what somebody is typing, the likeliest first."""

    def index(self, *, products: Collection[int], packages: Collection[int]) -> None:
        """Learn how these rows are now."""

    def remove(self, *, products: Collection[int], packages: Collection[int]) -> None:
        """Forget these rows."""
