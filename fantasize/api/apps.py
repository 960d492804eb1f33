"""App configuration of the API as a whole."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """Routes, OpenAPI document and documentation pages."""

    name = "fantasize.api"
    label = "api"
    verbose_name = "API"

    def ready(self) -> None:
        """Teach the document what our ways of signing in are called."""
        from fantasize.api import security  # noqa: F401, PLC0415 - importing registers them, once apps are loaded
