"""Who may see and do what with orders. The API, the admin and the sockets ask the same questions."""

from typing import Any

from django.db.models import QuerySet

from accounts.models import User
from fantasize.core.errors import ForbiddenError
from orders.enums import OrderStatus, Role
from orders.models import Order, Payment
from orders.models.order import OrderQuerySet
from orders.states import targets


def for_actor(actor: Any) -> OrderQuerySet:
    """The orders an actor may read: staff and machines with the right see all, others their own, strangers none."""
    if can_see_all(actor):
        return Order.objects.all()
    if getattr(actor, "is_authenticated", False) and getattr(actor, "pk", None):
        return Order.objects.filter(user_id=actor.pk)
    return Order.objects.none()


def shopper(actor: Any) -> User:
    """The person who shops.

    Raises:
        ForbiddenError: a machine is no person, or the shop lets this role order nothing.
    """
    if not isinstance(actor, User):
        raise ForbiddenError("Only people order.")
    if not actor.has_perm("orders.add_order"):
        raise ForbiddenError("You may not order.")
    return actor


def can_fill_cart(actor: Any) -> bool:
    """Whether the actor may have a cart: people and guests; a program buys nothing."""
    return not actor.is_authenticated or isinstance(actor, User)


def can_see_all(actor: Any) -> bool:
    """Whether the actor reads everybody's orders."""
    return _works_here(actor) and bool(actor.has_perm("orders.view_order"))


def can_move(actor: Any) -> bool:
    """Whether the actor may change statuses at all (which ones, ``orders.states`` says)."""
    return _works_here(actor) and bool(actor.has_perm("orders.change_order"))


def role_of(actor: Any, order: Order) -> Role | None:
    """In which capacity the actor handles this order; None: in none."""
    if can_move(actor):
        return Role.STAFF if getattr(actor, "is_staff", False) else Role.FACTORY
    if getattr(actor, "pk", None) and order.user_id == actor.pk:
        return Role.OWNER
    return None


def can_pay(actor: Any, order: Order) -> bool:
    """Whether the actor may open a page to pay for this order: its owner, and staff."""
    return role_of(actor, order) in (Role.OWNER, Role.STAFF)


def payments_for(actor: Any) -> QuerySet[Payment]:
    """The payments an actor may read: those for the orders they may read."""
    return Payment.objects.filter(order__in=for_actor(actor).order_by())


def allowed_transitions(actor: Any, order: Order) -> list[OrderStatus]:
    """The statuses the actor may move the order to in one step."""
    role = role_of(actor, order)
    return targets(OrderStatus(order.status), role, is_cash=order.is_cash) if role else []


def _works_here(actor: Any) -> bool:
    """Staff and machines; a shopper's rights need not be looked up, for they have none here."""
    return actor is not None and (actor.is_staff if isinstance(actor, User) else True)
