"""PostgreSQL and the background queue in it."""

from fantasize.settings.env import database_url, env

# One pool per process; CONN_MAX_AGE must stay 0 beside a pool. Web threads and worker jobs each hold one connection.
# While PostgreSQL is down a call waits this many seconds before it is told so.
_POOL = {"min_size": 0, "max_size": env.int("DATABASE_POOL_SIZE", default=16), "timeout": 3}

DATABASES = {
    "default": {
        **env.db_url_config(database_url(), engine="django.db.backends.postgresql"),
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,
        "ATOMIC_REQUESTS": False,
    },
}
DATABASES["default"].setdefault("OPTIONS", {})
DATABASES["default"]["OPTIONS"] |= {
    "pool": _POOL,
    "connect_timeout": 2,
    # A host that vanishes says no good-bye: without these, whoever waits for its answer waits for a quarter of an hour.
    "tcp_user_timeout": 10_000,
    "keepalives_idle": 10,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "application_name": "fantasize",
    # A statement or a lock that takes this long is a fault: fail it instead of queueing the shop behind it.
    "options": "-c statement_timeout=30000 -c lock_timeout=10000 -c idle_in_transaction_session_timeout=30000"
    # No plan of those depends on the values: they find rows by their keys.
    " -c plan_cache_mode=force_generic_plan",
}

PROCRASTINATE_ON_APP_READY = "fantasize.core.queue.configure"
PROCRASTINATE_IMPORT_PATHS = ["fantasize.core.tasks"]
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "tasks"
