"""What the shop's front page shows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from catalog.models import Favourite, Package, Product
from catalog.search.port import Hit, Kind
from catalog.search.ranking import THERE_IS
from catalog.selectors.search import load

Thing = Product | Package
_SHELF = 12
_BEST = """
    (SELECT 'product' AS kind, id, {columns} FROM catalog_product AS thing
      WHERE is_active AND {only} AND {product_is_there} ORDER BY {order} LIMIT %(size)s)
    UNION ALL
    (SELECT 'package' AS kind, id, {columns} FROM catalog_package AS thing
      WHERE is_active AND {only} AND {package_is_there} ORDER BY {order} LIMIT %(size)s)
    ORDER BY {order}, kind DESC LIMIT %(size)s
"""


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
        "offers": _shelf("sales_count", only="price < list_price"),
        "best_rated": _shelf("rating_average", "rating_count", only="rating_count > 0"),
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
    size = _SHELF + len(marked)
    similar = _shelf("sales_count", only="category_id = ANY (%(liked)s)", size=size, liked=list(liked)) if liked else []
    return [hit for hit in dict.fromkeys((*similar, *best_selling)) if hit not in marked][:_SHELF]


def _shelf(*highest: str, only: str = "TRUE", size: int = _SHELF, **parameters: Any) -> list[Hit]:
    """The products and packages that can be had now and rank highest by these columns. One query."""
    statement = _BEST.format(
        columns=", ".join(highest),
        order=", ".join(f"{column} DESC" for column in (*highest, "id")),
        only=only,
        product_is_there=THERE_IS[Product].format(stock="thing.stock_id"),
        package_is_there=THERE_IS[Package].format(id="thing.id"),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, {"size": size, **parameters})
        return [Hit(Kind(kind), pk, 0) for kind, pk, *_ in cursor.fetchall()]


def _hit_of(thing: Thing) -> Hit:
    return Hit(Kind.PRODUCT if isinstance(thing, Product) else Kind.PACKAGE, thing.pk, 0)
