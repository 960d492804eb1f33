"""Orders that staff prepare for somebody: saved with what they would cost, placed, and sent to be paid."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import IntegrityError, transaction
from procrastinate.contrib.django import app as queue

from accounts.models import User
from customizations.services.snapshots import Drawings
from fantasize.core import clock, mail, outbox
from fantasize.core.errors import (
    ConflictError,
    InvalidError,
    NotFoundError,
    PreconditionFailedError,
    UnauthenticatedError,
)
from orders import events
from orders.enums import LinkScope, OrderSource, OrderStatus, PaymentMethod
from orders.errors import DraftNotedError, NotPayableError
from orders.models import DraftOrder, Order
from orders.services import checkout, holds, links, quoting
from orders.services.baskets import LineRequest
from orders.services.checkout import Gift
from orders.services.customers import Customer
from orders.services.quoting import Estimate, Wishes

LINK_TASK = "orders.tasks.send_payment_link"
_MAIL = "orders/payment_link"
_WAITING = (OrderStatus.PENDING, OrderStatus.UNDER_REVIEW)


@dataclass(frozen=True, slots=True)
class Content:
    """What a draft is of.

    Attributes:
        customer: whose account; None for a guest.
        email: of a guest.
        body: all of it as it was sent, to be read again.
    """

    customer: User | None
    email: str
    body: Mapping[str, Any]
    lines: list[LineRequest]
    payment_method: PaymentMethod
    shipping_address: Mapping[str, Any]
    wishes: Wishes = field(default_factory=Wishes)
    gift: Gift = field(default_factory=Gift)

    @property
    def principal(self) -> str:
        """Whose pictures the answers may name: the customer's own."""
        return self.customer.actor if self.customer else ""

    def customer_by(self, actor: str) -> Customer:
        """For whom the order is placed, and by whom."""
        email = self.customer.email if self.customer else self.email
        return Customer(self.customer, email, self.principal, actor)


def estimate(content: Content) -> Estimate:
    """What it would cost now, and what there is too little of; nothing is held.

    Raises:
        InvalidError, OutOfStockError, CouponInvalidError, CouponMinTotalError, RateLimitedError: see ``quoting``.
    """
    return quoting.estimate(
        content.lines,
        principal=content.principal,
        customer=content.principal or f"email:{content.email}",
        address=content.shipping_address,
        wishes=content.wishes,
    )


@transaction.atomic
def create(*, content: Content, note: str, actor: str, draft_id: UUID | None = None) -> DraftOrder:
    """Note what somebody might order. Raises what ``estimate`` does.

    ``draft_id`` is what the draft is to be known by, for who may ask twice; else it gets an id of its own.

    Raises:
        DraftNotedError: there is one with that id.
    """
    draft = DraftOrder(id=draft_id or uuid4(), created_by=actor)
    _write(draft, content, note)
    try:
        with transaction.atomic():
            draft.save(force_insert=True)
    except IntegrityError:
        if DraftOrder.objects.filter(pk=draft.pk).exists():
            raise DraftNotedError from None
        raise
    return draft


@transaction.atomic
def change(*, draft_id: UUID, content: Content, note: str, expected_version: int | None = None) -> DraftOrder:
    """Note something else in its place. Locks the draft. Raises what ``estimate`` does, and more.

    Raises:
        NotFoundError: there is no such draft.
        PreconditionFailedError: it is not at ``expected_version`` any more.
        ConflictError: ``draft_placed``: it is an order by now.
    """
    draft = _lock(draft_id, expected_version)
    _write(draft, content, note)
    draft.version += 1
    draft.save()
    return draft


@transaction.atomic
def remove(*, draft_id: UUID, expected_version: int | None = None) -> None:
    """Forget a draft; raises what ``change`` does."""
    _lock(draft_id, expected_version).delete()


def draw_proofs(content: Content) -> Drawings:
    """Draw what the draft is of: before a transaction, not in it. Raises what ``checkout.draw_proofs`` does."""
    return checkout.draw_proofs(customer=content.customer_by(""), lines=content.lines)


