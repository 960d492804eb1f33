"""Nothing goes on unapproved, whichever door somebody tries: the database has the last word."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from pytest_django import Settings

from accounts.models import User
from accounts.tests.factories import make_user
from fantasize.core.errors import DomainError
from fantasize.tests.client import ApiClient
from fantasize.tests.staff import signed_in
from orders.enums import OrderStatus, PaymentMethod, ReviewState, Role
from orders.models import LineReview, Order, OrderLine
from orders.services import settling
from orders.tests.factories import move
from orders.tests.special import answer_otherwise, decide, lines_of, order_special, review_of

pytestmark = pytest.mark.django_db
S = OrderStatus
MANAGER = "mia@example.com"
MACHINE = "a-long-enough-key-for-a-robot"
Door = Callable[[Order], Any]

_APPROVE = "UPDATE orders_linereview SET state = 'approved', decided_by = 'me', decided_at = now(), fingerprint = {}"
_STALE = "encode(sha256('what it was'), 'hex')"
_MOVE = "UPDATE orders_order SET status = '{}' WHERE id = %(order)s"
_STRIP = "UPDATE orders_orderline SET customizations = '[]', erased_at = now() WHERE order_id = %(order)s"
_PASS_ON = """
    UPDATE orders_linereview SET line_id = (
        SELECT max(line.id) FROM orders_orderline AS line
          LEFT JOIN orders_linereview AS other ON other.line_id = line.id WHERE other.id IS NULL
    )
