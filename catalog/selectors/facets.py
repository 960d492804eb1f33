"""How many things a list would show if it were narrowed by this or that."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Count, F, Func, IntegerField, Model, Q, QuerySet

from catalog.models import Brand, Category, Material, ProductMaterial
from catalog.selectors.taxonomy import category_rows
from fantasize.core import money

# The rows with all filters but those of one facet.
Narrow = Callable[[Collection[str]], QuerySet[Any]]
Facet = list[dict[str, Any]]

MOST_VALUES = 50
STARS = (4, 3, 2, 1)
# 1, 2, 5, 10, ... : steps that people take for round, in any currency.
BORDERS = tuple(digit * Decimal(10) ** power for power in range(9) for digit in (1, 2, 5))


def categories(narrow: Narrow) -> Facet:
    """Each category with how many are in it or below it; those where nothing is are left out."""
    direct = dict(_count_by(narrow(("category",)), "category"))
    totals: Counter[int] = Counter()
    parents = {pk: parent for pk, parent, _ in category_rows()}
    for pk, count in direct.items():
        for place in _upwards(pk, parents):
            totals[place] += count
    rows = Category.objects.filter(pk__in=totals, is_active=True).order_by("position", "name", "pk")
    return [_value(row, totals[row.pk]) | {"parent": row.parent_id} for row in rows]


def brands(narrow: Narrow) -> Facet:
    """The brands with the most."""
    return _named(Brand, _count_by(narrow(("brand",)), "brand"))


def materials(narrow: Narrow) -> Facet:
    """The materials that are in the most."""
    found = narrow(("material",)).values("pk")
    return _named(Material, _count_by(ProductMaterial.objects.filter(product__in=found), "material"))


def prices(narrow: Narrow) -> Facet:
    """Ranges of prices between round borders, both ends within; empty ones are left out."""
    rung = Func(F("price"), list(BORDERS), function="width_bucket", output_field=IntegerField())
    rung.template = "%(function)s(%(expressions)s::numeric[])"
    counts = narrow(("min_price", "max_price")).annotate(rung=rung).values_list("rung").annotate(count=Count("pk"))
    coin = Decimal(1).scaleb(-money.exponent(settings.SHOP_CURRENCY))
    lowest = (Decimal(0), *BORDERS)
    highest = (*(border - coin for border in BORDERS), None)
    return [{"min": lowest[rung], "max": highest[rung], "count": count} for rung, count in sorted(counts)]


def ratings(narrow: Narrow) -> Facet:
    """How many have at least so many stars."""
    counts = {str(stars): Count("pk", filter=Q(rating_average__gte=stars)) for stars in STARS}
    found = narrow(("rating_min",)).aggregate(**counts)
    return [{"min": stars, "count": found[str(stars)]} for stars in STARS]


def in_stock(narrow: Narrow) -> Facet:
    """How many can be sold now, and how many cannot."""
    rows: Any = narrow(("in_stock",))
    return _yes_and_no(rows.count(), rows.in_stock().count())


def on_offer(narrow: Narrow) -> Facet:
    """How many cost less than their list price, and how many do not."""
    rows = narrow(("on_offer",))
    # Apart, for each half has an index that counts it.
    return _yes_and_no(rows.count(), rows.filter(price__lt=F("list_price")).count())


PACKAGE_FACETS: Mapping[str, Callable[[Narrow], Facet]] = {
    "category": categories,
    "price": prices,
    "rating": ratings,
    "in_stock": in_stock,
    "on_offer": on_offer,
}
PRODUCT_FACETS: Mapping[str, Callable[[Narrow], Facet]] = {**PACKAGE_FACETS, "brand": brands, "material": materials}


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


def _named(model: type[Model], counts: Iterable[tuple[int, int]]) -> Facet:
    """The values with the highest counts, with their names."""
    highest = dict(sorted(counts, key=lambda pair: (-pair[1], pair[0]))[:MOST_VALUES])
    rows: Any = model._default_manager.in_bulk(highest)  # noqa: SLF001 - as above
    return [_value(rows[pk], count) for pk, count in highest.items() if pk in rows]


def _value(row: Any, count: int) -> dict[str, Any]:
    return {"id": row.pk, "slug": row.slug, "name": row.name, "count": count}


def _yes_and_no(total: int, yes: int) -> Facet:
    return [{"value": True, "count": yes}, {"value": False, "count": total - yes}]
