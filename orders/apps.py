"""App configuration of orders."""

from django.apps import AppConfig

from fantasize.core import events, grants


class OrdersConfig(AppConfig):
    """Orders, holds and payments."""

    name = "orders"

    def ready(self) -> None:
        """Declare who may do what here, what must always hold, and what is known about people."""
        from orders import handlers, resources  # noqa: PLC0415 - models are not loaded when this module is imported
        from orders.events import AGGREGATE  # noqa: PLC0415 - as above
        from orders.services import invariants, privacy  # noqa: PLC0415 - as above

        invariants.register()
        privacy.register()
        resources.register()
        events.subscribe(AGGREGATE, handlers.send_to_factory)
        grants.declare("customer", "orders.add_order")
        grants.declare("manager", "orders.view_order", "orders.change_order", "orders.view_payment")
