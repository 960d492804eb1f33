"""Redis: cache, rate limits and the channel layer, which are all allowed to lose what they hold."""

import os
from typing import Any

from fantasize.settings.env import env, redis_database, redis_url

REDIS_URL = redis_url()
if REDIS_URL and (worker := os.environ.get("PYTEST_XDIST_WORKER")):
    REDIS_URL = redis_database(REDIS_URL, 1 + int(worker.removeprefix("gw")))

_TIMEOUTS = {"SOCKET_CONNECT_TIMEOUT": 1, "SOCKET_TIMEOUT": 1}

if REDIS_URL:
    _REDIS: dict[str, Any] = {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": REDIS_URL}
    CACHES = {
        "default": {**_REDIS, "OPTIONS": _TIMEOUTS, "KEY_PREFIX": "fantasize"},
        # Sessions are kept in PostgreSQL as well: a dead Redis only makes them slower.
        "sessions": {**_REDIS, "OPTIONS": {**_TIMEOUTS, "IGNORE_EXCEPTIONS": True}, "KEY_PREFIX": "sessions"},
    }
    CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
            # socket_timeout: redis-py's default closes idle subscriptions after five seconds.
            "CONFIG": {"hosts": [{"address": REDIS_URL, "socket_timeout": None}], "prefix": "fantasize"},
        },
    }
else:
    _LOCAL = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    CACHES = {"default": _LOCAL, "sessions": {**_LOCAL, "LOCATION": "sessions"}}
    CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}

CACHE_TTL_PRODUCTS = env.int("CACHE_TTL_PRODUCTS", default=600)
CACHE_TTL_CATEGORIES = env.int("CACHE_TTL_CATEGORIES", default=1800)
CACHE_TTL_PACKAGES = env.int("CACHE_TTL_PACKAGES", default=600)
CACHE_TTL_OFFERS = env.int("CACHE_TTL_OFFERS", default=600)
CACHE_TTL_SEARCH = env.int("CACHE_TTL_SEARCH", default=300)
CACHE_TTL_HOME = env.int("CACHE_TTL_HOME", default=300)
# What each process keeps in its own memory, beside Redis.
CACHE_LOCAL_BYTES = env.int("CACHE_LOCAL_BYTES", default=32_000_000)
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_CACHE_ALIAS = "sessions"
