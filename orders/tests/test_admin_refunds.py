"""The refund page: shows the sum first, does just that when it is confirmed, and nothing on a stale page."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from catalog.tests.factories import make_package, make_product
from fantasize.core.errors import PreconditionFailedError
from fantasize.core.models import DomainEvent
from fantasize.tests.staff import make_viewer, signed_in
from fantasize.tests.standing import Standing
from orders.enums import OrderStatus
from orders.errors import NothingToRefundError
from orders.models import CreditNote, Order
from orders.services import credit_notes
from orders.services.baskets import LineRequest
from orders.tests.factories import make_order, move
from orders.tests.refunds import broken, give, make_paid, money_of, on_hand

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def built_order(standing: Standing) -> Callable[[], Order]:
    return standing(lambda: make_paid(LineRequest(make_product(price="10.00").pk, 1)))


@pytest.fixture
def order(built_order: Callable[[], Order]) -> Order:
    """A paid order of one thing at 10.00."""
    return built_order()


def link(order: Order) -> str:
    return f"/admin/orders/order/{order.pk}/refund/"


def send(order: Order, client: Client | None = None, **said: Any) -> str:
    """What the page says after it was sent, wherever it leads."""
    body = {"version": order.version, "kind": "refund", "reason": "Broken"} | said
    return (client or signed_in()).post(link(order), body, follow=True).content.decode()


def test_the_sum_is_shown_before_it_goes_back(manager: Client) -> None:
    mug = make_product(name="Oak mug", price="10.00", stock=10)
    order = make_paid(LineRequest(mug.pk, 3))
    field = f"line_{order.lines.get().pk}"
    assert link(order) in manager.get(f"/admin/orders/order/{order.pk}/change/").content.decode()
    empty = manager.get(link(order)).content.decode()
    assert "Oak mug" in empty
    assert "data-sum" not in empty
    shown = send(order, manager, **{field: 2, "restock": "on"})
    assert 'data-sum="20.00"' in shown
    assert "The pieces go back in stock." in shown
    assert not CreditNote.objects.exists()
    done = send(order, manager, **{field: 2, "restock": "on", "confirm": "20.00"})
    assert "20.00 USD goes back to the customer." in done
    assert 'data-credit="refund"' in done
    assert (money_of(order)[1:], on_hand(mug), broken()) == ((20, 10), [9], set())


def test_an_amount_without_cents_is_told_with_them(order: Order) -> None:
    assert 'data-sum="4.00"' in send(order, amount="4")
    send(order, amount="4", confirm="4.00")
    [event] = DomainEvent.objects.filter(name="order.refunded")
    assert event.data["details"]["refunded"] == "4.00"


def test_what_was_changed_after_the_sum_was_shown_is_shown_again(order: Order) -> None:
    shown = send(order, amount="4.00", confirm="3.00")
    assert 'data-sum="4.00"' in shown
    assert not CreditNote.objects.exists()


def test_a_stale_page_does_nothing(order: Order) -> None:
    give(order, amount="1.00")
    refused = send(order, amount="4.00", confirm="4.00")
    assert "Somebody changed this order" in refused
    assert money_of(order)[1] == 1
    order.refresh_from_db()
    assert f'name="version" value="{order.version}"' in refused, "what it shows now can be sent"


@pytest.mark.parametrize(
    ("refusal", "told"),
    [
        (PreconditionFailedError(), "Somebody changed this order"),
        (NothingToRefundError("There is no money to give back."), "There is no money to give back."),
        (OperationalError(), "Somebody else is working on this order"),
    ],
)
def test_who_comes_second_is_told_so(
    monkeypatch: pytest.MonkeyPatch, refusal: Exception, told: str, order: Order
) -> None:

    def refuse(**_: object) -> None:
        raise refusal

    monkeypatch.setattr(credit_notes, "give", refuse)
    assert told in send(order, amount="4.00", confirm="4.00")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({}, "Say how many of what goes back, or an amount."),
        ({"amount": "1", "line": 1}, "not both"),
        ({"amount": "1", "restock": "on"}, "An amount is of no pieces"),
        ({"amount": "1.001"}, "2 decimal places"),
        ({"amount": "11"}, "Between nothing and 10.00 USD can go back."),
        ({"line": 2}, "less than or equal to 1"),
        ({"amount": "1", "reason": ""}, "This field is required."),
        ({"amount": "1", "kind": "return"}, "not one of the available choices"),
    ],
)
def test_what_is_wrong_is_said_on_the_page(said: dict[str, Any], told: str, order: Order) -> None:
    named = {f"line_{order.lines.get().pk}" if name == "line" else name: value for name, value in said.items()}
    page = send(order, **({"confirm": "1.00"} | named))
    assert told in page
    assert not CreditNote.objects.exists()


def test_parts_come_back_by_themselves_and_the_last_with_shipping() -> None:
    mug, card = make_product(price="8.00"), make_product(price="2.00")
    order = make_paid(LineRequest(package_id=make_package((mug, 1), (card, 1)).pk))
    order = move(order, OrderStatus.SHIPPED)
    line = order.lines.get().pk
    first: dict[str, Any] = {f"line_{line}_part_{mug.pk}": 1, "kind": "return"}
    send(order, **first, confirm="8.00")
    order.refresh_from_db()
    last: dict[str, Any] = {f"line_{line}_part_{card.pk}": 1, "kind": "return"}
    assert "Nothing is left of the order then" in send(order, **last)
    send(order, **last, confirm="2.00")
    order.refresh_from_db()
    assert (order.status, order.payment_status) == ("returned", "refunded")


def test_only_those_who_handle_orders_give_back(order: Order) -> None:
    viewer = signed_in(make_viewer("orders.view_order"))
    assert viewer.get(link(order)).status_code == viewer.post(link(order), {}).status_code == 403
    page = viewer.get(f"/admin/orders/order/{order.pk}/change/").content.decode()
    assert link(order) not in page
    unpaid = make_order()
    assert link(unpaid) not in signed_in().get(f"/admin/orders/order/{unpaid.pk}/change/").content.decode()
    assert signed_in().get(f"/admin/orders/order/{order.user_id}/refund/").status_code == 404
    assert not CreditNote.objects.exists()
