"""What orders know about people. Goods, amounts and dates belong to the books and stay; who it was for does not.

An order that is still on its way needs its address, and one in dispute its evidence: until it has come to its end,
its customer cannot be forgotten.
"""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.forms.models import model_to_dict

from accounts.models import User
from catalog.services import coupons
from customizations.models import Proof
from customizations.models import Upload as Picture
from customizations.services import snapshots, sold_files
from fantasize.core import clock, idempotency, outbox, privacy
from fantasize.core.models import DomainEvent
from fantasize.core.privacy import Document, Part, Upload
from fantasize.core.transfers.running import forget_exports
from orders import selectors
from orders.enums import OrderStatus
from orders.errors import OrdersOpenError
from orders.events import AGGREGATE, STAFF_AGGREGATE
from orders.models import Cart, CartLine, CreditNote, DraftOrder, LineReview, Order, OrderLine, OrderLink
from orders.models.order import OrderQuerySet

_ENDED = (OrderStatus.DELIVERED, OrderStatus.CANCELLED, OrderStatus.REJECTED, OrderStatus.RETURNED)
_ROWS_AT_ONCE = 200
# Of the orders that keep somebody from being forgotten, so many stand in the sentence that says so.
_TOLD = 10


def register() -> None:
    """Have exports and erasures ask us too."""
    privacy.register("orders", export=parts_of, erase=forget)


def parts_of(user_id: UUID) -> Iterator[Part]:
    """The person's orders with their lines and payments, what happened to them, the cart, and files; oldest first."""
    yield Document("orders", _orders(user_id))
    yield Document("events", _events(user_id))
    yield Document("cart", _cart(user_id))
    yield Document("drafts", [{"body": draft.body, "total": draft.total} for draft in _drafts_of(user_id)])
    yield from _files(user_id)


def forget(user_id: UUID) -> None:
    """Delete the person's carts and blank everything personal in their orders. Locks both by primary key, carts first.

    Raises:
        OrdersOpenError: some have not come to their end.
    """
    carts = Cart.objects.filter(user=user_id)
    # Before their lines, which go first: so does whoever changes one.
    list(carts.order_by("pk").select_for_update().values_list("pk"))
    carts.delete()
    drafts = _drafts_of(user_id)
    told = [str(pk) for pk in drafts.values_list("pk", flat=True)]
    drafts.delete()
    orders = list(_orders_of(user_id).select_for_update(no_key=True).order_by("pk"))
    _require_ended(orders)
    ids = [order.pk for order in orders]
    idempotency.forget_about([*_recently_touched(ids), *told])
    OrderLink.objects.filter(order__in=ids).delete()
    # Those of a guest are counted by the address.
    coupons.forget_customers([str(pk) for pk in ids])
    Order.objects.filter(pk__in=ids).update(
        email="",
        shipping_address={},
        gift_message="",
        recipient_name="",
        recipient_email="",
        tracking_number="",
    )
    _forget_answers(ids)
    if orders:
        until = User.objects.get(pk=user_id).erased_at or clock.now()
        forget_exports("order", since=min(order.placed_at for order in orders), until=until)
    for aggregate in (AGGREGATE, STAFF_AGGREGATE):
        outbox.forget_words(aggregate, [str(pk) for pk in ids])


def _forget_answers(order_ids: list[UUID]) -> None:
    """Blank what was answered, and delete the pictures and the proofs of it that no other order shows.

    Both are locked first, as placing an order does: whoever orders the same in this moment is seen, or draws it anew.
    """
    lines = list(OrderLine.objects.filter(order__in=order_ids).exclude(customizations=[]).order_by("pk"))
    things = [thing for line in lines for thing in line.customizations]
    proofs = {thing["proof"] for thing in things} - {None}
    uploads = {upload["id"] for thing in things for upload in thing["uploads"]}
    sold_files.lock(upload_ids=uploads, proof_hashes=proofs)
    for line in lines:
        line.customizations, line.erased_at = snapshots.forget(line.customizations), clock.now()
    OrderLine.objects.bulk_update(lines, ["customizations", "erased_at"], batch_size=_ROWS_AT_ONCE)
    LineReview.objects.filter(line__order__in=order_ids).update(reason="", note="")
    CreditNote.objects.filter(order__in=order_ids).update(reason="")
    sold_files.forget(
        upload_ids=uploads - selectors.shown_uploads(uploads), proof_hashes=proofs - selectors.shown_proofs(proofs)
    )


def _orders_of(user_id: UUID) -> OrderQuerySet:
    """Those of the account, and those placed without one by whoever has proven to read the same address."""
    mine = Q(user=user_id)
    user = User.objects.get(pk=user_id)
    if user.is_email_verified:
        mine |= Q(user=None, email=user.email)
    return Order.objects.filter(mine)


