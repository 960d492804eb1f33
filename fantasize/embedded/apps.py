"""The app that carries ``manage.py services`` and ``manage.py prepare``."""

from django.apps import AppConfig


class EmbeddedConfig(AppConfig):
    """No models: only management commands."""

    name = "fantasize.embedded"
    label = "embedded"
    verbose_name = "Embedded services"