@transaction.atomic
def place(
    *,
    draft_id: UUID,
    content: Content,
    drawings: Drawings,
    actor: str,
    expected_version: int | None = None,
    expected_total: Decimal | None = None,
    sends_links: bool = False,
) -> Order:
    """Place the order that a draft is of, once; its ``siblings`` with it, if it is sent in parts.

    ``content`` is what the draft's body was read as, and ``drawings`` what ``draw_proofs`` made of it.
    ``sends_links`` has the customer mailed a link for each of the orders that is ``payable_by_link``. Shares a lock on
    the customer's row, locks the draft; raises what ``change`` and ``checkout.place_order`` do.

    Raises:
        InvalidError: the customer's account was closed meanwhile (at ``/customer``).
    """
    customer = content.customer_by(actor)
    try:
        # Before the draft: who erases the account takes them in this order.
        checkout.require_customer(customer)
    except UnauthenticatedError:
        # It is not whoever asks that may not sign in.
        raise InvalidError.at("/customer", "The account is closed.", code="does_not_exist") from None
    draft = _lock(draft_id, expected_version)
    order = checkout.place_order(
        customer=customer,
        lines=content.lines,
        payment_method=content.payment_method,
        shipping_address=content.shipping_address,
        expected_total=expected_total,
        drawings=drawings,
        wishes=content.wishes,
        gift=content.gift,
        source=OrderSource.STAFF,
    )
    draft.order = order
    draft.version += 1
    draft.save()
    for payable in payable_by_link(order) if sends_links else ():
        _have_link_sent(payable, actor)
    return order


@transaction.atomic
def send_payment_link(*, order_id: UUID, actor: str) -> None:
    """Have the customer mailed a link by which they see the order and pay for it; says so among staff. Locks the order.

    Its goods are kept for ``PAYMENT_LINK_HOURS`` at least.

    Raises:
        NotFoundError: there is no such order.
        NotPayableError: there is nothing to pay, or nobody to write to.
    """
    order = Order.objects.select_for_update(no_key=True).filter(pk=order_id).first()
    if order is None:
        raise NotFoundError
    if not is_payable_by_link(order):
        raise NotPayableError("There is nothing to be paid by a link now.")
    _have_link_sent(order, actor)


def payable_by_link(order: Order) -> list[Order]:
    """Those that somebody can be asked to pay for on a page, of an order and what was placed with it."""
    return [each for each in (order, *order.siblings) if is_payable_by_link(each)]


def is_payable_by_link(order: Order) -> bool:
    """Whether somebody can be asked to pay for it on a page."""
    return not order.is_cash and order.status in _WAITING and bool(order.email)


def deliver_payment_link(*, order_id: UUID, actor: str) -> None:
    """Make a link and mail it: nobody but the customer ever sees it. A repetition makes another one.

    Nothing is sent for an order that was called off, paid or forgotten meanwhile.

    Raises:
        MailError: the mail server did not take it.
    """
    order = Order.objects.get(pk=order_id)
    if not is_payable_by_link(order):
        return
    token = links.issue(order, scope=LinkScope.OWNER, actor=actor)
    facts = {"number": order.number, "total": order.total, "currency": order.currency}
    reviewed = order.status == OrderStatus.UNDER_REVIEW
    # An order under review is kept anew once it is approved.
    kept = {} if reviewed else {"kept_until": order.hold_expires_at}
    context = {**facts, **kept, "is_under_review": reviewed, "pay_url": links.address_of(token)}
    mail.send_now(_MAIL, to=order.email, context=context)


def _have_link_sent(order: Order, actor: str) -> None:
    """By the worker. Who reads mail may take longer than who has just filled a cart: the goods are kept for them."""
    holds.keep_until(order, clock.now() + timedelta(hours=settings.PAYMENT_LINK_HOURS))
    queue.configure_task(LINK_TASK, queue=mail.QUEUE).defer(order_id=str(order.pk), actor=actor)
    outbox.publish(events.note_added(order.pk, note=f"Payment link sent to {order.email}.", actor=actor))


def _lock(draft_id: UUID, expected_version: int | None) -> DraftOrder:
    draft = DraftOrder.objects.select_for_update().filter(pk=draft_id).first()
    if draft is None:
        raise NotFoundError
    if expected_version is not None and draft.version != expected_version:
        raise PreconditionFailedError("The draft was changed meanwhile.", extra={"current_version": draft.version})
    if draft.order_id is not None:
        raise ConflictError("The draft is an order by now.", code="draft_placed", title="Draft was placed")
    return draft


def _write(draft: DraftOrder, content: Content, note: str) -> None:
    quote = estimate(content).quote
    draft.customer, draft.email = content.customer, "" if content.customer else content.email
    # As it will be read again: keys of JSON are text, those of parts too.
    draft.body, draft.note = json.loads(json.dumps(content.body)), note
    draft.total, draft.currency = quote.total, quote.currency
    draft.updated_at = clock.now()