"""
_PENDING, _PROCESSING, _CANCELLED = (_MOVE.format(status) for status in ("pending", "processing", "cancelled"))


def sql(*statements: str) -> Door:
    def run(order: Order) -> None:
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement, {"order": order.pk})

    return run


def api(prefix: str, target: str, path: str = "/orders/{}/status") -> Door:
    def call(order: Order) -> None:
        client = ApiClient(User.objects.get(email=MANAGER), prefix=prefix)
        client.call("PUT", path.format(order.pk), {"status": target}, If_Match="*")

    return call


def machine(order: Order) -> None:
    client = ApiClient()
    client.headers = {"X-API-Key": MACHINE}
    client.call("PUT", f"/orders/{order.pk}/status", {"status": "processed"})


def button(target: str) -> Door:
    def press(order: Order) -> None:
        form = {"status": target, "version": order.version}
        signed_in(User.objects.get(email=MANAGER)).post(f"/admin/orders/order/{order.pk}/move/", form)

    return press


def bulk(action: str) -> Door:
    def choose(order: Order) -> None:
        signed_in(User.objects.get(email=MANAGER)).post(
            "/admin/orders/order/", {"action": action, "_selected_action": str(order.pk)}
        )

    return choose


def service(target: OrderStatus, role: Role) -> Door:
    return lambda order: move(order, target, role=role)


def save(target: str) -> Door:
    def write(order: Order) -> None:
        order = Order.objects.get(pk=order.pk)
        order.status = target
        order.save()

    return write


def pay(order: Order) -> None:
    payment = order.payments.create(amount=order.total, currency=order.currency, method=PaymentMethod.HOSTED)
    settling.capture(Order.objects.get(pk=order.pk), payment)


def bulk_write(order: Order) -> None:
    LineReview.objects.filter(line__order=order).update(state=ReviewState.APPROVED, fingerprint="0" * 64)
    Order.objects.filter(pk=order.pk).update(status="pending")


def delete_reviews(order: Order) -> None:
    LineReview.objects.filter(line__order=order).delete()
    OrderLine.objects.filter(order=order).update(customizations=[])
    Order.objects.filter(pk=order.pk).update(status="pending")


DOORS: dict[str, Door] = {
    **{f"api {prefix}": api(prefix, "pending") for prefix in ("/api/v2", "/api/v1", "/api/v0", "/api", "")},
    **{f"api {to}": api("/api/v2", to) for to in ("processing", "processed", "shipped", "delivered")},
    "api edit": api("/api/v1", "pending", "/orders/{}"),
    "factory": machine,
    **{f"button {to}": button(to) for to in ("pending", "processing", "shipped")},
    **{f"bulk {action}": bulk(action) for action in ("move_to_processed", "move_to_shipped")},
    **{f"staff {to}": service(to, Role.STAFF) for to in (S.PENDING, S.PROCESSING)},
    **{f"system {to}": service(to, Role.SYSTEM) for to in (S.PENDING, S.PROCESSING)},
    **{f"orm {to}": save(to) for to in ("pending", "processing")},
    "payment": pay,
    "orm bulk": bulk_write,
    "orm delete": delete_reviews,
    "sql pending": sql(_PENDING),
    "sql processing": sql(_PROCESSING),
    "sql resurrection": sql(_CANCELLED, _PROCESSING),
    "sql approval without a fingerprint": sql(_APPROVE.format("''"), _PENDING),
    "sql approval of something else": sql(_APPROVE.format(_STALE), _PENDING),
    "sql delete": sql("DELETE FROM orders_linereview", _STRIP, _PENDING),
    "sql strip": sql(_STRIP, _PENDING),
    "sql move": sql(_PASS_ON, _STRIP, _PENDING),
}


@pytest.fixture(autouse=True)
def _staff(settings: Settings) -> None:
    settings.API_KEYS = [f"robot:{MACHINE}:orders.view_order+orders.change_order"]
    make_user(role="manager", email=MANAGER)


def outcome(door: Door, order: Order) -> tuple[str, bool]:
    """The status that somebody reaches through a door in a transaction of their own, and whether it is being made.

    Afterwards nothing has happened.
    """
    try:
        with transaction.atomic():
            with transaction.atomic(), connection.cursor() as cursor:
                door(order)
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            row = Order.objects.get(pk=order.pk)
            transaction.set_rollback(True)
            return row.status, row.processing_at is not None or row.status == S.PROCESSING
    except (DomainError, IntegrityError):
        row = Order.objects.get(pk=order.pk)
        return row.status, row.processing_at is not None


def outcomes(order: Order) -> set[tuple[str, bool]]:
    return {outcome(door, Order.objects.get(pk=order.pk)) for door in DOORS.values()}


def test_what_waits_for_staff_goes_nowhere() -> None:
    order = order_special(plain=1, method=PaymentMethod.CASH_ON_DELIVERY)
    assert outcomes(order) == {(S.UNDER_REVIEW, False)}


def test_what_was_changed_after_its_approval_is_not_made() -> None:
    order = order_special(plain=1, method=PaymentMethod.CASH_ON_DELIVERY)
    special, _ = lines_of(order)
    decide(special)
    answer_otherwise(special)
    assert (review_of(special).state, review_of(special).is_voided) == (ReviewState.WAITING, True)
    assert outcomes(order) == {(S.PENDING, False)}


def test_what_nobody_has_looked_at_is_not_made() -> None:
    """As if somebody had written the line into an order themselves."""
    order = order_special(plain=2, method=PaymentMethod.CASH_ON_DELIVERY)
    special, plain, _ = lines_of(order)
    decide(special)
    OrderLine.objects.filter(pk=plain.pk).update(customizations=special.customizations)
    assert outcomes(order) == {(S.PENDING, False)}


def test_what_costs_more_than_the_shopper_knows_is_not_made() -> None:
    order = order_special(method=PaymentMethod.CASH_ON_DELIVERY)
    decide(lines_of(order)[0], extra_charge=Decimal(1))
    assert outcomes(order) == {(S.PENDING, False)}


def test_the_doors_are_open_for_what_is_approved() -> None:
    """The control: it is the approval that was missed."""
    order = order_special(method=PaymentMethod.CASH_ON_DELIVERY)
    decide(lines_of(order)[0])
    open_doors = {name for name, door in DOORS.items() if outcome(door, Order.objects.get(pk=order.pk))[1]}
    assert open_doors >= {
        *("api processing", "api shipped", "button processing", "bulk move_to_processed"),
        *("system processing", "orm processing", "sql processing", "sql resurrection", "payment"),
    }


def test_an_approval_is_bound_to_what_the_line_is() -> None:
    order = order_special()
    for fingerprint in ("''", _STALE):
        with pytest.raises(IntegrityError), transaction.atomic():
            sql(_APPROVE.format(fingerprint))(order)
    LineReview.objects.filter(line__order=order).delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        connection.check_constraints()
    LineReview.objects.create(line=lines_of(order)[0])
    connection.check_constraints()
    assert review_of(lines_of(order)[0]).state == ReviewState.WAITING


def test_an_order_can_be_deleted_with_its_reviews() -> None:
    order = order_special()
    Order.objects.filter(pk=order.pk).delete()
    connection.check_constraints()
    assert not LineReview.objects.exists()


def test_the_same_answers_written_again_void_nothing() -> None:
    order = order_special()
    (line,) = lines_of(order)
    decide(line)
    OrderLine.objects.filter(pk=line.pk).update(customizations=line.customizations, name="Renamed")
    assert review_of(line).state == ReviewState.APPROVED
