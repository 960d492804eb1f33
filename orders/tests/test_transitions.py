"""Moving orders: legal steps with their effects, everything else refused, whoever asks."""

import itertools
import threading
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError, connection, transaction

from catalog.errors import OutOfStockError
from catalog.models import Product, StockItem
from catalog.services import stock
from catalog.tests.factories import make_product
from fantasize.core import clock
from fantasize.core.errors import InvalidError, NotFoundError, PreconditionFailedError
from fantasize.core.models import DomainEvent
from orders import policies, states
from orders.enums import HoldOutcome, OrderStatus, PaymentMethod, PaymentStatus, Role
from orders.errors import IllegalTransitionError
from orders.models import Hold, Order, Payment
from orders.services import expiry
from orders.services.expiry import cancel_expired_orders
from orders.services.transitions import Move, move_order
from orders.tests.factories import make_order, move, put_under_review

pytestmark = pytest.mark.django_db
S = OrderStatus


def history(order: Order) -> list[tuple[int, str]]:
    events = DomainEvent.objects.filter(aggregate="order", aggregate_id=str(order.pk)).order_by("seq")
    return list(events.values_list("seq", "name"))


def stock_of(order: Order) -> tuple[int, int]:
    item = StockItem.objects.get(
        holds__order=order, holds__ended_at=Hold.objects.filter(order=order).latest("id").ended_at
    )
    return item.on_hand, item.held


def test_staff_bring_a_cash_order_home_step_by_step() -> None:
    order = make_order(product=make_product(price="10.00", stock=5), quantity=2)
    for status in (S.PROCESSING, S.PROCESSED, S.SHIPPED, S.DELIVERED):
        order = move(order, status)
        assert getattr(order, f"{status}_at") is not None
    assert history(order) == [
        (1, "order.placed"),
        (2, "order.processing"),
        (3, "order.processed"),
        (4, "order.shipped"),
        (5, "order.delivered"),
    ]
    assert stock_of(order) == (3, 0)
    assert (order.payment_status, order.version) == (PaymentStatus.PAID, 5)
    assert Payment.objects.get(order=order).amount == Decimal("20.00")


def test_what_is_sold_is_counted_and_what_is_cancelled_is_not() -> None:
    first, second = make_product(stock=5), make_product(stock=5)
    kept, undone = make_order(product=first, quantity=2), make_order(product=second, quantity=3)
    for order in (kept, undone):
        move(order, S.PROCESSING)
    counts = dict(Product.objects.values_list("pk", "sales_count"))
    assert counts == {first.pk: 2, second.pk: 3}
    move(undone, S.CANCELLED)
    assert dict(Product.objects.values_list("pk", "sales_count")) == {first.pk: 2, second.pk: 0}


def test_naming_a_later_status_takes_every_step_between() -> None:
    order = move(make_order(), S.SHIPPED, carrier="Royal Mail", tracking_number="RM1")
    assert [name for _, name in history(order)] == [
        "order.placed",
        "order.processing",
        "order.processed",
        "order.shipped",
    ]
    shipped = DomainEvent.objects.get(aggregate_id=str(order.pk), name="order.shipped")
    assert shipped.data == {
        "status": "shipped",
        "previous": "processed",
        "details": {"carrier": "Royal Mail", "tracking_number": "RM1"},
    }


def test_cancelling_gives_held_stock_back() -> None:
    order = move(make_order(product=make_product(stock=5), quantity=2), S.CANCELLED, role=Role.OWNER)
    assert stock_of(order) == (5, 0)
    assert Hold.objects.get(order=order).outcome == HoldOutcome.RELEASED


def test_cancelling_what_was_started_puts_it_back_on_the_shelf() -> None:
    order = make_order(product=make_product(stock=5), quantity=2)
    move(order, S.PROCESSING)
    order = move(order, S.CANCELLED)
    assert stock_of(order) == (5, 0)
    assert sum(Hold.objects.get(order=order).stock_item.movements.values_list("delta", flat=True)) == 5


