"""Staff change an order in the admin: they see what would come of it, and then do just that."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from catalog.models import Product
from catalog.tests.factories import make_product
from fantasize.tests.staff import make_viewer, said, sign_in
from orders.admin.moves import CHANGED_MEANWHILE
from orders.enums import OrderStatus, PaymentMethod
from orders.models import Order, OrderLine, Payment
from orders.services import order_edits
from orders.services.baskets import LineRequest
from orders.tests.customized import place
from orders.tests.factories import ADDRESS, make_order, move
from orders.tests.payment_shop import make_unpaid, open_page, press
from orders.tests.terms import make_method
from orders.tests.test_order_edits import everything, line_of, stock_of

pytestmark = pytest.mark.django_db


def path(order: Order) -> str:
    return f"/admin/orders/order/{order.pk}/edit/"


def form_of(order: Order, **changes: Any) -> dict[str, Any]:
    """What the page would send; changes are by field, quantities by ``line<position>``."""
    lines = {f"quantity_{line.pk}": line.quantity for line in order.lines.all()}
    named = {f"quantity_{line.pk}": changes.pop(f"line{line.position}", line.quantity) for line in order.lines.all()}
    address = {f"address_{name}": value for name, value in order.shipping_address.items()}
    return {"version": order.version, "shipping_method": "", **lines, **address, **named, **changes}


def check(client: Client, order: Order, **changes: Any) -> str:
    return client.post(path(order), {**form_of(order, **changes), "action": "check"}).content.decode()


def save(client: Client, order: Order, expected: str, **changes: Any) -> Any:
    return client.post(path(order), {**form_of(order, **changes), "action": "save", "expected_total": expected})


def test_a_check_shows_it_and_a_save_does_it(manager: Client) -> None:
    product, other = make_product(price="10.00", stock=9), make_product(price="4.00", stock=9)
    order = place(order_user := make_order().user, LineRequest(product.pk, 2), LineRequest(other.pk, 1))  # type: ignore[arg-type]  # it has one
    assert order_user
    make_method("post", "0.50")
    before = everything(order)
    change = {"line1": 3, "line2": 0, "address_line1": "1 New Street", "shipping_method": "post"}
    page = check(manager, order, **change)
    assert 'data-sum="old">24.00 USD' in page
    assert 'data-sum="new">30.50 USD' in page
    assert 'data-sum="difference">6.50 USD' in page
    assert 'name="expected_total" value="30.50"' in page
    assert everything(order) == before
    answer = save(manager, order, "30.50", **change)
    assert said(answer) == ["The order is changed. Its total is 30.50 USD."]
    after = Order.objects.get(pk=order.pk)
    assert (after.total, after.shipping_method, after.shipping_address["line1"]) == (
        Decimal("30.50"),
        "post",
        "1 New Street",
    )
    assert [stock_of(product), stock_of(other)] == [(9, 3), (9, 0)]
    page = manager.get(f"/admin/orders/order/{order.pk}/change/").content.decode()
    assert "data-edit" in page
    assert "Total before" in page


def test_money_goes_back_for_what_is_paid(manager: Client) -> None:
    order = make_unpaid(product=make_product(price="10.00", stock=9), quantity=3)
    press(open_page(order), "pay")
    order = Order.objects.get(pk=order.pk)
    assert order.status == OrderStatus.PROCESSING
    assert "To give back" in check(manager, order, line1=1)
    save(manager, order, "10.00", line1=1)
    assert (Payment.objects.get().refunded, Order.objects.get(pk=order.pk).total) == (Decimal(20), Decimal(10))
    refusal = check(manager, Order.objects.get(pk=order.pk), line1=2)
    assert "It would cost 10.00 USD more. Place a second order" in refusal


def test_a_stale_page_and_other_prices_change_nothing(manager: Client) -> None:
    product = make_product(price="10.00", stock=9)
    order = make_order(product=product)
    before = everything(order)
    answer = save(manager, order, "20.00", line1=2, version=7)
    assert said(answer) == [CHANGED_MEANWHILE]
    assert answer["Location"] == path(order)
    Product.objects.filter(pk=product.pk).update(list_price="11.00")
    page = save(manager, order, "20.00", line1=2).content.decode()
    assert "The total is now 22.00 USD." in page
    assert "Save just this" not in page
    assert "Save just this" in save(manager, order, "", line1=2).content.decode()
    assert everything(order)[0] == before[0]


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({}, "Nothing would be otherwise."),
        ({"line1": 0}, "Nothing would be left of it. Cancel the order instead, on its page."),
        ({"line1": 10**6}, "Quantity of "),
        ({"line1": 99}, "stock"),
        ({"address_country": "XX"}, "Shipping address country:"),
        ({"shipping_method": "far"}, "Shipping method:"),
        ({"version": "x"}, "Version:"),
    ],
)
def test_what_cannot_be_is_said(change: dict[str, Any], refusal: str, manager: Client) -> None:
    make_method("far", "1.00", countries=["FR"])
    order = make_order(product=make_product(stock=9))
    before = everything(order)
    page = check(manager, order, **change)
    assert "data-refusals" in page
    assert refusal in page
    assert everything(order) == before


def test_a_lock_that_is_not_to_be_had_is_said(monkeypatch: pytest.MonkeyPatch, manager: Client) -> None:
    def busy(**_: Any) -> None:
        raise OperationalError

    monkeypatch.setattr(order_edits, "edit", busy)
    assert "working on this order" in check(manager, make_order(product=make_product(stock=9)), line1=2)


def test_only_who_may_and_only_what_can_be_changed(manager: Client) -> None:
    order, viewer = make_order(method=PaymentMethod.CASH_ON_DELIVERY), Client()
    sign_in(viewer, make_viewer("orders.view_order"))
    assert viewer.get(path(order)).status_code == 403
    page = viewer.get(f"/admin/orders/order/{order.pk}/change/").content.decode()
    assert "data-edit" not in page
    assert manager.get(path(order)).status_code == 200
    assert manager.put(path(order)).status_code == 405
    assert manager.get("/admin/orders/order/00000000-0000-0000-0000-000000000000/edit/").status_code == 404
    shipped = move(order, OrderStatus.SHIPPED)
    assert "data-edit" not in manager.get(f"/admin/orders/order/{order.pk}/change/").content.decode()
    assert "cannot be changed" in check(manager, shipped, address_line1="x")
    assert OrderLine.objects.get(order=order) == line_of(order)
    assert Order.objects.get(pk=order.pk).shipping_address == ADDRESS
