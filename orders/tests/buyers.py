"""Who orders over HTTP, and whether anything came of it."""

import uuid
from typing import Any

from django.db import connection

from catalog.models import CouponRedemption, Product, StockItem
from catalog.tests.factories import make_product
from customizations.tests.factories import SPECIAL, make_template
from fantasize.core.models import DomainEvent, IdempotencyRecord
from fantasize.tests.client import Reply
from orders.models import Cart, CartLine, Hold, Order, OrderLine, OrderLink
from orders.tests.factories import ADDRESS
from orders.tests.shoppers import Shopper

GUEST = "Grace@Example.com"


class Buyer(Shopper):
    """Orders as somebody; without an account, as a guest who says their address."""

    def order(self, key: str = "", **body: Any) -> Reply:
        guest = {} if "Authorization" in self.client.headers else {"email": GUEST}
        sent = {"payment_method": "cash_on_delivery", "shipping_address": ADDRESS, **guest, **body}
        kept = {name: value for name, value in sent.items() if value is not ...}
        return self.call("POST", "/orders", kept, Idempotency_Key=key or str(uuid.uuid4()))

    def buy(self, thing: Any, quantity: Any = 1, *, key: str = "", **body: Any) -> Reply:
        return self.order(key, lines=[wish(thing, quantity)], **body)


def wish(thing: Any, quantity: Any = 1, **more: Any) -> dict[str, Any]:
    """A line of a body."""
    return {str(thing._meta.model_name): thing.pk, "quantity": quantity, **more}


def make_special(**fields: Any) -> Product:
    """A product about which anything can be asked for; staff look at it then."""
    product = make_product(**fields)
    make_template(schema={"options": [SPECIAL], "canvas": None}, products=[product.pk])
    return product


def standing() -> dict[str, Any]:
    """Everything that placing an order writes, read at once; after a refusal, it is what it was."""
    counted = (Order, OrderLine, OrderLink, Hold, CouponRedemption, DomainEvent, IdempotencyRecord)
    asked = dict.fromkeys(counted, "count(*)") | dict.fromkeys((Cart, CartLine, StockItem), "jsonb_agg(t ORDER BY id)")
    parts = (f"(SELECT {what} FROM {kind._meta.db_table} t)" for kind, what in asked.items())  # noqa: S608 - our names
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}")
        return dict(zip((kind.__name__ for kind in asked), cursor.fetchone(), strict=True))
