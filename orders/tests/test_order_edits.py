"""Changing an order that waits: priced and held anew as a whole or not at all."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.tests.factories import make_user
from catalog.errors import CouponMinTotalError, OutOfStockError
from catalog.models import CouponRedemption, Product, StockItem
from catalog.services.coupons import NewCoupon, create_coupon
from catalog.tests.factories import make_product
from customizations.models import ChoiceStock
from customizations.services import proofs
from fantasize.core import clock
from fantasize.core.errors import ConflictError, InvalidError, NotFoundError, PreconditionFailedError
from fantasize.core.models import DomainEvent
from orders.enums import OrderStatus, Role
from orders.errors import NotEditableError, PaymentInProgressError, PriceChangedError
from orders.models import Hold, Order, OrderLine
from orders.services import order_edits
from orders.services.baskets import LineRequest
from orders.services.order_changes import Changes, Edited, LineChange
from orders.services.order_edits import Editor
from orders.services.quoting import Wishes
from orders.tests.customized import PHOTO, facts, make_customizable, place, send_picture
from orders.tests.factories import ADDRESS, make_order, move
from orders.tests.payment_shop import make_unpaid, open_page

pytestmark = pytest.mark.django_db


def edit(order: Order, *, role: Role = Role.OWNER, lines: Any = None, conditions: Any = None, **changes: Any) -> Edited:
    """The order after the edit, its proofs drawn as the API does."""
    wanted = Changes(lines=lines, **changes)
    editor = Editor(role, "user:somebody", order.user.actor if order.user else "")
    drawings = order_edits.draw_proofs(order=order, changes=wanted, editor=editor)
    return order_edits.edit(order_id=order.pk, changes=wanted, editor=editor, drawings=drawings, **(conditions or {}))


def line_of(order: Order, position: int = 1) -> OrderLine:
    return OrderLine.objects.get(order=order, position=position)


def stock_of(product: Product) -> tuple[int, int]:
    item = StockItem.objects.get(pk=product.stock_id)
    return item.on_hand, item.held


def everything(order: Order) -> Any:
    row = Order.objects.filter(pk=order.pk).values().get()
    holds = list(Hold.objects.filter(order=order).order_by("pk").values())
    stock = list(StockItem.objects.order_by("pk").values())
    lines = facts(OrderLine.objects.filter(order=order).order_by("pk"))
    uses = list(CouponRedemption.objects.order_by("pk").values())
    return row, holds, stock, lines, uses, DomainEvent.objects.count()


def test_a_quantity_is_priced_and_held_anew() -> None:
    product = make_product(price="10.00", stock=5)
    order = make_order(product=product, quantity=2)
    Product.objects.filter(pk=product.pk).update(list_price="12.00")
    edited = edit(order, lines=[LineChange(line_of(order).pk, quantity=3)])
    assert (edited.old_total, edited.new_total, edited.difference) == (Decimal(20), Decimal(36), Decimal(16))
    after, line = Order.objects.get(pk=order.pk), line_of(order)
    assert (after.total, after.version, after.status) == (Decimal(36), order.version + 1, "pending")
    assert (line.quantity, line.unit_price, line.line_total) == (3, Decimal(12), Decimal(36))
    assert stock_of(product) == (5, 3)
    event = DomainEvent.objects.get(name="order.edited")
    assert event.actor == "user:somebody"
    assert event.data["details"] == {"old_total": "20.00", "total": "36.00"}


def test_lines_come_and_go_and_those_that_stay_keep_their_id() -> None:
    first, second, third = (make_product(price="5.00", stock=9) for _ in range(3))
    order = place(make_user(), LineRequest(first.pk, 2), LineRequest(second.pk, 3))
    kept = line_of(order, 2)
    edit(order, lines=[LineChange(kept.pk), LineChange(product_id=third.pk, quantity=4)])
    lines = list(OrderLine.objects.filter(order=order).order_by("position"))
    assert [(line.product_id, line.quantity) for line in lines] == [(second.pk, 3), (third.pk, 4)]
    assert lines[0].pk == kept.pk
    assert [stock_of(each) for each in (first, second, third)] == [(9, 0), (9, 3), (9, 4)]
    assert set(Hold.objects.filter(order=order).values_list("quantity", flat=True)) == {3, 4}


def test_what_is_more_than_there_is_changes_nothing_at_all() -> None:
    scarce, plenty = make_product(stock=3), make_product(stock=9)
    order = place(make_user(), LineRequest(scarce.pk, 2), LineRequest(plenty.pk, 5))
    before = everything(order)
    lines = [LineChange(line_of(order).pk, quantity=4), LineChange(line_of(order, 2).pk, quantity=1)]
    with pytest.raises(OutOfStockError):
        edit(order, lines=lines)
    assert everything(order) == before


def test_the_last_piece_that_the_order_holds_itself_can_stay() -> None:
    mug = make_customizable(stock=1)
    ChoiceStock.objects.update(stock=make_product(stock=1).stock_id)
    order = place(make_user(), LineRequest(mug.pk, 1, answers={"colour": "gold", "name": "Ada"}))
    edit(order, lines=[LineChange(line_of(order).pk, answers={"colour": "gold", "name": "Bob"})])
    assert line_of(order).customizations[0]["answers"]["name"] == "Bob"
    assert stock_of(mug) == (1, 1)


def test_what_stays_keeps_its_proof_and_only_the_rest_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    user, mug = make_user(), make_customizable(PHOTO, stock=9)
    picture = str(send_picture(user).pk)
    order = place(
        user,
        LineRequest(mug.pk, 1, answers={"colour": "red", "name": "Ada", "photo": picture}),
        LineRequest(mug.pk, 1, answers={"colour": "red", "name": "Bob"}),
    )
    first, second = facts(OrderLine.objects.filter(order=order).order_by("position"))
    drawn: list[Any] = []
    real = proofs.draw

    def draw(thing: Any) -> Any:
        drawn.append(thing)
        return real(thing)

    monkeypatch.setattr(proofs, "draw", draw)
    lines = [LineChange(line_of(order).pk), LineChange(line_of(order, 2).pk, answers={"colour": "red", "name": "Eve"})]
    Order.objects.filter(pk=order.pk).update(user=None, email="guest@example.com")
    edit(Order.objects.get(pk=order.pk), lines=lines)
    now = facts(OrderLine.objects.filter(order=order).order_by("position"))
    assert now[0] == first
    assert len(drawn) == 1
    assert now[1]["customizations"][0]["proof"] != second["customizations"][0]["proof"]


def test_a_line_that_was_not_drawn_for_the_edit_is_refused() -> None:
    order = place(make_user(), LineRequest(make_customizable(stock=9).pk, 1, answers={"colour": "red", "name": "A"}))
    before = everything(order)
    changes = Changes(lines=[LineChange(line_of(order).pk, answers={"colour": "red", "name": "B"})])
    with pytest.raises(ConflictError) as refusal:
        order_edits.edit(order_id=order.pk, changes=changes, editor=Editor(Role.OWNER, "user:x"))
    assert refusal.value.code == "options_changed"
    assert everything(order) == before


def test_pictures_of_others_are_not_there() -> None:
    mug = make_customizable(PHOTO, stock=9)
    order = place(make_user(), LineRequest(mug.pk, 1, answers={"colour": "red", "name": "A"}))
    answers = {"colour": "red", "name": "A", "photo": str(send_picture(make_user()).pk)}
    with pytest.raises(InvalidError) as refusal:
        edit(order, lines=[LineChange(line_of(order).pk, answers=answers)])
    assert [error.location for error in refusal.value.errors] == ["/lines/0/answers/photo"]


def test_a_dry_run_tells_everything_and_changes_nothing() -> None:
    order = make_order(product=make_product(price="10.00", stock=5), quantity=2)
    before = everything(order)
    edited = edit(order, lines=[LineChange(line_of(order).pk, quantity=1)], conditions={"dry_run": True})
    assert edited.quote
    assert (edited.difference, edited.quote["total"]) == (Decimal(-10), "10.00")
    assert everything(order) == before
    with pytest.raises(OutOfStockError):
        edit(order, lines=[LineChange(line_of(order).pk, quantity=6)], conditions={"dry_run": True})


def test_an_unexpected_total_is_refused_with_the_quote_of_now() -> None:
    order = make_order(product=make_product(price="10.00", stock=5))
    before = everything(order)
    lines = [LineChange(line_of(order).pk, quantity=2)]
    with pytest.raises(PriceChangedError) as refusal:
        edit(order, lines=lines, conditions={"expected_total": Decimal("19.99")})
    assert refusal.value.extra["quote"]["total"] == "20.00"
    assert everything(order) == before
    assert edit(order, lines=lines, conditions={"expected_total": Decimal("20.00")}).new_total == 20


def test_an_address_alone_costs_what_it_did_however_prices_went() -> None:
    product = make_product(price="10.00", stock=5)
    order = make_order(product=product)
    Product.objects.filter(pk=product.pk).update(list_price="99.00", is_active=False)
    edited = edit(order, shipping_address={**ADDRESS, "line1": "1 New Street"}, gift={"gift_message": "For you"})
    after = Order.objects.get(pk=order.pk)
    assert (edited.quote, edited.difference, after.total) == (None, Decimal(0), Decimal(10))
    assert (after.shipping_address["line1"], after.gift_message) == ("1 New Street", "For you")


def test_nothing_wanted_is_nothing_done() -> None:
    order = make_order()
    before = everything(order)
    assert edit(order).difference == 0
    assert everything(order) == before


def test_the_coupon_goes_with_what_the_items_come_to() -> None:
    create_coupon(new=NewCoupon("TEN", percent=Decimal(10), min_total=Decimal(20)))
    user, product = make_user(), make_product(price="10.00", stock=9)
    order = place(user, LineRequest(product.pk, 3), wishes=Wishes("TEN"))
    assert edit(order, lines=[LineChange(line_of(order).pk, quantity=2)]).new_total == 18
    assert CouponRedemption.objects.get().amount == 2
    before = everything(order)
    with pytest.raises(CouponMinTotalError):
        edit(order, lines=[LineChange(line_of(order).pk, quantity=1)])
    assert everything(order) == before
    assert edit(order, coupon="").new_total == 20
    assert not CouponRedemption.objects.exists()
    create_coupon(new=NewCoupon("FIVE", amount=Decimal(5)))
    assert edit(order, coupon="five").new_total == 15
    assert CouponRedemption.objects.get().coupon.code == "FIVE"


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ([], "/lines", "empty"),
        ([LineChange(10**9)], "/lines/0/id", "does_not_exist"),
        ([LineChange(0), LineChange(0)], "/lines/1/id", "duplicate"),
    ],
)
def test_lines_that_are_not_the_orders_are_refused(change: list[LineChange], pointer: str, code: str) -> None:
    order = make_order()
    own = line_of(order).pk
    before = everything(order)
    with pytest.raises(InvalidError) as refusal:
        edit(order, lines=[LineChange(each.line_id or own) for each in change])
    assert [(error.location, error.code) for error in refusal.value.errors] == [(pointer, code)]
    assert everything(order) == before


def test_an_edit_does_not_keep_the_goods_longer() -> None:
    order = make_unpaid(product=make_product(stock=9))
    with clock.frozen_at(clock.now() + timedelta(minutes=10)):
        edit(order, lines=[LineChange(line_of(order).pk, quantity=2)])
    assert Order.objects.get(pk=order.pk).hold_expires_at == order.hold_expires_at


def test_nothing_is_changed_while_somebody_may_be_paying() -> None:
    order = make_unpaid(product=make_product(stock=9))
    open_page(order)
    before = everything(order)
    with pytest.raises(PaymentInProgressError):
        edit(order, lines=[LineChange(line_of(order).pk, quantity=2)])
    assert everything(order) == before


@pytest.mark.parametrize("role", [Role.OWNER, Role.STAFF])
def test_what_is_on_its_way_is_not_changed(role: Role) -> None:
    order = move(make_order(), OrderStatus.SHIPPED)
    before = everything(order)
    with pytest.raises(NotEditableError) as refusal:
        edit(order, role=role, shipping_address=ADDRESS)
    assert refusal.value.extra == {"order_status": "shipped"}
    assert everything(order) == before


def test_a_stale_version_and_an_order_that_is_not_there() -> None:
    order = make_order()
    changes, editor = Changes(gift={"gift_message": "x"}), Editor(Role.OWNER, "user:x")
    with pytest.raises(PreconditionFailedError) as refusal:
        order_edits.edit(order_id=order.pk, changes=changes, editor=editor, expected_version=99)
    assert refusal.value.extra == {"current_version": order.version}
    Order.objects.filter(pk=order.pk).delete()
    with pytest.raises(NotFoundError):
        order_edits.edit(order_id=order.pk, changes=changes, editor=editor)


def test_a_dozen_lines_cost_as_many_queries_as_one() -> None:
    user, products = make_user(), [make_product(stock=900) for _ in range(12)]

    def queries(count: int) -> int:
        order = place(user, *(LineRequest(product.pk, 1) for product in products[:count]))
        lines = [LineChange(pk, quantity=2) for pk in order.lines.values_list("pk", flat=True)]
        with CaptureQueriesContext(connection) as captured:
            edit(order, lines=lines)
        return len(captured)

    assert queries(1) == queries(12)