def _drafts_of(user_id: UUID) -> QuerySet[DraftOrder]:
    """What staff noted that the person might order, or did."""
    mine = Q(customer=user_id)
    user = User.objects.get(pk=user_id)
    if user.is_email_verified:
        mine |= Q(customer=None, email=user.email)
    return DraftOrder.objects.filter(mine).order_by("created_at")


def _require_ended(orders: list[Order]) -> None:
    waiting = [order for order in orders if order.status not in _ENDED or order.is_disputed]
    if waiting:
        numbers = sorted(order.number for order in waiting)
        some = ", ".join(map(str, numbers[:_TOLD])) + (" and more" if numbers[_TOLD:] else "")
        detail = f"Some orders have not come to their end: {some}. Cancel them, or wait for their delivery."
        if any(order.user_id is None for order in waiting):
            # The account does not show them: whoever knows the address may have placed them.
            detail += " What was ordered as a guest with this address is cancelled by its own link, or by the shop."
        raise OrdersOpenError(detail, extra={"orders": numbers})


def _recently_touched(order_ids: list[UUID]) -> list[str]:
    """Those that answers kept under idempotency keys may still tell of."""
    events = DomainEvent.objects.filter(
        aggregate=AGGREGATE,
        aggregate_id__in=[str(pk) for pk in order_ids],
        occurred_at__gte=clock.now() - idempotency.KEPT,
    )
    return list(events.order_by().values_list("aggregate_id", flat=True).distinct())


def _orders(user_id: UUID) -> Iterator[dict[str, Any]]:
    lines = Prefetch("lines", OrderLine.objects.order_by("position"))
    orders = _orders_of(user_id).order_by("placed_at", "pk").prefetch_related(lines, "payments", "credit_notes")
    for order in orders.iterator(chunk_size=_ROWS_AT_ONCE):
        yield _order(order)


def _order(order: Order) -> dict[str, Any]:
    own = {field.attname: getattr(order, field.attname) for field in Order._meta.concrete_fields}  # noqa: SLF001 - Django's documented interface
    lines = [model_to_dict(line, exclude=["id", "order"]) for line in order.lines.all()]
    payments = [
        {**model_to_dict(payment, exclude=["order"]), "id": payment.pk, "created_at": payment.created_at}
        for payment in sorted(order.payments.all(), key=lambda payment: (payment.created_at, payment.pk))
    ]
    notes = [
        {"kind": note.kind, "amount": note.amount, "reason": note.reason, "created_at": note.created_at}
        for note in sorted(order.credit_notes.all(), key=lambda note: (note.created_at, note.pk))
    ]
    return {**own, "lines": lines, "payments": payments, "credit_notes": notes}


def _cart(user_id: UUID) -> list[dict[str, Any]]:
    """What they mean to order."""
    lines = CartLine.objects.filter(cart__user=user_id).order_by("pk")
    return [model_to_dict(line, exclude=["id", "cart", "fingerprint"]) for line in lines]


def _files(user_id: UUID) -> Iterator[Upload]:
    """The pictures that the person ordered with as a guest, and the print files of all that they ordered."""
    orders = _orders_of(user_id).order_by().values("pk")
    lines = OrderLine.objects.filter(order__in=orders).exclude(customizations=[])
    things = [thing for sold in lines.values_list("customizations", flat=True) for thing in sold]
    pictures = {upload["id"] for thing in things for upload in thing["uploads"]}
    # The account's own ones are told by whoever keeps them.
    for picture in Picture.objects.filter(pk__in=pictures).exclude(owner=f"user:{user_id}").order_by("pk"):
        yield Upload(f"uploads/{picture.pk}", str(picture.file))
    for proof in Proof.objects.filter(pk__in={thing["proof"] for thing in things} - {None}).order_by("pk"):
        yield Upload(f"proofs/{proof.pk}", str(proof.file))


def _events(user_id: UUID) -> Iterator[dict[str, Any]]:
    """What the customer was told, and what they said themselves; a word among staff is not theirs."""
    ids = _orders_of(user_id).order_by().values(text=Cast("pk", TextField()))
    # Without an account one speaks through a link to the order.
    theirs = Q(actor=f"user:{user_id}") | Q(actor__startswith="link:")
    about = Q(aggregate=AGGREGATE) | theirs & Q(aggregate=STAFF_AGGREGATE)
    events = DomainEvent.objects.filter(about, aggregate_id__in=ids).order_by("occurred_at", "pk")
    rows = events.values("aggregate_id", "name", "occurred_at", "data")
    yield from map(dict, rows.iterator(chunk_size=_ROWS_AT_ONCE))
