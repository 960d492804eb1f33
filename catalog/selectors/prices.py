"""What things cost at a moment: offers and price breaks, read for a whole page at once."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings

from catalog.caching import products as product_cache
from catalog.caching import stock as stock_cache
from catalog.models import Package, Product
from catalog.pricing import BreakTerms, OfferTerms, current_price
from fantasize.core.caching import is_keeping, keep_until
from fantasize.core.fields import MoneyField
from fantasize.core.statements import fetch_all

Sellables = Sequence[Product] | Sequence[Package]

# One statement, and so one moment: an offer that staff move from a category to a product meanwhile is seen once.
# However many offers are on something, only those come back that can matter: of the running ones those that no other
# beats by its terms and outlasts, and the one that begins or ends first. Offers are looked up by number, as one list
# and behind a fence: PostgreSQL, which plans once for pages and for batches, cannot know how many are named, and would
# read all that there are, or go through all that are named once for each of them.
_NAMED = """
    WITH RECURSIVE above (id, place) AS (
        SELECT id, id FROM catalog_category WHERE id = ANY (%(categories)s)
        UNION
        SELECT above.id, category.parent_id
          FROM above JOIN catalog_category AS category ON category.id = above.place
         WHERE category.parent_id IS NOT NULL
    ), named (is_category, thing, offer_id) AS (
        SELECT FALSE, product_id, offer_id FROM catalog_offer_products WHERE product_id = ANY (%(products)s)
        UNION ALL
        SELECT FALSE, package_id, offer_id FROM catalog_offer_packages WHERE package_id = ANY (%(packages)s)
        UNION ALL
        SELECT TRUE, above.id, link.offer_id
          FROM above JOIN catalog_offer_categories AS link ON link.category_id = above.place
    ), standing AS (
        SELECT offer.*, starts_at <= %(at)s::timestamptz AS runs
          FROM (SELECT id, name, percent, amount, starts_at, ends_at, is_active,
                       coalesce(ends_at, 'infinity') AS lasts_until
                  FROM catalog_offer WHERE id = ANY (ARRAY(SELECT DISTINCT offer_id FROM named)) OFFSET 0) AS offer
         WHERE is_active AND lasts_until > %(at)s::timestamptz
           AND (starts_at <= %(at)s::timestamptz OR %(with_coming)s::boolean)
    ), compared AS (
        SELECT *,
               max(lasts_until) OVER (
                   PARTITION BY is_category, thing, runs, percent IS NULL
                   ORDER BY coalesce(percent, amount) DESC, lasts_until DESC, id
                   ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS better_lasts_until,
               row_number() OVER (
                   PARTITION BY is_category, thing
                   ORDER BY CASE WHEN runs THEN lasts_until ELSE starts_at END, id) AS place
          FROM named JOIN standing ON standing.id = named.offer_id
    )
    SELECT is_category, thing, id, name, percent, amount, starts_at, ends_at
      FROM compared
     WHERE (runs AND (better_lasts_until IS NULL OR better_lasts_until < lasts_until)) OR place = 1
     ORDER BY id
"""
# Each half from its index, however many offers there are.
_COMING_BORDERS = """
    SELECT border
      FROM ((SELECT DISTINCT starts_at FROM catalog_offer WHERE is_active AND starts_at > %(at)s::timestamptz
              ORDER BY starts_at LIMIT %(most)s)
            UNION
            (SELECT DISTINCT ends_at FROM catalog_offer WHERE is_active AND ends_at > %(at)s::timestamptz
              ORDER BY ends_at LIMIT %(most)s)) AS borders (border)
     ORDER BY border LIMIT %(most)s
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
    offers, breaks = offers_for(rows, at=at, with_coming=False), breaks_for(rows)
    for row in rows:
        row.current_price = current_price(
            row.list_price, offers[row.pk], breaks[row.pk], at=at, currency=settings.SHOP_CURRENCY
        )


def offers_for(rows: Sellables, *, at: datetime, with_coming: bool = True) -> Mapping[int, list[OfferTerms]]:
    """The offers that decide what each row costs at a moment, by its id, and when that changes next. One query.

    They are on the row itself, or on its category or one above. All rows are of one kind. Those that have not begun are
    left out without ``with_coming``: of them only the first counts, and only for when the price changes.
    """
    kind = "products" if rows and isinstance(rows[0], Product) else "packages"
    wanted = {"products": [], "packages": [], kind: [row.pk for row in rows]}
    categories = list({row.category_id for row in rows if row.category_id})
    own, inherited = _read_named({**wanted, "categories": categories, "at": at, "with_coming": with_coming})
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
        "offer_borders", ttl=settings.CACHE_TTL_PRODUCTS, compute=lambda: coming_borders(at)
    )
    if len(borders) == _BORDERS and borders[-1] <= at:
        borders = coming_borders(at)
    return next((border for border in borders if border > at), None)


def coming_borders(at: datetime, *, most: int | None = None) -> list[datetime]:
    """The next ``most`` moments after ``at`` at which an offer begins or ends, soonest first. One query."""
    return [border for (border,) in fetch_all(_COMING_BORDERS, {"at": at, "most": most or _BORDERS})]


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
