"""What a shop owner decides."""

from fantasize.settings.env import IS_PRODUCTION, env

SHOP_CURRENCY = env.str("SHOP_CURRENCY", default="USD")
# A search cluster (OpenSearch) in place of PostgreSQL, which answers while the cluster is away.
SEARCH_URL = env.str("SEARCH_URL", default="")
HOLD_MINUTES = env.int("HOLD_MINUTES", default=45)
REVIEW_HOLD_HOURS = env.int("REVIEW_HOLD_HOURS", default=72)
SEED_DEMO = env.bool("SEED_DEMO", default=not IS_PRODUCTION)
