"""Money that goes back: once, whoever dies, and told of when it cannot."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import pytest

from catalog.tests.factories import make_product
from fantasize.core import clock, invariants
from fantasize.core.errors import InvalidError, UnavailableError
from orders.enums import OrderStatus, PaymentStatus, RefundState
from orders.models import Payment, Refund, SandboxSession
from orders.payments import calls
from orders.payments.base import GatewayDownError, GatewayRefusedError
from orders.payments.sandbox import SandboxGateway
from orders.services import payments, reconciling, refunding, settling
from orders.tests.factories import make_order, move
from orders.tests.payment_shop import alerts, make_unpaid, open_page, payment_of, press, standing

pytestmark = pytest.mark.django_db


class KilledError(BaseException):
    """The process is gone."""


@pytest.fixture(autouse=True)
def _no_failures() -> None:
    calls.forget_failures()


def after(original: Callable[..., Any]) -> Callable[..., Any]:
    """Does its work, and dies before anybody hears of it."""

    def die(*args: Any, **kwargs: Any) -> Any:
        original(*args, **kwargs)
        raise KilledError

    return die


def broken() -> set[str]:
    return {name for name, found in invariants.violations().items() if found}


def make_paid() -> Payment:
    order = make_unpaid(product=make_product(price="20.00"))
    press(open_page(order), "pay")
    return payment_of(order)


def test_parts_go_back_several_times_and_never_more_than_came_in() -> None:
    payment = make_paid()
    for key, amount, left in (("a", "5.00", "15.00"), ("b", "5.00", "10.00"), ("a", "5.00", "10.00")):
        payments.refund(payment, amount=Decimal(amount), key=key)
        assert payment.refundable == Decimal(left)
    for amount in ("10.01", "0", "-1"):
        with pytest.raises(InvalidError):
            payments.refund(payment, amount=Decimal(amount), key=f"c{amount}")
    assert payment_of(payment.order).refunded == Decimal("10.00")
    assert payments.status_of(payment.order) == "partially_refunded"
    payments.refund(payment, amount=Decimal("10.00"), key="d")
    assert (payment.refundable, payments.status_of(payment.order)) == (Decimal(0), PaymentStatus.REFUNDED)


def test_everything_goes_back_once() -> None:
    payment = make_paid()
    amounts = [payments.refund_everything(payment.order) for _ in range(2)]
    assert amounts == [20, 0]
    assert str(payment.refunds.get()) == "20.00 back"


def test_nothing_goes_back_of_what_never_came() -> None:
    payment = open_page(make_unpaid()).payment
    assert payment.refundable == 0
    with pytest.raises(InvalidError):
        payments.refund(payment, amount=Decimal(1), key="a")


def test_cash_is_handed_back_by_people() -> None:
    order = make_order(product=make_product(price="20.00"))
    move(order, OrderStatus.DELIVERED)
    move(order, OrderStatus.RETURNED)
    refund = payment_of(order).refunds.get()
    assert (refund.state, refund.amount) == ("succeeded", Decimal(20))
    refunding.execute(refund.pk)
    assert not broken()


def test_a_refund_that_is_cut_off_is_made_once() -> None:
    order = make_unpaid(product=make_product(price="20.00"))
    press(open_page(order), "pay")
    move(order, OrderStatus.CANCELLED)
    refund = payment_of(order).refunds.get()
    assert (refund.state, refund.amount, standing(order)) == ("pending", Decimal(20), ("cancelled", "refunded"))
    with patch.object(SandboxGateway, "refund", after(SandboxGateway.refund)), pytest.raises(KilledError):
        refunding.execute(refund.pk)
    with clock.frozen_at(clock.now() + timedelta(minutes=11)):
        reconciling.reconcile()
    refunding.execute(refund.pk)
    refund.refresh_from_db()
    assert refund.state == "succeeded"
    assert SandboxSession.objects.get().refunded == 20
    assert not broken()


def test_a_refund_that_the_provider_refuses_is_told_to_staff_and_still_owed() -> None:
    order = make_unpaid(product=make_product(price="20.00"))
    press(open_page(order), "pay")
    move(order, OrderStatus.CANCELLED)
    refund = payment_of(order).refunds.get()
    with patch.object(SandboxGateway, "refund", side_effect=GatewayRefusedError("InvalidRequestError")):
        refunding.execute(refund.pk)
    assert alerts() == ["payment.refund_failed"]
    payment = payment_of(order)
    assert (payment.state, payment.refundable) == ("paid", Decimal(20))
    assert standing(order) == ("cancelled", "paid")
    assert not broken()


def test_a_refund_waits_while_the_provider_is_away() -> None:
    order = make_unpaid()
    press(open_page(order), "pay")
    move(order, OrderStatus.CANCELLED)
    refund = payment_of(order).refunds.get()
    with patch.object(SandboxGateway, "refund", side_effect=GatewayDownError("timeout")):
        with pytest.raises(UnavailableError):
            refunding.execute(refund.pk)
        with clock.frozen_at(clock.now() + timedelta(minutes=11)):
            assert refunding.execute_left_lying() == 0
    refund.refresh_from_db()
    assert refund.state == "pending"


def test_one_that_never_goes_back_does_not_hold_up_what_came_after_it() -> None:
    stuck, newer = (payments.refund(make_paid(), amount=Decimal(5), key="a") for _ in range(2))
    theirs, refund = stuck.payment.session.payment_ref, SandboxGateway.refund

    def refuse(self: SandboxGateway, reference: str, **options: Any) -> str:
        if reference == theirs:
            raise GatewayRefusedError("InvalidRequestError")
        return refund(self, reference, **options)

    with (
        patch.object(SandboxGateway, "refund", refuse),
        patch.object(SandboxGateway, "find_refund", side_effect=GatewayRefusedError("InvalidRequestError")),
        clock.frozen_at(clock.now() + timedelta(minutes=11)),
    ):
        # By lot: a hundred turns without it are as likely as a hundred heads in a row.
        assert any(refunding.execute_left_lying(limit=1) for _ in range(100))
    states = dict(Refund.objects.values_list("pk", "state"))
    assert states == {stuck.pk: "pending", newer.pk: "succeeded"}


def test_a_refund_that_the_books_do_not_know_is_noticed() -> None:
    payment = make_paid()
    payments.refund(payment, amount=Decimal(5), key="a")
    settling.update_status(payment.order)
    assert not broken()
    Refund.objects.update(amount=4)
    assert broken() == {"orders.payments_follow_refunds"}


def test_a_refund_that_two_carry_out_is_written_down_once() -> None:
    payment = make_paid()
    refund = payments.refund(payment, amount=Decimal(5), key="a")
    for state in ("succeeded", "failed"):
        refunding._settle(refund, RefundState(state))
    refund.refresh_from_db()
    assert refund.state == "succeeded"
    assert payment_of(payment.order).refunded == 5


def test_the_sandbox_gives_back_what_it_got_and_no_more() -> None:
    payment = make_paid()
    sandbox = SandboxGateway("secret")
    reference = payment.session.payment_ref
    assert sandbox.refund(reference, amount=Decimal(20), currency="USD", key="a") == "re_sandbox_a"
    for name, key in ((reference, "b"), ("pi_nobodys", "c")):
        with pytest.raises(GatewayRefusedError):
            sandbox.refund(name, amount=Decimal(1), currency="USD", key=key)
    assert SandboxSession.objects.get().refunded == 20
    with pytest.raises(GatewayRefusedError):
        sandbox.fetch_session("cs_nobodys")
