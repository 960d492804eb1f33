"""What things cost at a moment: offers and price breaks, read for a whole page at once."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings

from catalog.caching import products as product_cache
from catalog.caching import stock as stock_cache
from catalog.models import Offer, Package, Product
from catalog.pricing import BreakTerms, OfferTerms, current_price
from fantasize.core.caching import is_keeping, keep_until
from fantasize.core.fields import MoneyField
from fantasize.core.statements import fetch_all

Sellables = Sequence[Product] | Sequence[Package]

# One statement, and so one moment: an offer that staff move from a category to a product meanwhile is seen once.
_NAMED = """
    WITH RECURSIVE above (id, place) AS (
        SELECT id, id FROM catalog_category WHERE id = ANY (%(categories)s)
        UNION
        SELECT above.id, category.parent_id
          FROM above JOIN catalog_category AS category ON category.id = above.place
         WHERE category.parent_id IS NOT NULL
    ), named (is_category, id, offer_id) AS (
        SELECT FALSE, product_id, offer_id FROM catalog_offer_products WHERE product_id = ANY (%(products)s)
        UNION
        SELECT FALSE, package_id, offer_id FROM catalog_offer_packages WHERE package_id = ANY (%(packages)s)
        UNION
        SELECT TRUE, above.id, link.offer_id
          FROM above JOIN catalog_offer_categories AS link ON link.category_id = above.place
    )
    SELECT named.is_category, named.id, offer.id, name, percent, amount, starts_at, ends_at
      FROM named JOIN catalog_offer AS offer ON offer.id = named.offer_id
     WHERE is_active AND (%(at)s::timestamptz IS NULL
                          OR (starts_at <= %(at)s::timestamptz AND coalesce(ends_at, 'infinity') > %(at)s::timestamptz))
     ORDER BY offer.id
"""
_BREAKS = {
    Product: "SELECT product_id, min_quantity, percent, unit_price FROM catalog_pricebreak WHERE product_id = ANY (%s)",
    Package: "SELECT package_id, min_quantity, percent, unit_price FROM catalog_pricebreak WHERE package_id = ANY (%s)",
}
_MONEY = MoneyField()
# More than pass while an answer is kept.
_BORDERS = 200


def attach(rows: Sellables, *, at: datetime) -> None:
    """Give every row its ``current_price`` at ``at``. Two queries, for a hundred rows as for one.

    All rows are of one kind, with their list prices loaded. An answer that shows them is kept until an offer begins or
    ends, or the stock of one of them changes.
    """
    if is_keeping():
        keep_until(next_border(at))
        stock_cache.depends_on([row.stock_id for row in rows if isinstance(row, Product)])
    if not rows:
        return
    offers, breaks = offers_for(rows, running_at=at), breaks_for(rows)
    for row in rows:
        row.current_price = current_price(
            row.list_price, offers[row.pk], breaks[row.pk], at=at, currency=settings.SHOP_CURRENCY
        )


def offers_for(rows: Sellables, *, running_at: datetime | None = None) -> Mapping[int, list[OfferTerms]]:
    """The offers on each row, by its id: its own and those of its category or of one above. One query.

    Those that run at a moment, or else all that staff have not switched off. All rows are of one kind.
    """
    kind = "products" if rows and isinstance(rows[0], Product) else "packages"
    wanted = {"products": [], "packages": [], kind: [row.pk for row in rows]}
    categories = list({row.category_id for row in rows if row.category_id})
    own, inherited = _read_named({**wanted, "categories": categories, "at": running_at})
    return defaultdict(list, {row.pk: list({*own[row.pk], *inherited[row.category_id or 0]}) for row in rows})


def breaks_for(rows: Sellables) -> Mapping[int, list[BreakTerms]]:
    """The price breaks of each row, by its id. One query; all rows are of one kind."""
    target = Product if rows and isinstance(rows[0], Product) else Package
    breaks: defaultdict[int, list[BreakTerms]] = defaultdict(list)
    for pk, min_quantity, percent, unit_price in fetch_all(_BREAKS[target], [[row.pk for row in rows]]):
        breaks[pk].append(BreakTerms(min_quantity, percent, _MONEY.from_db_value(unit_price, None, None)))
    return breaks


def next_border(at: datetime) -> datetime | None:
    """When some offer begins or ends next after ``at``; None if none does. From the cache, mostly.

    No answer with prices in it may be kept longer.
    """
    borders: list[datetime] = product_cache.get_or_compute(
        "offer_borders", ttl=settings.CACHE_TTL_PRODUCTS, compute=lambda: _read_borders(at)
    )
    if len(borders) == _BORDERS and borders[-1] <= at:
        borders = _read_borders(at)
    return next((border for border in borders if border > at), None)


def _read_named(
    parameters: Mapping[str, Any],
) -> tuple[defaultdict[int, list[OfferTerms]], defaultdict[int, list[OfferTerms]]]:
    """The offers that name each thing itself, by its id, and those on each category or one above it, by its id."""
    own: defaultdict[int, list[OfferTerms]] = defaultdict(list)
    inherited: defaultdict[int, list[OfferTerms]] = defaultdict(list)
    for is_category, pk, number, name, percent, amount, *window in fetch_all(_NAMED, parameters):
        terms = OfferTerms(number, name, percent, _MONEY.from_db_value(amount, None, None), *window)
        (inherited if is_category else own)[pk].append(terms)
    return own, inherited


def _read_borders(at: datetime) -> list[datetime]:
    """The next moments after ``at`` at which an offer begins or ends, soonest first. One query."""
    offers = Offer.objects.filter(is_active=True).order_by()
    begins = offers.filter(starts_at__gt=at).values_list("starts_at", flat=True)
    ends = offers.filter(ends_at__gt=at).values_list("ends_at", flat=True)
    return list(begins.union(ends).order_by("starts_at")[:_BORDERS])
