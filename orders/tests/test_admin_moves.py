"""The buttons of the order page: only legal ones, by POST, on the version that was shown, and never a 500."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from accounts.tests.factories import make_user
from catalog.models import StockItem
from catalog.tests.factories import make_product
from fantasize.core.models import DomainEvent
from fantasize.tests.staff import make_viewer, said, sign_in, signed_in
from fantasize.tests.standing import Standing
from orders import policies, states
from orders.admin import moves
from orders.enums import OrderStatus, PaymentMethod, PaymentStatus, Role
from orders.models import Order
from orders.services import transitions
from orders.tests.factories import make_order, move, put_under_review

pytestmark = pytest.mark.django_db
S = OrderStatus
STAFF_EDGES = [(edge.source, edge.target) for edge in states.EDGES if Role.STAFF in edge.roles]


def press(client: Client, order: Order, target: str, *, version: Any = None, **fields: str) -> Any:
    form = {"status": target, "version": version or order.version, **fields}
    return client.post(f"/admin/orders/order/{order.pk}/move/", form)


def fresh(order: Order) -> Order:
    return Order.objects.get(pk=order.pk)


def everything(order: Order) -> Any:
    events = DomainEvent.objects.filter(aggregate_id=str(order.pk)).order_by("pk")
    return Order.objects.filter(pk=order.pk).values().get(), list(events.values())


def in_status(status: OrderStatus) -> Order:
    order = make_order()
    if status in {S.UNDER_REVIEW, S.REJECTED}:
        order = put_under_review(order)
        return order if status is S.UNDER_REVIEW else move(order, status, note="No")
    if status is S.RETURNED:
        return move(move(order, S.DELIVERED), S.RETURNED)
    return order if status is S.PENDING else move(order, status)


@pytest.fixture(scope="module")
def built_orders(standing: Standing) -> Callable[[], dict[OrderStatus, Order]]:
    return standing(lambda: {status: in_status(status) for status in S})


@pytest.fixture
def orders(built_orders: Callable[[], dict[OrderStatus, Order]]) -> dict[OrderStatus, Order]:
    """An order in each status."""
    return built_orders()


@pytest.mark.parametrize("source", list(S))
def test_exactly_the_legal_moves_have_buttons_and_every_other_is_refused(
    source: OrderStatus, orders: dict[OrderStatus, Order], manager: Client
) -> None:
    order = orders[source]
    before = everything(order)
    page = manager.get(f"/admin/orders/order/{order.pk}/change/").content.decode()
    shown = {target for target in S if f'data-move="{target.value}"' in page}
    assert shown == set(states.targets(source, Role.STAFF, is_cash=True))
    assert page.count('name="csrfmiddlewaretoken"') >= len(shown)
    for target in [target for target in S if not states.path(source, target, Role.STAFF, is_cash=True)]:
        answer = press(manager, order, target, note="Because")
        assert said(answer)[-1].startswith(f"An order that is {source.label.lower()} cannot become")
    assert everything(order) == before


def test_the_buttons_are_what_the_api_says_is_allowed() -> None:
    manager = make_user(role="manager")
    order = make_order(method=PaymentMethod.HOSTED)
    targets = [button.target for button in moves.buttons_for(manager, order)]
    assert targets == policies.allowed_transitions(manager, order) == [S.CANCELLED]


@pytest.mark.parametrize(("source", "target"), STAFF_EDGES)
def test_every_edge_of_staff_can_be_pressed(
    source: OrderStatus, target: OrderStatus, orders: dict[OrderStatus, Order]
) -> None:
    order = orders[source]
    manager = make_user(role="manager")
    answer = press(signed_in(manager), order, target, note="Because")
    assert said(answer) == [f"The order is now {target.label.lower()}."]
    assert answer["Location"] == f"/admin/orders/order/{order.pk}/change/"
    moved = fresh(order)
    assert (moved.status, moved.version) == (target, order.version + 1)
    event = DomainEvent.objects.filter(aggregate="order", aggregate_id=str(order.pk)).latest("seq")
    assert (event.data["status"], event.actor) == (target, manager.actor)


def test_shipping_keeps_carrier_and_tracking_number(orders: dict[OrderStatus, Order], manager: Client) -> None:
    order = orders[S.PROCESSED]
    press(manager, order, "shipped", carrier="Royal Mail", tracking_number="RM1GB")
    assert (fresh(order).carrier, fresh(order).tracking_number) == ("Royal Mail", "RM1GB")


def test_a_rejection_needs_its_reason(orders: dict[OrderStatus, Order], manager: Client) -> None:
    order = orders[S.UNDER_REVIEW]
    before = everything(order)
    assert said(press(manager, order, "rejected", note="  ")) == ["Say why: the customer will read it."]
    assert everything(order) == before
    press(manager, order, "rejected", note="We cannot engrave that.")
    assert fresh(order).status == S.REJECTED
    event = DomainEvent.objects.get(aggregate_id=str(order.pk), name="order.rejected")
    assert event.data["details"] == {"reason": "We cannot engrave that."}


@pytest.mark.parametrize(("fields", "on_hand"), [({}, 8), ({"restock": "on"}, 10)])
def test_returned_goods_go_back_in_stock_only_when_asked(fields: dict[str, str], on_hand: int, manager: Client) -> None:
    product = make_product(stock=10)
    order = move(make_order(product=product, quantity=2), S.DELIVERED)
    press(manager, order, "returned", **fields)
    assert fresh(order).payment_status == PaymentStatus.REFUNDED
    assert StockItem.objects.get(pk=product.stock_id).on_hand == on_hand


class TestStalePages:
    """What was shown is what is moved."""

    def test_an_order_that_changed_meanwhile_is_left_alone(
        self, orders: dict[OrderStatus, Order], manager: Client
    ) -> None:
        order = orders[S.PENDING]
        move(order, S.PROCESSING)
        before = everything(order)
        assert said(press(manager, order, "cancelled", version=order.version)) == [moves.CHANGED_MEANWHILE]
        assert everything(order) == before

    def test_pressing_twice_moves_once(self, orders: dict[OrderStatus, Order], manager: Client) -> None:
        order = orders[S.PROCESSING]
        first, second = (press(manager, order, "processed", version=order.version) for _ in range(2))
        assert said(second)[-1] == moves.CHANGED_MEANWHILE
        assert first.status_code == second.status_code == 302
        assert fresh(order).version == order.version + 1


def test_bad_input_is_refused_and_changes_nothing(orders: dict[OrderStatus, Order], manager: Client) -> None:
    order = orders[S.PROCESSED]
    before = everything(order)
    faults = [
        ({"status": "lost"}, "Status: "),
        ({"status": ""}, "Status: "),
        ({"carrier": "x" * 81}, "Carrier: "),
        ({"tracking_number": "x" * 121}, "Tracking number: "),
        ({"note": "x" * 1001}, "Note: "),
        ({"note": "a\x00b"}, "Note: "),
        *(({"version": version}, "Version: ") for version in ("", "0", "-1", "x", "9" * 30, "\x00")),
    ]
    for fields, message in faults:
        form = {"status": "shipped", "version": str(order.version), **fields}
        answer = manager.post(f"/admin/orders/order/{order.pk}/move/", form)
        assert said(answer)[-1].startswith(message), fields
    assert everything(order) == before


def test_a_busy_database_is_a_message(
    monkeypatch: pytest.MonkeyPatch, orders: dict[OrderStatus, Order], manager: Client
) -> None:
    order = orders[S.PENDING]

    def deadlock(**_: Any) -> None:
        raise OperationalError("deadlock detected")

    monkeypatch.setattr(transitions, "move_order", deadlock)
    assert said(press(manager, order, "processing")) == [moves.BUSY]


def test_an_order_that_is_not_there_is_a_message(orders: dict[OrderStatus, Order], manager: Client) -> None:
    order = orders[S.PENDING]
    Order.objects.filter(pk=order.pk).delete()
    assert said(press(manager, order, "processing")) == ["Not found."]


class TestRights:
    """Seeing an order is not moving it."""

    def test_without_the_right_there_are_no_buttons_and_posts_are_refused(
        self, orders: dict[OrderStatus, Order]
    ) -> None:
        order = orders[S.PENDING]
        before = everything(order)
        client = signed_in(make_viewer("orders.view_order"))
        assert "data-move" not in client.get(f"/admin/orders/order/{order.pk}/change/").content.decode()
        assert press(client, order, "processing").status_code == 403
        assert everything(order) == before

    def test_customers_are_sent_to_sign_in_even_for_their_own_orders(self, orders: dict[OrderStatus, Order]) -> None:
        order = orders[S.PENDING]
        before = everything(order)
        answer = press(signed_in(order.user), order, "cancelled")
        assert answer["Location"].startswith("/admin/login/")
        assert everything(order) == before

    def test_a_link_moves_nothing(self, orders: dict[OrderStatus, Order], manager: Client) -> None:
        order = orders[S.PENDING]
        before = everything(order)
        answer = manager.get(f"/admin/orders/order/{order.pk}/move/?status=processing&version=1")
        assert answer.status_code == 405
        assert everything(order) == before

    def test_a_post_from_elsewhere_is_refused(self, orders: dict[OrderStatus, Order]) -> None:
        order = orders[S.PENDING]
        before = everything(order)
        client = Client(enforce_csrf_checks=True)
        sign_in(client, make_user(role="manager"))
        assert press(client, order, "processing").status_code == 403
        assert everything(order) == before
