"""The lines of words that mean the same, as staff keep them."""

from django.conf import settings

from catalog.caching import products as product_cache
from catalog.models import Synonym
from catalog.search.words import Synonyms, read_synonyms


def current() -> Synonyms:
    """What else is meant by a phrase, from the cache mostly; staff's edits are seen at once by all processes."""
    synonyms: Synonyms = product_cache.get_or_compute("synonyms", ttl=settings.CACHE_TTL_SEARCH, compute=_read)
    return synonyms


def _read() -> Synonyms:
    lines = Synonym.objects.filter(is_active=True).order_by("pk").values_list("words", flat=True)
    return read_synonyms(lines)
