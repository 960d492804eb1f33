"""App configuration of the kernel."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """Errors, money, time, events, caching, idempotency and the base API classes."""

    name = "fantasize.core"
    label = "core"
    verbose_name = "Operations"
