"""Structured logs on standard error: readable in development, JSON with ECS field names in production."""

from fantasize.settings.env import IS_PRODUCTION, env

LOG_FORMAT = env.str("LOG_FORMAT", default="json" if IS_PRODUCTION else "console")
LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
LOGGING_CONFIG = "fantasize.observability.logging.configure"
LOGGING = {"format": LOG_FORMAT, "level": LOG_LEVEL}