@pytest.mark.parametrize(("restock", "left"), [(True, 5), (False, 3)])
def test_a_return_refunds_and_restocks_when_told_to(*, restock: bool, left: int) -> None:
    order = make_order(product=make_product(price="10.00", stock=5), quantity=2)
    move(order, S.DELIVERED)
    order = move(order, S.RETURNED, restock=restock)
    payment = Payment.objects.get(order=order)
    assert payment.refunded == payment.amount == Decimal("20.00")
    assert order.payment_status == PaymentStatus.REFUNDED
    assert stock_of(order)[0] == left


def test_a_parcel_that_came_back_unpaid_refunds_nothing() -> None:
    order = make_order()
    move(order, S.SHIPPED)
    order = move(order, S.RETURNED)
    assert order.payment_status == PaymentStatus.UNPAID
    assert not Payment.objects.filter(order=order).exists()


def test_an_approval_redates_the_hold_of_an_order_to_be_paid_online() -> None:
    order = put_under_review(make_order(method=PaymentMethod.HOSTED))
    order = move(order, S.PENDING)
    assert history(order)[-1][1] == "order.approved"
    assert order.hold_expires_at is not None
    assert order.hold_expires_at - clock.now() > timedelta(hours=71)


def test_a_cash_order_still_waits_for_ever_after_its_approval() -> None:
    order = move(put_under_review(make_order()), S.PENDING)
    assert order.hold_expires_at is None


def test_a_rejection_says_why_to_the_customer() -> None:
    order = put_under_review(make_order())
    with pytest.raises(InvalidError) as refusal:
        move(order, S.REJECTED, note="  ")
    assert refusal.value.errors[0].location == "/note"
    assert Order.objects.get(pk=order.pk).status == S.UNDER_REVIEW
    order = move(order, S.REJECTED, note="We cannot print this.")
    event = DomainEvent.objects.get(aggregate_id=str(order.pk), name="order.rejected")
    assert event.data["details"] == {"reason": "We cannot print this."}


def test_a_note_among_staff_is_not_in_the_customers_history() -> None:
    order = move(make_order(), S.PROCESSING, note="Check the ribbon.")
    assert len(history(order)) == 2
    note = DomainEvent.objects.get(aggregate="order_staff", aggregate_id=str(order.pk))
    assert note.data == {"note": "Check the ribbon."}


def test_a_late_payment_takes_the_stock_again() -> None:
    order = make_order(product=make_product(stock=2), quantity=2, method=PaymentMethod.HOSTED)
    move(order, S.CANCELLED, role=Role.SYSTEM)
    order = move(order, S.PROCESSING, role=Role.SYSTEM)
    assert StockItem.objects.get(holds__order=order, holds__outcome=HoldOutcome.CONSUMED).on_hand == 0


def test_a_late_payment_cannot_take_what_somebody_else_bought() -> None:
    product = make_product(stock=2)
    order = make_order(product=product, quantity=2, method=PaymentMethod.HOSTED)
    move(order, S.CANCELLED, role=Role.SYSTEM)
    stock.hold({product.stock_id: 1})
    with pytest.raises(OutOfStockError), transaction.atomic():
        move(order, S.PROCESSING, role=Role.SYSTEM)
    assert Order.objects.get(pk=order.pk).status == S.CANCELLED


def test_an_illegal_move_changes_nothing_and_says_what_is_legal() -> None:
    order = make_order()
    with pytest.raises(IllegalTransitionError) as refusal:
        move(order, S.REJECTED, note="no")
    assert refusal.value.extra["allowed_transitions"] == ["processing", "cancelled"]
    assert Order.objects.get(pk=order.pk).version == 1
    assert len(history(order)) == 1


def test_a_chain_that_breaks_in_the_middle_changes_nothing() -> None:
    order = make_order(product=make_product(stock=5), quantity=2)
    Hold.objects.filter(order=order).update(quantity=4)
    with pytest.raises(RuntimeError), transaction.atomic():
        move(order, S.DELIVERED)
    assert Order.objects.get(pk=order.pk).status == S.PENDING
    assert len(history(order)) == 1


def test_an_unknown_order_is_not_found() -> None:
    order = make_order()
    order.pk = "00000000-0000-4000-8000-000000000000"
    with pytest.raises(NotFoundError):
        move(order, S.PROCESSING)


