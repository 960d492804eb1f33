"""App configuration of observability."""

from django.apps import AppConfig


class ObservabilityConfig(AppConfig):
    """Logs, health and metrics."""

    name = "fantasize.observability"
    label = "observability"
    verbose_name = "Observability"
