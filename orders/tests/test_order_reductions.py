"""Less of an order that is being made: at the prices it was sold at, the pieces and the money back."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from accounts.tests.factories import make_user
from catalog.models import Product, StockItem
from catalog.services.coupons import NewCoupon, create_coupon
from catalog.tests.factories import make_package, make_product
from fantasize.core import invariants
from fantasize.core.models import DomainEvent
from orders.enums import CreditNoteKind, OrderStatus, PaymentMethod, PaymentStatus, Role
from orders.errors import NotEditableError, PaymentDueError, PriceChangedError
from orders.models import CreditNote, Order, OrderLine, Payment
from orders.services import credit_notes, order_edits
from orders.services.baskets import LineRequest
from orders.services.credit_notes import Credit, LineCredit
from orders.services.order_changes import Changes, Edited, LineChange
from orders.services.order_edits import Editor
from orders.services.quoting import Wishes
from orders.tests.customized import make_customizable, place
from orders.tests.factories import ADDRESS, make_order, move
from orders.tests.payment_shop import names_of, open_page, press
from orders.tests.terms import make_class, make_method, make_rate
from orders.tests.test_order_edits import everything, line_of, stock_of

pytestmark = pytest.mark.django_db
STAFF = Editor(Role.STAFF, "user:staff")


def edit(order: Order, lines: Sequence[LineChange] | None = None, *, conditions: Any = None, **changes: Any) -> Edited:
    wanted = Changes(lines=lines, **changes)
    return order_edits.edit(order_id=order.pk, changes=wanted, editor=STAFF, **(conditions or {}))


def pay(order: Order) -> Order:
    press(open_page(order), "pay")
    return Order.objects.get(pk=order.pk)


def books_are_right() -> None:
    ours = {name: count for name, count in invariants.violations().items() if name.startswith(("orders.", "stock."))}
    wrong = {name: count for name, count in ours.items() if count}
    assert wrong == {}


def test_pieces_and_money_go_back_at_the_price_that_was_paid() -> None:
    mug, plate = make_product(price="10.00", stock=9), make_customizable(price="7.00", stock=9)
    make_rate(make_class(), "20")
    make_method("post", "5.00")
    create_coupon(new=NewCoupon("TEN", percent=Decimal(10)))
    lines = [LineRequest(mug.pk, 3), LineRequest(plate.pk, 2, answers={"colour": "gold", "name": "Ada"})]
    order = pay(place(make_user(), *lines, method=PaymentMethod.HOSTED, wishes=Wishes("TEN")))
    assert order.status == OrderStatus.PROCESSING
    Product.objects.update(list_price="99.00", is_active=False)
    old, proof = order.total, line_of(order, 2).customizations
    edited = edit(order, [LineChange(line_of(order).pk, quantity=1), LineChange(line_of(order, 2).pk, quantity=1)])
    after = Order.objects.get(pk=order.pk)
    assert (edited.new_total, edited.old_total) == (after.total, old)
    assert (line_of(order).unit_price, line_of(order).line_total) == (Decimal(10), Decimal(10))
    assert line_of(order, 2).customizations == proof
    assert stock_of(mug) == (8, 0)
    assert stock_of(plate) == (8, 0)
    payment = Payment.objects.get()
    assert (payment.refunded, after.payment_status) == (old - after.total, PaymentStatus.PAID)
    assert CreditNote.objects.get().amount == old - after.total
    assert names_of(order)[-2:] == ["edited", "refunded"]
    books_are_right()


def test_a_line_goes_and_its_package_parts_with_it() -> None:
    cup, tray = make_product(stock=20), make_product(stock=20)
    package, extra = make_package((cup, 2), (tray, 1)), make_product(price="4.00", stock=5)
    order = place(make_user(), LineRequest(package_id=package.pk, quantity=3), LineRequest(extra.pk, 1))
    order = move(order, OrderStatus.PROCESSING)
    edit(order, [LineChange(line_of(order, 2).pk)])
    assert OrderLine.objects.filter(order=order).count() == 1
    assert [stock_of(each) for each in (cup, tray, extra)] == [(20, 0), (20, 0), (4, 0)]
    assert Product.objects.get(pk=cup.pk).sales_count == 0
    books_are_right()
    move(order, OrderStatus.CANCELLED)
    assert stock_of(extra) == (5, 0)
    books_are_right()


def test_a_dry_run_tells_what_would_go_back() -> None:
    order = move(make_order(product=make_product(price="10.00", stock=9), quantity=3), OrderStatus.PROCESSING)
    before = everything(order)
    edited = edit(order, [LineChange(line_of(order).pk, quantity=1)], conditions={"dry_run": True})
    assert edited.difference == -20
    assert everything(order) == before


def test_an_unexpected_total_changes_nothing() -> None:
    order = move(make_order(product=make_product(price="10.00", stock=9), quantity=3), OrderStatus.PROCESSING)
    before = everything(order)
    with pytest.raises(PriceChangedError):
        edit(order, [LineChange(line_of(order).pk, quantity=1)], conditions={"expected_total": Decimal(11)})
    assert everything(order) == before


def test_more_of_what_is_paid_is_a_second_order() -> None:
    order = pay(make_order(product=make_product(price="10.00", stock=9), quantity=2, method=PaymentMethod.HOSTED))
    before = everything(order)
    with pytest.raises(PaymentDueError) as refusal:
        edit(order, [LineChange(line_of(order).pk, quantity=3)])
    assert refusal.value.extra == {"difference": "10.00", "currency": "USD"}
    assert everything(order) == before


def test_what_is_being_made_is_not_made_otherwise() -> None:
    cheap, dear = make_product(price="1.00", stock=9), make_customizable(price="50.00", stock=9)
    lines = [LineRequest(cheap.pk, 1), LineRequest(dear.pk, 2, answers={"colour": "red", "name": "Ada"})]
    order = move(place(make_user(), *lines), OrderStatus.PROCESSING)
    one, two = line_of(order).pk, line_of(order, 2).pk
    before = everything(order)
    wishes: list[dict[str, Any]] = [
        {"lines": [LineChange(one), LineChange(product_id=dear.pk, quantity=1)]},
        {"lines": [LineChange(one), LineChange(two, answers={"colour": "red", "name": "Bob"})]},
        {"lines": [LineChange(one, quantity=2), LineChange(two, quantity=1)]},
        {"coupon": "X"},
        {"shipping_method": "post"},
        {"shipping_address": {**ADDRESS, "country": "FR"}},
        {"lines": [LineChange(one), LineChange(two, quantity=1)], "shipping_address": {**ADDRESS, "country": "FR"}},
    ]
    for wish in wishes:
        with pytest.raises(NotEditableError):
            edit(order, **wish)
    with pytest.raises(NotEditableError):
        order_edits.edit(order_id=order.pk, changes=Changes(), editor=Editor(Role.OWNER, "user:x"))
    assert everything(order) == before


def test_an_address_there_is_put_right_without_a_price() -> None:
    order = move(make_order(), OrderStatus.PROCESSING)
    edited = edit(order, shipping_address={**ADDRESS, "line1": "1 New Street"})
    assert (edited.difference, Order.objects.get(pk=order.pk).shipping_address["line1"]) == (Decimal(0), "1 New Street")
    event = DomainEvent.objects.get(name="order.edited")
    assert event.data["details"] == {"old_total": str(order.total), "total": str(order.total)}


def test_what_was_given_back_for_is_not_taken_out_again() -> None:
    order = pay(make_order(product=make_product(price="10.00", stock=9), quantity=3, method=PaymentMethod.HOSTED))
    line = line_of(order)
    credit = Credit(kind=CreditNoteKind.REFUND, reason="x", actor="user:s", lines=[LineCredit(line.pk, 1)])
    credit_notes.give(order_id=order.pk, credit=credit)
    before = everything(order)
    with pytest.raises(NotEditableError):
        edit(order, [LineChange(line.pk, quantity=1)])
    assert everything(order) == before


def test_no_more_goes_back_than_is_left() -> None:
    order = pay(make_order(product=make_product(price="10.00", stock=9), quantity=3, method=PaymentMethod.HOSTED))
    credit = Credit(kind=CreditNoteKind.REFUND, reason="x", actor="user:s", amount=Decimal(25))
    credit_notes.give(order_id=order.pk, credit=credit)
    edit(order, [LineChange(line_of(order).pk, quantity=2)])
    edit(order, [LineChange(line_of(order).pk, quantity=1)])
    assert Payment.objects.get().refunded == 30
    assert StockItem.objects.get(pk=line_of(order).product.stock_id).on_hand == 8  # type: ignore[union-attr]  # a product's
