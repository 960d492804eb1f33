"""Answers that are kept: in the process, and in Redis. The cache may be empty, slow or gone: answers stay right.

``changes`` knows what has changed when, ``storage`` keeps values in two levels, ``namespaces`` is what apps name.
"""

from fantasize.core.caching.backend import RETRY_AFTER_SECONDS, breaker
from fantasize.core.caching.namespaces import CachePolicy, Namespace
from fantasize.core.caching.storage import depends_on, forget_everything, is_keeping, keep_until, store

__all__ = [
    "RETRY_AFTER_SECONDS",
    "CachePolicy",
    "Namespace",
    "breaker",
    "depends_on",
    "forget_everything",
    "is_keeping",
    "keep_until",
    "store",
]
