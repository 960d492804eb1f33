"""Money that staff give back: by amount or by piece, until nothing is left; goods and figures follow."""

from collections import Counter
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from catalog.models import Product, StockMovement
from catalog.tests.factories import make_package, make_product
from customizations.models import ChoiceStock
from fantasize.core.errors import InvalidError, NotFoundError, PreconditionFailedError
from fantasize.core.models import DomainEvent
from fantasize.core.privacy import Document
from orders.enums import CreditNoteKind, OrderStatus, RefundState
from orders.errors import IllegalTransitionError, NothingToRefundError
from orders.models import CreditNote, CreditNoteLine, Hold, Order, OrderLine, Refund
from orders.services import credit_notes, privacy, refunding
from orders.services.baskets import LineRequest
from orders.services.credit_notes import LineCredit
from orders.tests.customized import make_customizable, make_customizable_package
from orders.tests.factories import make_order, move
from orders.tests.payment_shop import make_unpaid, names_of, standing
from orders.tests.refunds import broken, give, make_paid, money_of, on_hand

pytestmark = pytest.mark.django_db
S = OrderStatus


def line_of(order: Order, position: int = 1) -> int:
    return order.lines.get(position=position).pk


def sold(product: Product) -> int:
    return Product.objects.get(pk=product.pk).sales_count


def test_an_amount_goes_back_and_the_customer_is_told() -> None:
    order = make_paid(LineRequest(make_product(price="20.00").pk, 1))
    note = give(order, amount="5.00", reason="A scratch")
    assert (note.kind, note.amount, note.is_restocked, note.lines.count()) == ("refund", Decimal(5), False, 0)
    assert money_of(order) == (20, 5, 15)
    assert standing(order) == ("processing", "partially_refunded")
    event = DomainEvent.objects.filter(aggregate="order", aggregate_id=str(order.pk)).latest("seq")
    assert (event.name, event.actor) == ("order.refunded", "user:staff")
    assert event.data["details"] == {"refunded": "5.00", "reason": "A scratch"}
    assert Order.objects.get(pk=order.pk).version == order.version + 1
    assert (str(note), not broken()) == ("Refund of 5.00", True)


def test_no_more_goes_back_than_is_left() -> None:
    order = make_paid(LineRequest(make_product(price="20.00").pk, 1))
    give(order, amount="5.00")
    for amount in ("0", "-1", "15.01", "1000"):
        with pytest.raises(InvalidError) as refusal:
            give(order, amount=amount)
        assert [(error.location, error.code) for error in refusal.value.errors] == [("/amount", "out_of_range")]
        assert (CreditNote.objects.count(), money_of(order)) == (1, (20, 5, 15))


def test_pieces_go_back_with_their_stock_once() -> None:
    mug, board = make_product(price="3.34", stock=10), make_product(price="5.00", stock=10)
    order = make_paid(LineRequest(mug.pk, 3), LineRequest(board.pk, 1))
    assert (sold(mug), on_hand(mug, board)) == (3, [7, 9])
    give(order, LineCredit(line_of(order), 2), restock=True)
    assert (sold(mug), on_hand(mug, board)) == (1, [9, 9])
    give(order, LineCredit(line_of(order), 1))  # broken: it does not come back
    assert (sold(mug), on_hand(mug, board)) == (0, [9, 9])
    assert money_of(order) == (Decimal("15.02"), Decimal("10.02"), 5)
    move(order, S.CANCELLED)
    assert (sold(board), on_hand(mug, board)) == (0, [9, 10])
    assert (money_of(order)[1:], standing(order)) == ((Decimal("15.02"), 0), ("cancelled", "refunded"))
    reasons = Counter(StockMovement.objects.filter(reference=str(order.number)).values_list("reason", "delta"))
    assert reasons == {("sale", -3): 1, ("sale", -1): 1, ("restock", 2): 1, ("restock", 1): 1}
    assert not broken()


def test_with_the_last_piece_shipping_goes_back_too() -> None:
    mug = make_product(price="10.00")
    order = make_paid(LineRequest(mug.pk, 2))
    give(order, amount="0.50")
    give(order, LineCredit(line_of(order), 1))
    with pytest.raises(InvalidError, match=r"Between nothing and 9\.50"):
        give(order, amount="9.51")
    last = give(order, LineCredit(line_of(order), 1))
    assert (last.amount, last.lines.get().amount) == (Decimal("9.50"), Decimal("9.50"))
    assert (money_of(order), standing(order)) == ((20, 20, 0), ("processing", "refunded"))
    with pytest.raises(NothingToRefundError):
        give(order, amount="0.01")
    assert not broken()


