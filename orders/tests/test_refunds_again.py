"""What a provider refused to give back is given again: the same, for the same, and never twice."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import pytest

from accounts.tests.factories import make_user
from catalog.tests.factories import make_package, make_product
from fantasize.core import clock
from fantasize.core.errors import NotFoundError, UnavailableError
from fantasize.core.models import DomainEvent
from fantasize.tests.client import ApiClient, Reply
from fantasize.tests.staff import make_viewer, said, signed_in
from orders.enums import OrderStatus
from orders.errors import NothingToRefundError
from orders.models import CreditNote, Order, Refund
from orders.payments import calls
from orders.payments.base import GatewayRefusedError
from orders.payments.sandbox import SandboxGateway
from orders.payments.stripe import StripeGateway
from orders.services import refunding
from orders.services.baskets import LineRequest
from orders.services.credit_notes import LineCredit
from orders.tests.factories import move
from orders.tests.payment_shop import alerts, make_unpaid, names_of, open_page, payment_of, standing, tell
from orders.tests.refunds import broken, carry_out, give, make_paid, money_of, on_hand, states
from orders.tests.stripe_stand_in import KEY, SECRET, StripeStandIn, stripe_stand_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_failures() -> None:
    calls.forget_failures()


def refuse(order: Order) -> None:
    """The provider does nothing of what is on its way back, and says so."""
    refused = GatewayRefusedError("balance_insufficient")
    with patch.object(SandboxGateway, "refund", side_effect=refused):
        carry_out(order)


def again(order: Order) -> Decimal:
    return refunding.give_again(order_id=order.pk, actor="user:staff")


def test_what_was_refused_goes_back_for_the_same_pieces() -> None:
    mug, tea = make_product(price="10.00", stock=9), make_product(price="6.00", stock=9)
    box = make_package((mug, 1), (tea, 2))
    order = make_paid(LineRequest(mug.pk, 2), LineRequest(package_id=box.pk))
    first, second = order.lines.order_by("position")
    note = give(order, LineCredit(first.pk, 1), LineCredit(second.pk, 1, tea.pk), restock=True)
    refuse(order)
    assert (money_of(order)[1], states(order), on_hand(mug, tea)) == (0, ["failed"], [7, 8])
    known = names_of(order)
    assert again(order) == note.amount
    assert (money_of(order)[1], standing(order)[1]) == (note.amount, "partially_refunded")
    carry_out(order)
    assert states(order) == ["failed", "succeeded"]
    assert len({*Refund.objects.values_list("pk", flat=True)}) == 2
    assert len({*Refund.objects.values_list("key", flat=True)}) == 1
    assert (CreditNote.objects.get(), on_hand(mug, tea), names_of(order)) == (note, [7, 8], known)
    assert not broken()


def test_it_is_given_again_once() -> None:
    order = make_paid(LineRequest(make_product(price="10.00").pk, 1))
    give(order, amount="4.00")
    refuse(order)
    again(order)
    for _ in range(2):
        with pytest.raises(NothingToRefundError):
            again(order)
    carry_out(order)
    assert (states(order), money_of(order)) == (["failed", "succeeded"], (10, 4, 6))
    assert not broken()


def test_what_is_refused_again_and_again_counts_once() -> None:
    order = make_paid(LineRequest(make_product(price="10.00").pk, 1))
    give(order, amount="4.00")
    for _ in range(3):
        refuse(order)
        assert (money_of(order)[1], broken()) == (0, set())
        assert again(order) == 4
    carry_out(order)
    assert (states(order), money_of(order)[1]) == (["failed"] * 3 + ["succeeded"], 4)
    assert alerts() == ["payment.refund_failed"] * 3
    assert not broken()


def test_what_was_refused_when_an_order_was_called_off_is_given_again() -> None:
    order = make_paid(LineRequest(make_product(price="10.00").pk, 1))
    move(order, OrderStatus.CANCELLED)
    refuse(order)
    assert standing(order) == ("cancelled", "paid")
    assert again(order) == 10
    carry_out(order)
    assert (standing(order), broken()) == (("cancelled", "refunded"), set())


def test_what_has_gone_back_otherwise_is_not_given_again() -> None:
    order = make_paid(LineRequest(make_product(price="10.00").pk, 1))
    for amount in ("6.00", "3.00"):
        give(order, amount=amount)
    refuse(order)
    give(order, amount="5.00")
    assert again(order) == 3, "of the 5.00 that are left, 6.00 cannot go back"
    carry_out(order)
    with pytest.raises(NothingToRefundError):
        again(order)
    assert money_of(order) == (10, 8, 2)


def test_there_is_nothing_to_give_of_no_order() -> None:
    order = make_paid(LineRequest(make_product(price="10.00").pk, 1))
    with pytest.raises(NothingToRefundError):
        again(order)
    with pytest.raises(NotFoundError):
        refunding.give_again(order_id=payment_of(order).pk, actor="user:staff")


class Bank:
    """A paid order at a Stripe that remembers."""

    def __init__(self, stripe: StripeStandIn) -> None:
        self.stripe = stripe
        self.order = make_unpaid(product=make_product(price="20.00"))
        stripe.pay(open_page(self.order).provider_id)
        tell(stripe.events[0], gateway="stripe", secret=SECRET)
        give(self.order, amount="5.00")

    @property
    def keys(self) -> list[str]:
        return [key for key, ((_, path, _), _) in self.stripe.keys.items() if path == "/v1/refunds"]


@pytest.fixture
def bank(settings: Any) -> Iterator[Bank]:
    with stripe_stand_in(settings) as stripe:
        yield Bank(stripe)


def test_a_new_key_is_used_only_once_stripe_has_said_no(bank: Bank) -> None:
    bank.stripe.refuses = 1
    carry_out(bank.order)
    assert bank.stripe.refunds == []
    again(bank.order)
    carry_out(bank.order)
    assert [refund["amount"] for refund in bank.stripe.refunds] == [500]
    made = Refund.objects.get(state="succeeded")
    assert (bank.stripe.refunds[0]["metadata"], made.provider_id) == ({"refund": str(made.pk)}, "re_0")
    assert not broken()


@pytest.mark.parametrize("fault", ["loses", "breaks"])
def test_a_lost_answer_keeps_its_key_and_is_not_given_again(bank: Bank, fault: str) -> None:
    setattr(bank.stripe, fault, 1)
    with pytest.raises(UnavailableError):
        carry_out(bank.order)
    with pytest.raises(NothingToRefundError):
        again(bank.order)
    assert (len(bank.keys), len(bank.stripe.refunds), states(bank.order)) == (1, 1, ["pending"])


@pytest.mark.parametrize("is_looked_for", [True, False])
def test_a_key_that_stripe_has_forgotten_gives_nothing_back_twice(
    bank: Bank, monkeypatch: pytest.MonkeyPatch, *, is_looked_for: bool
) -> None:
    """With the negative control: without looking for it first, it would."""
    bank.stripe.loses = 1
    with pytest.raises(UnavailableError):
        carry_out(bank.order)
    bank.stripe.keys.clear()
    if not is_looked_for:
        monkeypatch.setattr(StripeGateway, "find_refund", lambda *_, **__: "")
    with clock.frozen_at(clock.now() + timedelta(hours=24)):
        carry_out(bank.order)
    assert (states(bank.order), len(bank.stripe.refunds)) == (["succeeded"], 1 if is_looked_for else 2)


def test_what_went_back_unheard_is_not_given_again(bank: Bank) -> None:
    """Whoever refuses the second asking, as with a key that is no longer good, says nothing of the first."""
    bank.stripe.loses = 1
    with pytest.raises(UnavailableError):
        carry_out(bank.order)
    with patch.object(StripeGateway, "refund", side_effect=GatewayRefusedError("AuthenticationError")):
        with (
            patch.object(StripeGateway, "find_refund", side_effect=GatewayRefusedError("AuthenticationError")),
            pytest.raises(UnavailableError),
        ):
            carry_out(bank.order)
        assert (states(bank.order), alerts()) == (["pending"], [])
        carry_out(bank.order)
    assert (states(bank.order), len(bank.stripe.refunds), alerts()) == (["succeeded"], 1, [])


def test_a_refund_whose_money_came_back_to_us_is_none(bank: Bank) -> None:
    stripe = StripeGateway(KEY, [], bank.stripe.url)
    carry_out(bank.order)
    made = Refund.objects.get()
    reference = made.payment.session.payment_ref
    assert [stripe.find_refund(reference, key=key) for key in (str(made.pk), "another")] == ["re_0", ""]
    for status in ("failed", "canceled"):
        bank.stripe.refunds[0]["status"] = status
        assert stripe.find_refund(reference, key=str(made.pk)) == ""


def test_what_was_given_back_at_the_providers_since_is_not_given_again(bank: Bank) -> None:
    bank.stripe.refuses = 1
    carry_out(bank.order)
    bank.stripe.refund(f"pi_{bank.order.payment_sessions.get().provider_id}", 500)
    tell(bank.stripe.events[-1], gateway="stripe", secret=SECRET)
    with pytest.raises(NothingToRefundError):
        again(bank.order)
    assert (money_of(bank.order), states(bank.order)) == ((20, 5, 15), ["failed", "succeeded"])
    assert not broken()


def test_an_old_refund_that_was_never_made_is_made() -> None:
    order = make_paid(LineRequest(make_product(price="10.00").pk, 1))
    give(order, amount="4.00")
    for _ in range(2):
        with clock.frozen_at(clock.now() + timedelta(hours=24)):
            carry_out(order)
    refund = Refund.objects.get()
    sandbox, reference = SandboxGateway("secret"), refund.payment.session.payment_ref
    assert (refund.state, refund.provider_id) == ("succeeded", f"re_sandbox_{refund.pk}")
    assert sandbox.find_refund(reference, key=str(refund.pk)) == refund.provider_id
    assert sandbox.find_refund(reference, key="another") == ""


def retry(order: Order, caller: ApiClient, **headers: str) -> Reply:
    return caller.post(f"/orders/{order.pk}/refund/retry", None, **headers)


def make_refused() -> Order:
    order = make_paid(LineRequest(make_product(price="10.00").pk, 1), user=make_user())
    give(order, amount="4.00")
    refuse(order)
    return Order.objects.get(pk=order.pk)


def test_staff_give_it_again_over_http() -> None:
    order, staff = make_refused(), ApiClient(make_user(role="manager"))
    refusals = [(ApiClient(order.user), "*", 403), (ApiClient(make_user()), "*", 404), (ApiClient(), "*", 401)]
    for caller, version, status in (*refusals, (staff, '"1"', 412)):
        assert retry(order, caller, If_Match=version).status == status
    assert retry(order, staff).status == 428
    assert states(order) == ["failed"]
    answer = retry(order, staff, If_Match=f'"{order.version}"', Idempotency_Key="a")
    assert (answer.status, answer.data["payment_status"]) == (200, "partially_refunded")
    assert answer.headers["ETag"] == f'"{order.version + 1}"'
    assert retry(order, staff, If_Match="*", Idempotency_Key="a").headers["Idempotency-Replayed"] == "true"
    once_more = retry(order, staff, If_Match="*")
    assert (once_more.status, once_more.body["code"]) == (409, "nothing_to_refund")
    assert states(order) == ["failed", "pending"]
    note = DomainEvent.objects.get(name="order_staff.note_added")
    assert note.data["note"] == "4.00 USD, refused by the payment provider, is given back again."


def test_staff_give_it_again_from_the_orders_page() -> None:
    order, client = make_refused(), signed_in()
    path, where = f"/admin/orders/order/{order.pk}/change/", f"/admin/orders/order/{order.pk}/refund/again/"
    page = client.get(path).content.decode()
    assert "refused to give back 4.00 USD" in page
    assert where in page
    viewer = signed_in(make_viewer("orders.view_order"))
    assert where not in viewer.get(path).content.decode()
    assert viewer.post(where, {"version": order.version}).status_code == 403
    assert client.get(where).status_code == 405
    for version in ("", "1"):
        assert "Nothing was done" in said(client.post(where, {"version": version}))[-1]
    assert states(order) == ["failed"]
    assert said(client.post(where, {"version": order.version}))[-1] == "The payment provider is asked again for 4.00."
    assert states(order) == ["failed", "pending"]
    assert "data-refused" not in client.get(path).content.decode()
    latest = Order.objects.get(pk=order.pk).version
    assert said(client.post(where, {"version": latest}))[-1] == "Nothing was refused that could be given again."
    gone = where.replace(str(order.pk), "00000000-0000-0000-0000-000000000000")
    assert client.post(gone, {"version": 1}).status_code == 404
