"""App configuration of orders."""

from django.apps import AppConfig
from django.core import checks

from fantasize.core import events, grants


class OrdersConfig(AppConfig):
    """Orders, holds and payments."""

    name = "orders"

    def ready(self) -> None:
        """Declare who may do what here, what must always hold, and what is known about people."""
        from customizations.services import uploads  # noqa: PLC0415 - models are not loaded when this module is imported
        from orders import handlers, resources  # noqa: PLC0415 - as above
        from orders.events import AGGREGATE  # noqa: PLC0415 - as above
        from orders.payments.checks import goods_outlast_pages  # noqa: PLC0415 - as above
        from orders.services import cart_keeping, credit_invariants, invariants, price_invariants, privacy  # noqa: PLC0415 - as above

        checks.register(goods_outlast_pages)
        invariants.register()
        price_invariants.register()
        credit_invariants.register()
        privacy.register()
        resources.register()
        uploads.register_need(cart_keeping.needed_uploads)
        events.subscribe(AGGREGATE, handlers.send_to_factory)
        events.subscribe(AGGREGATE, handlers.end_payment_pages)
        terms = ("orders.{}_shippingmethod", "orders.{}_shippingband", "orders.{}_taxrate", "catalog.{}_taxclass")
        verbs = ("view", "add", "change", "delete")
        grants.declare("manager", *(name.format(verb) for name in terms for verb in verbs))
        grants.declare("customer", "orders.add_order")
        grants.declare("manager", *(f"orders.{verb}_draftorder" for verb in verbs))
        grants.declare("manager", "orders.view_webhookevent")
        grants.declare(
            "manager",
            "orders.view_order",
            "orders.change_order",
            "orders.view_linereview",
            "orders.view_payment",
            "orders.view_cart",
            "orders.view_cartline",
        )
