"""What of the catalogue is kept, and what makes it stale.

One namespace for all that staff change: they do so some hundred times a day, and an answer is computed in milliseconds.
Stock changes with every order, so it goes by single items: see docs/adr/0011-kept-answers.md.
"""

from collections.abc import Collection

from django.conf import settings

from fantasize.core.caching import CachePolicy, Namespace

# Everything that staff write: products, packages, prices, media, categories, reviews, synonyms.
products = Namespace("catalog.products")
# As a whole when something sells out or can be had again, which moves it in lists and counts; else the item alone.
stock = Namespace("catalog.stock")

PRODUCTS = CachePolicy((products, stock), settings.CACHE_TTL_PRODUCTS)
PACKAGES = CachePolicy((products, stock), settings.CACHE_TTL_PACKAGES)
OFFERS = CachePolicy((products,), settings.CACHE_TTL_OFFERS)
SEARCH = CachePolicy((products, stock), settings.CACHE_TTL_SEARCH)
HOME = CachePolicy((products, stock), settings.CACHE_TTL_HOME)
REVIEWS = CachePolicy((products,), settings.CACHE_TTL_PRODUCTS)
CATEGORIES = CachePolicy((products,), settings.CACHE_TTL_CATEGORIES)


def invalidate_stock_on_commit(items: Collection[int], *, is_listed_anew: bool) -> None:
    """Make the answers stale that show these stock items, once the current transaction is committed.

    Args:
        items: ids of stock items whose available pieces have changed.
        is_listed_anew: one of them has sold out, or can be had again: lists of what is in stock are other ones now.
    """
    if is_listed_anew:
        stock.invalidate_on_commit()
    if items:
        stock.invalidate_on_commit(*items)
