"""The mini factory: how it works, and how it reports back to the API."""

from fantasize.settings.env import ENVIRONMENT, IS_PRODUCTION, Environment, env, secret
from fantasize.settings.parts.api import API_KEYS

# In development the work takes a moment, so that people can watch it.
FACTORY_SECONDS = env.float("FACTORY_SECONDS", default=5.0 if ENVIRONMENT is Environment.DEVELOPMENT else 0.0)
FACTORY_API_URL = env.str("FACTORY_API_URL", default="")
FACTORY_API_KEY = env.str("FACTORY_API_KEY", default="") if IS_PRODUCTION else secret("FACTORY_API_KEY")

if not IS_PRODUCTION:
    API_KEYS = [*API_KEYS, f"factory:{FACTORY_API_KEY}:orders.view_order+orders.change_order"]
