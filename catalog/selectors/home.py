"""What the shop's front page shows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from catalog.models import Favourite, Package, Product
from catalog.search.port import Hit, Kind
from catalog.search.ranking import THERE_IS
from catalog.selectors.search import load
from fantasize.core.statements import fetch_all

Thing = Product | Package
_SHELF = 12
_BEST = """
    SELECT {number} AS shelf, row_number() OVER (ORDER BY {order}, kind DESC) AS place, kind, id FROM (
        (SELECT 'product' AS kind, id, {columns} FROM catalog_product AS thing
          WHERE is_active AND {only} AND {product_is_there} ORDER BY {order} LIMIT {size})
        UNION ALL
        (SELECT 'package' AS kind, id, {columns} FROM catalog_package AS thing
          WHERE is_active AND {only} AND {package_is_there} ORDER BY {order} LIMIT {size})
        ORDER BY {order}, kind DESC LIMIT {size}
    ) AS best
"""


class _Shelf(NamedTuple):
    """What stands on a shelf: what ranks highest by these columns, of those that a condition holds for."""

    highest: Sequence[str]
    only: str = "TRUE"


_NEW = _Shelf(("created_at",))
_OFFERS = _Shelf(("sales_count",), "price < list_price")
_BEST_RATED = _Shelf(("rating_average", "rating_count"), "rating_count > 0")
_BEST_SELLING = _Shelf(("sales_count",))
_LIKED = _Shelf(("sales_count",), "category_id = ANY (%(liked)s)")


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
    new, offers, best_rated, best_selling = _fill(_NEW, _OFFERS, _BEST_RATED, _BEST_SELLING)
    recommended = best_selling if user_id is None else _recommended(user_id, best_selling)
    shelves = {"new": new, "offers": offers, "best_rated": best_rated, "recommended": recommended}
    hits = list(dict.fromkeys(hit for shelf in shelves.values() for hit in shelf))
    things = {_hit_of(thing): thing for thing in load(hits, user_id)}
    return Home(**{name: [things[hit] for hit in shelf if hit in things] for name, shelf in shelves.items()})


def _recommended(user_id: UUID, best_selling: Sequence[Hit]) -> list[Hit]:
    marks = Favourite.objects.filter(user_id=user_id).values_list(
        "product_id", "package_id", "product__category_id", "package__category_id"
    )
    marked: set[Hit] = set()
    liked: set[int] = set()
    for product, package, *categories in marks:
        marked.add(Hit(Kind.PRODUCT, product, 0) if product else Hit(Kind.PACKAGE, package, 0))
        liked.update(category for category in categories if category)
    (similar,) = _fill(_LIKED, size=_SHELF + len(marked), liked=list(liked)) if liked else ([],)
    return [hit for hit in dict.fromkeys((*similar, *best_selling)) if hit not in marked][:_SHELF]


def _fill(*shelves: _Shelf, size: int = _SHELF, **parameters: Any) -> list[list[Hit]]:
    """What stands on each: products and packages that can be had now. One query."""
    statements = (_said(number, shelf, size) for number, shelf in enumerate(shelves))
    filled: list[list[Hit]] = [[] for _ in shelves]
    for number, _, kind, pk in _read(f"{' UNION ALL '.join(statements)} ORDER BY shelf, place", parameters):
        filled[number].append(Hit(Kind(kind), pk, 0))
    return filled


def _read(text: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    if not parameters:
        return fetch_all(text, parameters)
    # Planned for these values: how much there is in a category decides where to begin.
    with connection.cursor() as cursor:
        cursor.execute(text, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def _said(number: int, shelf: _Shelf, size: int) -> str:
    return _BEST.format(
        number=number,
        columns=", ".join(shelf.highest),
        order=", ".join(f"{column} DESC" for column in (*shelf.highest, "id")),
        only=shelf.only,
        size=size,
        product_is_there=THERE_IS[Product].format(stock_id="thing.stock_id"),
        package_is_there=THERE_IS[Package].format(id="thing.id"),
    )


def _hit_of(thing: Thing) -> Hit:
    return Hit(Kind.PRODUCT if isinstance(thing, Product) else Kind.PACKAGE, thing.pk, 0)
