"""App configuration of the API as a whole."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """Routes, OpenAPI document and documentation pages."""

    name = "fantasize.api"
    label = "api"
    verbose_name = "API"
