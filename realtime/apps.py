"""App configuration of realtime."""

from django.apps import AppConfig

from fantasize.core import events


class RealtimeConfig(AppConfig):
    """Live push over WebSocket."""

    name = "realtime"

    def ready(self) -> None:
        """Wake the sockets right after a commit, and again from the worker in case that was lost."""
        from catalog.events import STOCK_TOPIC  # noqa: PLC0415 - models are not loaded when this module is imported
        from orders.events import AGGREGATE  # noqa: PLC0415 - as above
        from realtime import handlers  # noqa: PLC0415 - as above

        events.listen_live(AGGREGATE, handlers.wake)
        events.subscribe(AGGREGATE, handlers.wake)
        events.listen_notices(STOCK_TOPIC, handlers.wake_shelves)
