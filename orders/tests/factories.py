"""Orders for tests, placed and moved by the services that do it in the shop."""

from typing import Any

from accounts.models import User
from accounts.tests.factories import make_user
from catalog.models import Product
from catalog.tests.factories import make_product
from orders.enums import OrderStatus, PaymentMethod, Role
from orders.models import Order
from orders.services import customers
from orders.services.baskets import LineRequest
from orders.services.checkout import place_order
from orders.services.transitions import Move, move_order

ADDRESS: dict[str, Any] = {
    "full_name": "Ada Lovelace",
    "line1": "12 St James's Square",
    "line2": "",
    "city": "London",
    "region": "",
    "postal_code": "SW1Y 4JH",
    "country": "GB",
    "phone": "",
}


def make_order(
    *,
    user: User | None = None,
    product: Product | None = None,
    quantity: int = 1,
    method: PaymentMethod = PaymentMethod.CASH_ON_DELIVERY,
) -> Order:
    """A pending order of one line."""
    product = product or make_product()
    return place_order(
        customer=customers.of(user or make_user()),
        lines=[LineRequest(product.pk, quantity)],
        payment_method=method,
        shipping_address=ADDRESS,
    )


def move(order: Order, target: OrderStatus, *, role: Role = Role.STAFF, **fields: Any) -> Order:
    """The order after the move."""
    return move_order(order_id=order.pk, move=Move(target=target, actor="user:staff", role=role, **fields))


def put_under_review(order: Order) -> Order:
    """The order as it stands when a line needs approval: the only way in is at its beginning."""
    Order.objects.filter(pk=order.pk).delete()
    order.status = OrderStatus.UNDER_REVIEW
    order.save(force_insert=True)
    return order