def test_pieces_that_nothing_was_paid_for_go_back_with_others() -> None:
    order = make_paid(*(LineRequest(make_product(price=price).pk, 1) for price in ("0.00", "10.00")))
    free, mug = (LineCredit(pk, 1) for pk in order.lines.order_by("position").values_list("pk", flat=True))
    with pytest.raises(InvalidError, match="Nothing was paid for just these pieces"):
        give(order, free, restock=True)
    assert give(order, free, mug, restock=True).amount == 10
    assert not broken()


def test_pieces_that_are_worth_more_than_what_is_left_wait_for_the_others() -> None:
    order = make_paid(LineRequest(make_product(price="10.00").pk, 3))
    give(order, amount="15.00")
    with pytest.raises(InvalidError) as refusal:
        give(order, LineCredit(line_of(order), 2), restock=True)
    assert [(error.location, error.code) for error in refusal.value.errors] == [("/lines", "out_of_range")]
    assert give(order, LineCredit(line_of(order), 3), restock=True).amount == 15
    assert not broken()


def test_parts_of_packages_go_back_by_themselves() -> None:
    mug, card = make_product(price="8.00", stock=10), make_product(price="2.00", stock=10)
    package = make_package((mug, 1), (card, 2), percent_off=Decimal(10))
    order = make_paid(LineRequest(package_id=package.pk, quantity=2))
    line = line_of(order)
    assert give(order, LineCredit(line, 1, mug.pk), restock=True).amount == Decimal("7.20")
    assert give(order, LineCredit(line, 1), restock=True).amount == Decimal("10.80")
    assert (on_hand(mug, card), sold(mug), sold(card)) == ([10, 8], 0, 2)
    with pytest.raises(InvalidError):
        give(order, LineCredit(line, 1))
    give(order, LineCredit(line, 2, card.pk))
    assert (money_of(order)[1:], on_hand(mug, card)) == ((Decimal("21.60"), 0), [10, 8])
    package.refresh_from_db()
    assert (package.sales_count, broken()) == (1, set())


def test_choices_go_back_with_what_they_were_made_on() -> None:
    mug = make_customizable(price="8.00", stock=10)
    package = make_customizable_package((mug, 2), (make_product(), 1))
    gold = {"colour": "gold", "name": "Ada"}
    order = make_paid(
        LineRequest(mug.pk, 2, answers=gold), LineRequest(package_id=package.pk, answers={}, parts={mug.pk: gold})
    )
    choice = ChoiceStock.objects.get(value="gold").stock
    before = choice.on_hand
    give(order, LineCredit(line_of(order), 1), LineCredit(line_of(order, 2), 1, mug.pk), restock=True)
    choice.refresh_from_db()
    assert (choice.on_hand - before, on_hand(mug)) == (2, [8])
    give(order, LineCredit(line_of(order), 1), restock=True)
    move(order, S.CANCELLED)
    choice.refresh_from_db()
    assert (choice.on_hand - before, on_hand(mug), broken()) == (4, [10], set())


def test_what_was_deleted_since_is_still_given_back_for() -> None:
    mug = make_product(price="8.00")
    order = make_paid(LineRequest(mug.pk, 2))
    OrderLine.objects.filter(order=order).update(product=None)
    assert give(order, LineCredit(line_of(order), 1), restock=True).amount == 8
    assert not broken()


def test_when_all_goods_came_back_the_order_is_returned() -> None:
    mug = make_product(price="10.00", stock=10)
    order = make_paid(LineRequest(mug.pk, 2))
    move(order, S.SHIPPED)
    give(order, LineCredit(line_of(order), 1), kind="return", restock=True)
    assert (standing(order), on_hand(mug)) == (("shipped", "partially_refunded"), [9])
    give(order, LineCredit(line_of(order), 1), kind="return")
    assert (standing(order), on_hand(mug), sold(mug)) == (("returned", "refunded"), [9], 2)
    assert names_of(order)[-3:] == ["refunded", "refunded", "returned"]
    assert set(CreditNote.objects.values_list("kind", flat=True)) == {"return"}
    assert StockMovement.objects.filter(reference=str(order.number), reason="return").get().delta == 1
    assert not broken()


def test_a_whole_return_by_status_brings_back_what_was_not_given_back_for() -> None:
    mug = make_product(price="10.00", stock=10)
    order = make_paid(LineRequest(mug.pk, 3))
    move(order, S.DELIVERED)
    give(order, LineCredit(line_of(order), 1))
    give(order, LineCredit(line_of(order), 1), restock=True, kind="return")
    move(order, S.RETURNED, restock=True)
    hold = Hold.objects.get(order=order)
    assert (hold.restocked, hold.written_off, on_hand(mug)) == (2, 1, [9])
    assert (money_of(order), broken()) == ((30, 30, 0), set())


def test_goods_come_back_only_from_customers() -> None:
    order = make_paid(LineRequest(make_product().pk, 1))
    with pytest.raises(IllegalTransitionError) as refusal:
        give(order, LineCredit(line_of(order), 1), kind="return")
    assert refusal.value.extra["allowed_transitions"] == ["processed", "cancelled"]
    assert not CreditNote.objects.exists()


