"""What the shop's front page shows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import islice
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet

from catalog.models import Favourite, Package, Product
from catalog.search.port import Hit, Kind
from catalog.selectors.search import load

Thing = Product | Package
_SHELF = 12


@dataclass(frozen=True, slots=True)
class Home:
    """The front page's shelves, each of at most twelve products and packages that can be had now.

    Attributes:
        new: the latest first.
        offers: what costs less than usual, the best sellers first.
        best_rated: what reviewers like best.
        recommended: the best sellers; for somebody with favourites, first those of the same categories.
    """

    new: Sequence[Thing]
    offers: Sequence[Thing]
    best_rated: Sequence[Thing]
    recommended: Sequence[Thing]

    def things(self) -> Iterable[Thing]:
        """Everything on all shelves; what stands on two comes twice, as the same object."""
        return (*self.new, *self.offers, *self.best_rated, *self.recommended)


def get_home(user_id: UUID | None) -> Home:
    """The front page as somebody sees it, or as everybody does. As many queries for full shelves as for empty ones."""
    shelves = {
        "new": _shelf("created_at"),
        "offers": _shelf("sales_count", only=Q(price__lt=F("list_price"))),
        "best_rated": _shelf("rating_average", "rating_count", only=Q(rating_count__gt=0)),
        "recommended": _recommended(user_id),
    }
    hits = list(dict.fromkeys(hit for shelf in shelves.values() for hit in shelf))
    things = {_hit_of(thing): thing for thing in load(hits, user_id)}
    return Home(**{name: [things[hit] for hit in shelf if hit in things] for name, shelf in shelves.items()})


def _recommended(user_id: UUID | None) -> list[Hit]:
    best_selling = _shelf("sales_count")
    if user_id is None:
        return best_selling
    marks = Favourite.objects.filter(user_id=user_id).values_list(
        "product_id", "package_id", "product__category_id", "package__category_id"
    )
    marked: set[Hit] = set()
    liked: set[int] = set()
    for product, package, *categories in marks:
        marked.add(Hit(Kind.PRODUCT, product, 0) if product else Hit(Kind.PACKAGE, package, 0))
        liked.update(category for category in categories if category)
    similar = _shelf("sales_count", only=Q(category_id__in=liked), size=_SHELF + len(marked)) if liked else []
    return [hit for hit in dict.fromkeys((*similar, *best_selling)) if hit not in marked][:_SHELF]


def _shelf(*highest: str, only: Q | None = None, size: int = _SHELF) -> list[Hit]:
    """The products and packages that rank highest by these columns. Two queries."""
    order = [f"-{column}" for column in (*highest, "pk")]
    rows = [
        _ranked(kind, model.objects.in_stock().filter(only or Q(), is_active=True).order_by(*order)[:size], highest)
        for kind, model in ((Kind.PRODUCT, Product), (Kind.PACKAGE, Package))
    ]
    best = merge(*rows, key=lambda row: row[0], reverse=True)
    return [hit for _, hit in islice(best, size)]


def _ranked(kind: Kind, rows: QuerySet[Any], highest: Sequence[str]) -> list[tuple[tuple[Any, ...], Hit]]:
    return [((*values, pk), Hit(kind, pk, 0)) for pk, *values in rows.values_list("pk", *highest)]


def _hit_of(thing: Thing) -> Hit:
    return Hit(Kind.PRODUCT if isinstance(thing, Product) else Kind.PACKAGE, thing.pk, 0)
