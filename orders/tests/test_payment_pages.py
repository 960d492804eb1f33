"""The sandbox's page and the page that payments lead back to."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import pytest
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.tests.factories import make_user
from catalog.services.coupons import NewCoupon, create_coupon
from catalog.tests.factories import make_product
from fantasize.core import clock
from fantasize.core.models import DomainEvent
from orders import tasks
from orders.enums import OrderStatus, PaymentMethod, Role
from orders.models import Order, PaymentSession, SandboxSession
from orders.payments import sandbox
from orders.payments.base import GatewayDownError, GatewayRefusedError
from orders.services import refunding, sandbox_page, settling
from orders.services.baskets import LineRequest
from orders.services.expiry import cancel_expired_orders
from orders.services.quoting import Wishes
from orders.tests.customized import place
from orders.tests.factories import move
from orders.tests.payment_shop import alerts, make_unpaid, names_of, open_page, payment_of, standing, tell

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(unpaid: Order) -> Order:
    return unpaid


@pytest.fixture(autouse=True)
def wire() -> Iterator[list[str]]:
    """What the sandbox sends arrives at once, without a network in between."""
    sent: list[str] = []

    def arrive(provider_id: str, kind: str) -> None:
        sent.append(kind)
        tell(sandbox.event_document(SandboxSession.objects.get(provider_id=provider_id), kind))

    with patch.object(sandbox, "send", arrive):
        yield sent


def page_of(session: PaymentSession) -> str:
    return session.redirect_url.removeprefix("http://localhost:5000")


def press(session: PaymentSession, action: str) -> Any:
    return Client(enforce_csrf_checks=True).post(page_of(session), {"action": action})


def test_the_page_says_what_is_paid_for_and_has_its_four_buttons_without_a_script() -> None:
    order = make_unpaid(product=make_product(price="1234.50"))
    answer = Client().get(page_of(open_page(order)))
    html = answer.content.decode()
    assert answer.status_code == 200
    assert f"Order {order.number}" in html
    assert "1,234.50" in html
    for action in sandbox.ACTIONS:
        assert f'name="action" value="{action}"' in html
    assert "<script" not in html
    assert order.email not in html
    assert answer["Cache-Control"].startswith("max-age=0, no-cache, no-store")
    assert (answer["Referrer-Policy"], answer["X-Robots-Tag"]) == ("no-referrer", "noindex")


@pytest.mark.parametrize(
    ("action", "outcome", "said"),
    [
        ("pay", ("processing", "paid"), "Thank you!"),
        ("fail", ("pending", "failed"), "The payment failed"),
        ("cancel", ("pending", "unpaid"), "Not paid yet"),
        ("pay_late", ("pending", "pending"), "One moment"),
    ],
)
def test_each_button_does_what_it_says_and_leads_back(
    action: str, outcome: tuple[str, str], said: str, order: Order
) -> None:
    session = open_page(order)
    back = press(session, action)
    assert back.status_code == 302
    assert standing(order) == outcome
    assert back["Location"] == f"http://localhost:5000/pay/return/{session.pk}"
    html = Client().get(f"/pay/return/{session.pk}").content.decode()
    assert said in html
    assert ("http-equiv" in html) is (action == "pay_late"), "only who waits is shown the page anew"
    assert order.email not in html


def test_the_return_page_pays_nothing(order: Order) -> None:
    session = open_page(order)
    for _ in range(2):
        answer = Client().get(f"/pay/return/{session.pk}")
        assert "One moment" in answer.content.decode()
    assert standing(order) == ("pending", "unpaid")
    assert Client().post(f"/pay/return/{session.pk}").status_code == 405


def test_a_page_that_is_over_does_nothing_more(wire: list[str], order: Order) -> None:
    session = open_page(order)
    press(session, "pay")
    for action in ("fail", "cancel", "pay", "pay_late"):
        assert press(session, action)["Location"].endswith(f"/pay/return/{session.pk}")
    assert wire == ["checkout.session.completed"]
    assert standing(order) == ("processing", "paid")
    assert "This is paid" in Client().get(page_of(session)).content.decode()


def test_nobody_pays_on_a_page_whose_time_is_over(wire: list[str]) -> None:
    session = open_page(make_unpaid())
    with clock.frozen_at(session.expires_at):
        assert "This page is closed" in Client().get(page_of(session)).content.decode()
        press(session, "pay")
    assert wire == []


@pytest.mark.parametrize("action", ["", "refund", "PAY"])
def test_an_unknown_button_is_refused(action: str, wire: list[str]) -> None:
    session = open_page(make_unpaid())
    answer = press(session, action)
    assert (answer.status_code, wire) == (400, [])
    assert "Choose one of the buttons" in answer.content.decode()


def test_pages_that_nobody_has_are_not_found() -> None:
    for path in ("/pay/sandbox/cs_sandbox_x", f"/pay/return/{uuid4()}"):
        assert Client().get(path).status_code == 404
    assert Client().post("/pay/sandbox/cs_sandbox_x", {"action": "pay"}).status_code == 404
    assert Client().post("/pay/sandbox/cs_sandbox_x", {}).status_code == 404


def pay_late(order: Order) -> PaymentSession:
    """Pressed in time, paid after the goods were given back."""
    session = open_page(order)
    press(session, "pay_late")
    job = ProcrastinateJob.objects.get(task_name="orders.tasks.pay_sandbox_late")
    order.refresh_from_db()
    assert job.scheduled_at is not None
    assert order.hold_expires_at is not None
    assert job.scheduled_at > order.hold_expires_at
    with clock.frozen_at(order.hold_expires_at + timedelta(seconds=1)):
        cancel_expired_orders()
    assert standing(order)[0] == "cancelled"
    return session


def test_a_late_payment_is_honoured_while_the_goods_can_still_be_had() -> None:
    order = make_unpaid(product=make_product(stock=1))
    session = pay_late(order)
    assert "The reservation has ended" in Client().get(f"/pay/return/{session.pk}").content.decode()
    tasks.pay_sandbox_late(session.provider_id)
    assert standing(order) == ("processing", "paid")
    assert names_of(order) == ["placed", "cancelled", "paid", "processing"]


def test_a_late_payment_goes_back_when_the_goods_are_sold_and_the_shopper_is_told() -> None:
    product = make_product(stock=1)
    order = make_unpaid(product=product)
    session = pay_late(order)
    make_unpaid(product=product)
    tasks.pay_sandbox_late(session.provider_id)
    assert standing(order) == ("cancelled", "refunded")
    assert names_of(order) == ["placed", "cancelled", "refunded"]
    [job] = ProcrastinateJob.objects.filter(task_name="orders.tasks.execute_refund")
    tasks.execute_refund(**job.args)
    assert payment_of(order).refunds.get().state == "succeeded"
    assert SandboxSession.objects.get(provider_id=session.provider_id).refunded == payment_of(order).amount
    assert "Your money goes back" in Client().get(f"/pay/return/{session.pk}").content.decode()
    assert alerts() == []


def test_a_late_payment_goes_back_when_others_have_used_the_coupon_up_and_the_shopper_is_told_so() -> None:
    create_coupon(new=NewCoupon(code="SPRING", percent=Decimal(10), max_uses=1))
    wishes, line = Wishes(coupon="SPRING"), LineRequest(make_product(stock=9).pk, 1)
    late = place(make_user(), line, wishes=wishes, method=PaymentMethod.HOSTED)
    session = pay_late(late)
    place(make_user(), line, wishes=wishes)
    tasks.pay_sandbox_late(session.provider_id)
    assert standing(late) == ("cancelled", "refunded")
    [told] = DomainEvent.objects.filter(aggregate_id=str(late.pk), name="order.refunded").values_list("data", flat=True)
    assert told["details"]["reason"] == settling.NO_COUPON


def test_an_old_tab_says_so_when_the_order_was_paid_on_another_page(order: Order) -> None:
    left, failed, paid = (press_on(open_page(order), action) for action in ("cancel", "fail", "pay"))
    for session in (left, failed, paid):
        assert "Thank you!" in Client().get(f"/pay/return/{session.pk}").content.decode()


def press_on(session: PaymentSession, action: str) -> PaymentSession:
    press(session, action)
    return session


@pytest.mark.parametrize("action", ["", "cancel", "fail"])
def test_nobody_is_told_that_goods_are_kept_for_them_which_are_not(action: str) -> None:
    ended, called_off = (make_unpaid(product=make_product(stock=9)) for _ in range(2))
    sessions = [press_on(open_page(each), action) if action else open_page(each) for each in (ended, called_off)]
    move(called_off, OrderStatus.CANCELLED, role=Role.OWNER)
    ended.refresh_from_db()
    assert ended.hold_expires_at is not None
    with clock.frozen_at(ended.hold_expires_at + timedelta(seconds=1)):
        cancel_expired_orders()
    pages = [Client().get(f"/pay/return/{session.pk}").content.decode() for session in sessions]
    for page, words in zip(
        pages, ("The reservation has ended", "Should a payment still arrive, your money goes back"), strict=True
    ):
        assert words in page
        assert "kept for you" not in page


def test_nobody_is_told_that_an_order_is_made_which_was_called_off_with_its_money_still_here(order: Order) -> None:
    session = press_on(open_page(order), "pay")
    move(order, OrderStatus.CANCELLED)
    refund = payment_of(order).refunds.get()
    with patch.object(sandbox.SandboxGateway, "refund", side_effect=GatewayRefusedError("x")):
        refunding.execute(refund.pk)
    page = Client().get(f"/pay/return/{session.pk}").content.decode()
    assert standing(order) == ("cancelled", "paid")
    assert "Your money goes back" in page
    assert "We begin to make it" not in page


def test_a_message_that_does_not_arrive_is_sent_again_by_a_job(order: Order) -> None:
    session = open_page(order)
    with patch.object(sandbox, "send", side_effect=GatewayDownError("status 503")):
        assert press(session, "pay").status_code == 302
    assert standing(order) == ("pending", "unpaid")
    [job] = ProcrastinateJob.objects.filter(task_name="orders.tasks.send_sandbox_message")
    tasks.send_sandbox_message(**job.args)
    assert standing(order) == ("processing", "paid")


class KilledError(BaseException):
    """As if the process had ended there."""


@pytest.mark.parametrize("is_heard", [False, True])
def test_a_press_counts_though_the_process_ends_before_or_after_it_is_told(
    wire: list[str], order: Order, *, is_heard: bool
) -> None:
    session = open_page(order)
    arrive = sandbox.send

    def be_killed(provider_id: str, kind: str) -> None:
        if is_heard:
            arrive(provider_id, kind)
        raise KilledError

    with patch.object(sandbox, "send", be_killed), pytest.raises(KilledError):
        sandbox_page.press(session.provider_id, "pay")
    assert standing(order) == (("processing", "paid") if is_heard else ("pending", "unpaid"))
    [job] = ProcrastinateJob.objects.filter(task_name="orders.tasks.send_sandbox_message")
    assert job.scheduled_at is not None
    tasks.send_sandbox_message(**job.args)
    assert (standing(order), len(wire)) == (("processing", "paid"), 1 + is_heard)
    assert names_of(order) == ["placed", "paid", "processing"]


def test_a_shop_may_have_its_own_return_page(settings: Any, order: Order) -> None:
    settings.PAYMENT_RETURN_URL = "https://shop.example/thanks?order={order}&outcome={outcome}"
    session = open_page(order)
    policy = Client().get(page_of(session))["Content-Security-Policy"]
    assert "form-action 'self' https://shop.example;" in f"{policy};"
    assert press(session, "pay")["Location"] == f"https://shop.example/thanks?order={order.pk}&outcome=paid"
    cancelled = open_page(other := make_unpaid())
    assert press(cancelled, "cancel")["Location"] == f"https://shop.example/thanks?order={other.pk}&outcome=cancelled"
