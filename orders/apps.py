"""App configuration of orders."""

from django.apps import AppConfig

from fantasize.core import grants


class OrdersConfig(AppConfig):
    """Orders, holds and payments."""

    name = "orders"

    def ready(self) -> None:
        """Declare what managers may do here, and what must always hold."""
        from orders.services import invariants  # noqa: PLC0415 - models are not loaded when this module is imported

        invariants.register()
        grants.declare("manager", "orders.view_order", "orders.change_order", "orders.view_payment")
