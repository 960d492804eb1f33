"""How many things a list would show if it were narrowed by this or that."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Count, F, Func, IntegerField, Model, Q, QuerySet

from catalog.models import Brand, Category, Material, ProductMaterial
from catalog.selectors.taxonomy import category_rows
from fantasize.core import money

Counts = list[dict[str, Any]]

MOST_VALUES = 50
STARS = (4, 3, 2, 1)
# 1, 2, 5, 10, ... : steps that people take for round, in any currency.
BORDERS = tuple(digit * Decimal(10) ** power for power in range(9) for digit in (1, 2, 5))


def categories(rows: QuerySet[Any]) -> Counts:
    """Each category with how many are in it or below it; left out are those where nothing is, and whatever is hidden.

    A hidden category hides those below it too, as in the tree.
    """
    direct = dict(_count_by(rows, "category"))
    totals: Counter[int] = Counter()
    parents = {pk: parent for pk, parent, _ in category_rows()}
    for pk, count in direct.items():
        for place in _upwards(pk, parents):
            totals[place] += count
    places = list(Category.objects.filter(pk__in=totals).order_by("position", "name", "pk"))
    hidden = {place.pk for place in places if not place.is_active}
    shown = (place for place in places if hidden.isdisjoint(_upwards(place.pk, parents)))
    return [_value(place, totals[place.pk]) | {"parent": place.parent_id} for place in shown]


def brands(rows: QuerySet[Any]) -> Counts:
    """The brands with the most."""
    return _named(Brand, _count_by(rows, "brand"))


def materials(rows: QuerySet[Any]) -> Counts:
    """The materials that are in the most."""
    shares = ProductMaterial.objects.filter(product__in=rows.values("pk"))
    return _named(Material, _count_by(shares, "material"))


def prices(rows: QuerySet[Any]) -> Counts:
    """Ranges of prices between round borders, both ends within; empty ones are left out."""
    rung = Func(F("price"), list(BORDERS), function="width_bucket", output_field=IntegerField())
    rung.template = "%(function)s(%(expressions)s::numeric[])"
    counts = rows.annotate(rung=rung).values_list("rung").annotate(count=Count("pk"))
    coin = Decimal(1).scaleb(-money.exponent(settings.SHOP_CURRENCY))
    lowest = (Decimal(0), *BORDERS)
    highest = (*(border - coin for border in BORDERS), None)
    return [{"min": lowest[rung], "max": highest[rung], "count": count} for rung, count in sorted(counts)]


def ratings(rows: QuerySet[Any]) -> Counts:
    """How many have at least so many stars."""
    counts = {str(stars): Count("pk", filter=Q(rating_average__gte=stars)) for stars in STARS}
    found = rows.aggregate(**counts)
    return [{"min": stars, "count": found[str(stars)]} for stars in STARS]


def in_stock(rows: QuerySet[Any]) -> Counts:
    """How many can be sold now, and how many cannot."""
    things: Any = rows
    return _yes_and_no(rows.count(), things.in_stock().count())


def on_offer(rows: QuerySet[Any]) -> Counts:
    """How many cost less than their list price, and how many do not."""
    # Apart, for each half has an index that counts it.
    return _yes_and_no(rows.count(), rows.filter(price__lt=F("list_price")).count())


@dataclass(frozen=True, slots=True)
class Facet:
    """What a list can be narrowed by.

    Attributes:
        count: how many of the rows that it is given have each value.
        own: the filters that narrow by it; it is counted without them.
    """

    count: Callable[[QuerySet[Any]], Counts]
    own: Collection[str]


PACKAGE_FACETS: Mapping[str, Facet] = {
    "category": Facet(categories, ("category",)),
    "price": Facet(prices, ("min_price", "max_price")),
    "rating": Facet(ratings, ("rating_min",)),
    "in_stock": Facet(in_stock, ("in_stock",)),
    "on_offer": Facet(on_offer, ("on_offer",)),
}
PRODUCT_FACETS: Mapping[str, Facet] = {
    **PACKAGE_FACETS,
    "brand": Facet(brands, ("brand",)),
    "material": Facet(materials, ("material",)),
}


def _upwards(pk: int, parents: Mapping[int, int | None]) -> Iterable[int]:
    """A category and those above it; ends at the top, also if somebody bent the tree into a circle meanwhile."""
    seen: list[int] = []
    place: int | None = pk
    while place is not None and place not in seen:
        seen.append(place)
        place = parents.get(place)
    return seen


def _count_by(rows: QuerySet[Any], field: str) -> Iterable[tuple[int, int]]:
    counts: Any = rows.filter(**{f"{field}__isnull": False}).values_list(field).annotate(count=Count("pk"))
    return list(counts)


def _named(model: type[Model], counts: Iterable[tuple[int, int]]) -> Counts:
    """The values with the highest counts, with their names."""
    highest = dict(sorted(counts, key=lambda pair: (-pair[1], pair[0]))[:MOST_VALUES])
    rows: Any = model._default_manager.in_bulk(highest)  # noqa: SLF001 - as above
    return [_value(rows[pk], count) for pk, count in highest.items() if pk in rows]


def _value(row: Any, count: int) -> dict[str, Any]:
    return {"id": row.pk, "slug": row.slug, "name": row.name, "count": count}


def _yes_and_no(total: int, yes: int) -> Counts:
    return [{"value": True, "count": yes}, {"value": False, "count": total - yes}]