def test_cash_is_given_back_by_people_and_written_down() -> None:
    order = make_order(product=make_product(price="20.00"))
    with pytest.raises(NothingToRefundError):
        give(order, amount="1.00")
    move(order, S.DELIVERED)
    give(order, amount="4.00")
    assert (Refund.objects.get().state, standing(order)) == ("succeeded", ("delivered", "partially_refunded"))
    assert not broken()


def test_what_was_never_paid_has_nothing_to_give_back() -> None:
    order = make_unpaid()
    with pytest.raises(NothingToRefundError):
        give(order, LineCredit(line_of(order), 1))
    assert not Refund.objects.exists()


def test_what_a_provider_would_not_give_back_can_be_given_again() -> None:
    order = make_paid(LineRequest(make_product(price="20.00").pk, 1))
    give(order, LineCredit(line_of(order), 1))
    refunding._settle(Refund.objects.get(), RefundState.FAILED)
    assert standing(order) == ("processing", "paid")
    give(order, amount="20.00")
    assert (money_of(order), broken()) == ((20, 20, 0), set())


def test_several_payments_go_back_oldest_first() -> None:
    order = make_paid(LineRequest(make_product(price="20.00").pk, 1))
    first = order.payments.get()
    first.pk, first.refunded = None, 0
    first._state.adding = True
    first.save()
    give(order, amount="25.00")
    assert sorted(order.payments.values_list("refunded", flat=True)) == [5, 20]
    give(order, amount="1.00")
    assert sorted(order.payments.values_list("refunded", flat=True)) == [6, 20]


_NOT_SOLD: list[tuple[list[tuple[int, int, int | None]], str, str]] = [
    ([(0, 1, None)], "/lines/0/line", "does_not_exist"),
    ([(1, 3, None)], "/lines/0/quantity", "out_of_range"),
    ([(1, 1, 7)], "/lines/0/part", "does_not_exist"),
    ([(1, 1, None), (1, 1, None)], "/lines", "duplicate"),
]


def test_what_was_not_sold_is_named() -> None:
    order = make_paid(LineRequest(make_product().pk, 2))
    for wanted, place, code in _NOT_SOLD:
        lines = [LineCredit(line_of(order) if known else 0, many, part) for known, many, part in wanted]
        with pytest.raises(InvalidError) as refusal:
            give(order, *lines)
        assert [(error.location, error.code) for error in refusal.value.errors] == [(place, code)]
        assert (CreditNote.objects.count(), Refund.objects.count()) == (0, 0)


def test_stale_and_absent_orders_are_refused() -> None:
    order = make_paid(LineRequest(make_product().pk, 2))
    credit = credit_notes.Credit(CreditNoteKind.REFUND, "Why", "user:staff", Decimal(1))
    with pytest.raises(PreconditionFailedError):
        credit_notes.give(order_id=order.pk, credit=credit, expected_version=order.version - 1)
    with pytest.raises(NotFoundError):
        credit_notes.give(order_id=uuid4(), credit=credit)
    assert not CreditNote.objects.exists()


def test_the_database_takes_no_more_than_was_sold() -> None:
    mug = make_product(price="10.00")
    package = make_package((mug, 2), own_price=Decimal(10))
    order = make_paid(LineRequest(package_id=package.pk, quantity=2))
    other = make_paid(LineRequest(mug.pk, 1))
    note = give(order, LineCredit(line_of(order), 1))
    assert str(note.lines.get()) == f"1 of line {line_of(order)}"
    for line, part, quantity, amount in (
        (order, None, 2, 0),
        (order, mug.pk, 3, 0),
        (order, mug.pk + 1, 1, 0),
        (order, mug.pk, 1, 11),
        (other, None, 1, 0),
    ):
        fields = {"line_id": line_of(line), "part": part, "quantity": quantity, "amount": amount}
        with pytest.raises(IntegrityError), transaction.atomic():
            CreditNoteLine.objects.create(note=note, **fields)
    assert (CreditNoteLine.objects.count(), broken()) == (1, set())


def test_whoever_is_forgotten_has_no_reasons_left_and_could_read_them_before() -> None:
    order = move(make_paid(LineRequest(make_product(price="10.00").pk, 2)), S.DELIVERED)
    give(order, amount="1.00", reason="Ada fell ill")
    assert order.user_id
    orders, *_ = privacy.parts_of(order.user_id)
    assert isinstance(orders, Document)
    [told] = next(iter(orders.data))["credit_notes"]
    assert (told["amount"], told["reason"]) == (1, "Ada fell ill")
    privacy.forget(order.user_id)
    assert (CreditNote.objects.get().reason, broken()) == ("", set())
