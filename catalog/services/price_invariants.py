"""What must always hold for prices: checked by a second calculation, in SQL, apart from the one that made them."""

from typing import Any

from django.conf import settings
from django.db import connection

from catalog.services.prices import REFRESH_ALL_TASK
from fantasize.core import clock, invariants, money

# What the column says of everything that is not due, and what the offers say; also when that changes next. A walk over
# all prices that is still to come may find more to do.
_STALE = """
    WITH RECURSIVE above (id, place) AS (
        SELECT id, id FROM catalog_category
        UNION
        SELECT above.id, category.parent_id
          FROM above JOIN catalog_category AS category ON category.id = above.place
         WHERE category.parent_id IS NOT NULL
    ), inherited (category_id, offer_id) AS (
        SELECT DISTINCT above.id, link.offer_id
          FROM above JOIN catalog_offer_categories AS link ON link.category_id = above.place
    ), sold (kind, id, list_price, price, price_changes_at, category_id) AS (
        SELECT 'product', id, list_price, price, price_changes_at, category_id FROM catalog_product
        UNION ALL
        SELECT 'package', id, list_price, price, price_changes_at, category_id FROM catalog_package
    ), named (kind, id, offer_id) AS (
        SELECT 'product', product_id, offer_id FROM catalog_offer_products
        UNION
        SELECT 'package', package_id, offer_id FROM catalog_offer_packages
        UNION
        SELECT kind, sold.id, offer_id FROM sold JOIN inherited USING (category_id)
    ), right_price (kind, id, price, changes_at) AS (
        SELECT kind, sold.id,
               min(round(greatest(CASE WHEN percent IS NULL THEN list_price - amount
                                       ELSE list_price * (100 - percent) / 100 END, 0), %(decimals)s))
                   FILTER (WHERE starts_at <= %(now)s AND coalesce(ends_at, 'infinity') > %(now)s),
               least(min(starts_at) FILTER (WHERE starts_at > %(now)s), min(ends_at) FILTER (WHERE ends_at > %(now)s))
          FROM named JOIN sold USING (kind, id) JOIN catalog_offer AS offer ON offer.id = offer_id
         WHERE offer.is_active
         GROUP BY kind, sold.id
    )
    SELECT count(*)
      FROM sold LEFT JOIN right_price AS is_right USING (kind, id)
     WHERE coalesce(price_changes_at, 'infinity') > %(now)s
       AND (sold.price <> least(list_price, is_right.price) OR price_changes_at IS DISTINCT FROM is_right.changes_at)
       AND NOT EXISTS (SELECT 1 FROM procrastinate_jobs
                        WHERE task_name = %(walk)s AND status IN ('todo', 'doing'))
"""


def register() -> None:
    """Have ``verify_invariants`` check the prices."""
    invariants.register("prices.column_follows_offers", count_stale)


def count_stale() -> int:
    """How many things have another price in their column than their offers make now."""
    parameters: dict[str, Any] = {
        "now": clock.now(),
        "decimals": money.exponent(settings.SHOP_CURRENCY),
        "walk": REFRESH_ALL_TASK,
    }
    with connection.cursor() as cursor:
        cursor.execute(_STALE, parameters)
        stale: int = cursor.fetchone()[0]
    return stale