def test_a_stale_version_is_refused() -> None:
    order = make_order()
    stale = Move(target=S.PROCESSING, actor="user:1", role=Role.STAFF)
    with pytest.raises(PreconditionFailedError) as refusal:
        move_order(order_id=order.pk, move=stale, expected_version=7)
    assert refusal.value.extra == {"current_version": 1}
    assert Order.objects.get(pk=order.pk).status == S.PENDING


def database_allows(order: Order, source: OrderStatus, target: OrderStatus) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE orders_order SET status = %s WHERE id = %s", [source, order.pk])
        cursor.execute("SET LOCAL session_replication_role = origin")
        try:
            with transaction.atomic():
                cursor.execute("UPDATE orders_order SET status = %s WHERE id = %s", [target, order.pk])
        except DatabaseError:
            return False
    return True


def test_the_database_knows_the_same_table() -> None:
    order, steps = make_order(), list(itertools.permutations(OrderStatus, 2))
    allowed = [step for step in steps if database_allows(order, *step)]
    assert allowed == [step for step in steps if states.is_legal(*step)]


def test_the_database_knows_how_orders_begin() -> None:
    order, begun = make_order(), set()
    for status in OrderStatus:
        Order.objects.filter(pk=order.pk).delete()
        order.status = status
        with suppress(DatabaseError), transaction.atomic():
            order.save(force_insert=True)
        begun |= {*Order.objects.filter(pk=order.pk).values_list("status", flat=True)}
    assert begun == states.INITIAL


@pytest.mark.parametrize(("minutes", "cancelled"), [(44, 0), (46, 1)])
def test_an_order_nobody_pays_gives_its_stock_back(minutes: int, cancelled: int) -> None:
    order = make_order(product=make_product(stock=5), quantity=2, method=PaymentMethod.HOSTED)
    with clock.frozen_at(order.placed_at + timedelta(minutes=minutes)):
        assert cancel_expired_orders() == cancelled
    assert stock_of(order) == (5, 0 if cancelled else 2)


def test_an_order_that_moved_on_meanwhile_is_not_cancelled() -> None:
    order = make_order(method=PaymentMethod.HOSTED)
    with clock.frozen_at(order.placed_at + timedelta(hours=1)):
        move(order, S.PROCESSING, role=Role.SYSTEM)
        assert cancel_expired_orders() == 0
    assert Order.objects.get(pk=order.pk).status == S.PROCESSING


def test_an_order_that_moves_while_the_expired_are_counted_wins() -> None:
    order = make_order(method=PaymentMethod.HOSTED)
    move(order, S.PROCESSING, role=Role.SYSTEM)
    assert expiry._cancel(order.pk, order.version) is False
    assert Order.objects.get(pk=order.pk).status == S.PROCESSING


def test_the_courier_brings_no_cash_for_an_order_paid_online() -> None:
    order = make_order(method=PaymentMethod.HOSTED)
    move(order, S.PROCESSING, role=Role.SYSTEM)
    move(order, S.DELIVERED)
    assert not Payment.objects.filter(order=order).exists()


def test_strangers_read_no_orders() -> None:
    make_order()
    assert not policies.for_actor(AnonymousUser()).exists()


@pytest.mark.django_db(transaction=True)
def test_of_staff_who_act_at_once_one_wins_and_the_history_is_legal() -> None:
    order = make_order(product=make_product(stock=5), quantity=2)
    wishes = [S.PROCESSING, S.CANCELLED] * 5
    barrier, done = threading.Barrier(len(wishes)), []

    def act(target: OrderStatus) -> None:
        try:
            barrier.wait()
            with transaction.atomic():
                move_order(
                    order_id=order.pk, move=Move(target=target, actor="user:1", role=Role.STAFF), expected_version=1
                )
            done.append(target)
        except (PreconditionFailedError, IllegalTransitionError):
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=act, args=(target,)) for target in wishes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 1
    assert [name for _, name in history(order)] == ["order.placed", f"order.{done[0]}"]
    item = StockItem.objects.get()
    assert (item.on_hand, item.held) == ((3, 0) if done[0] is S.PROCESSING else (5, 0))
