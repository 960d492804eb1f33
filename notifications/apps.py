"""App configuration of notifications."""

from django.apps import AppConfig

from fantasize.core import events


class NotificationsConfig(AppConfig):
    """What people are told, and how it reaches them."""

    name = "notifications"

    def ready(self) -> None:
        """Hear of what people are told about."""
        from catalog.events import STOCK_AGGREGATE  # noqa: PLC0415 - models are not loaded when this module is imported
        from notifications import handlers  # noqa: PLC0415 - as above
        from orders.events import PAYMENT_AGGREGATE, WEBHOOK_AGGREGATE  # noqa: PLC0415 - as above

        events.subscribe(STOCK_AGGREGATE, handlers.alert_staff)
        for aggregate in (PAYMENT_AGGREGATE, WEBHOOK_AGGREGATE):
            events.subscribe(aggregate, handlers.alert_about_payment)
