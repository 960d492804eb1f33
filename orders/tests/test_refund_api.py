"""Giving money back over HTTP: by staff who name the version they saw, once under a key."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.tests.factories import make_user
from catalog.tests.factories import make_product
from fantasize.tests.client import ApiClient, Reply
from fantasize.tests.standing import Standing
from orders.enums import OrderStatus
from orders.models import CreditNote, Order
from orders.services.baskets import LineRequest
from orders.tests.factories import move
from orders.tests.refunds import broken, make_paid, money_of, on_hand

pytestmark = pytest.mark.django_db


class Desk:
    """A paid order of two mugs at 10.00, and staff who handle it."""

    def __init__(self) -> None:
        self.customer = make_user()
        self.mug = make_product(price="10.00", stock=10)
        self.order = make_paid(LineRequest(self.mug.pk, 2), user=self.customer)
        self.staff = ApiClient(make_user(role="manager"))
        self.line = self.order.lines.get().pk

    def post(self, body: Any, action: str = "refund", *, caller: ApiClient | None = None, **headers: str) -> Reply:
        sent = {"Idempotency_Key": "a", "If_Match": "*"} | headers
        return (caller or self.staff).post(f"/orders/{self.order.pk}/{action}", body, **sent)

    def piece(self, quantity: int = 1, **more: Any) -> dict[str, Any]:
        return {"lines": [{"line": self.line, "quantity": quantity}], "reason": "Broken"} | more


@pytest.fixture(scope="module")
def built_desk(standing: Standing) -> Callable[[], Desk]:
    return standing(Desk)


@pytest.fixture
def desk(built_desk: Callable[[], Desk]) -> Desk:
    return built_desk()


def test_staff_give_back_and_the_customer_reads_what_for(desk: Desk) -> None:
    answer = desk.post(desk.piece(restock=True))
    assert (answer.status, answer.data["payment_status"]) == (200, "partially_refunded")
    assert answer.headers["ETag"] == f'"{desk.order.version + 1}"'
    assert desk.post(desk.piece(restock=True)).headers["Idempotency-Replayed"] == "true"
    desk.post({"amount": "2.50", "reason": "Late"}, Idempotency_Key="b")
    for reader in (ApiClient(desk.customer), desk.staff):
        pieces, amount = reader.get(f"/orders/{desk.order.pk}/credit-notes").data
        assert [amount[name] for name in ("kind", "amount", "currency", "reason", "lines")] == [
            *("refund", "2.50", "USD", "Late"),
            [],
        ]
        assert pieces["lines"] == [{"line": desk.line, "part": None, "quantity": 1, "amount": "10.00"}]
        assert "created_by" not in pieces
    assert (money_of(desk.order)[1:], on_hand(desk.mug), broken()) == ((12.5, 7.5), [9], set())


def test_goods_that_come_back_return_the_order(desk: Desk) -> None:
    early = desk.post(desk.piece(), "return")
    assert (early.status, early.body["code"]) == (409, "illegal_transition")
    move(desk.order, OrderStatus.SHIPPED)
    assert desk.post(desk.piece(), "return").data["status"] == "shipped"
    answer = desk.post(desk.piece(), "return", Idempotency_Key="b")
    assert (answer.data["status"], answer.data["payment_status"]) == ("returned", "refunded")
    again = desk.post({"amount": 1, "reason": "More"}, Idempotency_Key="c")
    assert (again.status, again.body["code"]) == (409, "nothing_to_refund")


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ({}, {"/amount": "required", "/reason": "required"}),
        ({"lines": [], "reason": " "}, {"/lines": "min_length", "/reason": "blank"}),
        ({"amount": 1, "lines": [{"line": 1, "quantity": 1}], "reason": "x"}, {"/lines": "exclusive"}),
        ({"amount": 1, "restock": True, "reason": "x"}, {"/restock": "not_allowed"}),
        ({"amount": "1.001", "reason": "x"}, {"/amount": "max_decimal_places"}),
        ({"amount": 0, "reason": "x"}, {"/amount": "out_of_range"}),
        ({"amount": "20.01", "reason": "x"}, {"/amount": "out_of_range"}),
        ({"lines": [{"line": 2**62, "quantity": 1}], "reason": "x"}, {"/lines/0/line": "does_not_exist"}),
        ({"lines": [{"line": 1, "quantity": 0}], "reason": "x"}, {"/lines/0/quantity": "min_value"}),
        ({"amount": 1, "reason": "x", "total": "9"}, {"/total": "unknown_field"}),
    ],
)
def test_what_is_wrong_is_named_and_nothing_goes_back(desk: Desk, body: Any, faults: dict[str, str]) -> None:
    answer = desk.post(body)
    assert (answer.status, answer.faults) == (422, faults)
    assert not CreditNote.objects.exists()


def test_only_staff_give_back(desk: Desk) -> None:
    for caller, status in ((ApiClient(desk.customer), 403), (ApiClient(make_user()), 404), (ApiClient(), 401)):
        for action in ("refund", "return"):
            assert desk.post(desk.piece(), action, caller=caller).status == status
    assert desk.post(desk.piece(), caller=ApiClient(desk.customer)).status == 403
    assert ApiClient(make_user()).get(f"/orders/{desk.order.pk}/credit-notes").status == 404
    assert not CreditNote.objects.exists()


def test_v2_asks_for_a_key_and_the_version(desk: Desk) -> None:
    path = f"/orders/{desk.order.pk}/refund"
    body = {"amount": "1.00", "reason": "x"}
    assert desk.staff.post(path, body, If_Match="*").body["code"] == "idempotency_key_missing"
    assert desk.staff.post(path, body, Idempotency_Key="k").body["code"] == "precondition_required"
    assert desk.post(body, If_Match='"99"').status == 412
    assert not CreditNote.objects.exists()
    older = ApiClient(make_user(role="manager"), prefix="/api/v1")
    assert older.post(path, body).body["payment_status"] == "partially_refunded"
    assert Order.objects.get(pk=desk.order.pk).version == desk.order.version + 1
