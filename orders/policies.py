"""Who may see and do what with orders. The API, the admin and the sockets ask the same questions."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from django.db.models import QuerySet

from accounts.models import User
from orders.enums import DocumentKind, LinkScope, OrderStatus, PaymentStatus, Role
from orders.models import Order, Payment
from orders.models.order import OrderQuerySet
from orders.states import targets

# While a bank is at it, nobody pays a second time.
_DUE = (PaymentStatus.UNPAID, PaymentStatus.FAILED)


@dataclass(frozen=True, slots=True)
class LinkHolder:
    """Somebody without an account who has the token of a link to one order: an actor like any other.

    Attributes:
        order_id: the only order that there is for them.
        scope: as its owner, or to see where their gift is.
        link_id: by which link, so that it can be asked again whether it still counts.
    """

    order_id: UUID
    scope: LinkScope
    link_id: UUID

    is_authenticated: ClassVar[bool] = False
    is_staff: ClassVar[bool] = False
    pk: ClassVar[None] = None

    @property
    def actor(self) -> str:
        """Who that is, as events and ledgers write it."""
        return f"link:{self.link_id}"

    @property
    def is_owner(self) -> bool:
        """Whether they stand for whoever bought it."""
        return self.scope is LinkScope.OWNER


def for_actor(actor: Any) -> OrderQuerySet:
    """The orders an actor may read: staff and machines with the right see all, others their own, strangers none.

    Who gets an order as a gift does not read it; they see where it is (``trackable_by``).
    """
    if isinstance(actor, LinkHolder):
        return trackable_by(actor) if actor.is_owner else Order.objects.none()
    if can_see_all(actor):
        return Order.objects.all()
    if getattr(actor, "is_authenticated", False) and getattr(actor, "pk", None):
        return Order.objects.filter(user_id=actor.pk)
    return Order.objects.none()


def trackable_by(actor: Any) -> OrderQuerySet:
    """The orders whose way an actor may follow: those that they may read, and the gift that they have a link to."""
    return Order.objects.filter(pk=actor.order_id) if isinstance(actor, LinkHolder) else for_actor(actor)


def sees_prices(actor: Any) -> bool:
    """Whether the actor may learn what something cost, and who paid: all but who gets it as a gift."""
    return not isinstance(actor, LinkHolder) or actor.is_owner


def can_order(actor: Any) -> bool:
    """Whether the actor may order: guests, and people whom the shop lets."""
    return not actor.is_authenticated or (isinstance(actor, User) and actor.has_perm("orders.add_order"))


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
    if isinstance(actor, LinkHolder):
        return Role.OWNER if actor.is_owner and actor.order_id == order.pk else None
    if can_move(actor):
        return Role.STAFF if getattr(actor, "is_staff", False) else Role.FACTORY
    if getattr(actor, "pk", None) and order.user_id == actor.pk:
        return Role.OWNER
    return None


def can_pay(actor: Any, order: Order) -> bool:
    """Whether the actor may open a page to pay for this order: its owner, and staff."""
    return role_of(actor, order) in (Role.OWNER, Role.STAFF)


def can_refund(actor: Any, order: Order) -> bool:
    """Whether the actor may give money back: staff who handle orders; no program does."""
    return role_of(actor, order) is Role.STAFF


def can_pay_now(actor: Any, order: Order) -> bool:
    """Whether there is something that the actor may pay for on a page, as far as the order itself says."""
    is_due = order.status == OrderStatus.PENDING and order.payment_status in _DUE and not order.awaits_acceptance
    return is_due and not order.is_cash and can_pay(actor, order)


def can_share(actor: Any, order: Order, scope: LinkScope) -> bool:
    """Whether the actor may make and take back such links to the order: its owner for who gets it, staff any."""
    role = role_of(actor, order)
    return role is Role.STAFF or (role is Role.OWNER and scope is LinkScope.RECIPIENT)


def may_draft(verb: str) -> Callable[[Any], bool]:
    """Whether an actor may ``view``, ``add``, ``change`` or ``delete`` orders that staff prepare."""
    return lambda actor: _works_here(actor) and bool(actor.has_perm(f"orders.{verb}_draftorder"))


def can_place_drafts(actor: Any) -> bool:
    """Whether the actor may make orders of them: people on the staff who may change them."""
    return isinstance(actor, User) and may_draft("change")(actor)


def can_print(actor: Any, order: Order, kind: DocumentKind) -> bool:
    """Whether a document of this order is for the actor: all for those who see all, the invoice for its owner too."""
    return can_see_all(actor) or (kind is DocumentKind.INVOICE and role_of(actor, order) is Role.OWNER)


def payments_for(actor: Any) -> QuerySet[Payment]:
    """The payments an actor may read: those for the orders they may read."""
    return Payment.objects.filter(order__in=for_actor(actor).order_by())


def allowed_transitions(actor: Any, order: Order) -> list[OrderStatus]:
    """The statuses the actor may move the order to in one step."""
    role = role_of(actor, order)
    return targets(OrderStatus(order.status), role, is_cash=order.is_cash) if role else []


def _works_here(actor: Any) -> bool:
    """Staff and machines; a shopper's rights need not be looked up, for they have none here."""
    if actor is None or isinstance(actor, LinkHolder):
        return False
    return actor.is_staff if isinstance(actor, User) else True
