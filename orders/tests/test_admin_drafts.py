"""Staff prepare an order in the admin: they see what it costs, place it, and have it paid by a link."""

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.models import User
from accounts.tests.factories import make_address, make_user
from catalog.models import Product, StockItem
from catalog.tests.factories import make_package, make_product
from customizations.models import CustomizationTemplate
from customizations.services.templates import retire, update_template
from fantasize.core.models import DomainEvent
from fantasize.tests.staff import make_viewer, said, sign_in, signed_in
from orders.admin import drafts as page_of_drafts
from orders.enums import OrderSource
from orders.models import DraftOrder, Order
from orders.services.drafts import LINK_TASK
from orders.tests.customized import PHOTO, make_customizable, make_customizable_package
from orders.tests.factories import ADDRESS, make_order
from orders.tests.payment_shop import make_unpaid
from orders.tests.special import make_special
from orders.tests.terms import make_method

pytestmark = pytest.mark.django_db
ADD = "/admin/orders/draftorder/add/"


def form(*lines: dict[str, Any], customer: User | None = None, **more: Any) -> dict[str, Any]:
    """What the page would send; for a guest unless told."""
    begin = {"lines-TOTAL_FORMS": len(lines), "lines-INITIAL_FORMS": 0, "payment_method": "hosted"}
    named = {f"lines-{place}-{name}": value for place, line in enumerate(lines) for name, value in line.items()}
    whom = {"email": customer.email.upper() if customer else "guest@example.com"}
    address = {} if customer else {f"address_{name}": value for name, value in ADDRESS.items()}
    return {**begin, **named, **whom, **address, **more}


def press(client: Client, action: str, sent: dict[str, Any], path: str = ADD) -> Any:
    return client.post(path, {**sent, "action": action})


def page_of(answer: Any) -> str:
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_what_it_costs_is_said_and_nothing_is_noted() -> None:
    mug, client = make_customizable(PHOTO, price="10.00", stock=1), signed_in()
    page = page_of(press(client, "estimate", form({"product": mug.pk, "quantity": 2})))
    assert "data-refusals" in page
    assert 'name="lines-0-answer__name"' in page
    assert "the id of a picture of the customer" in page
    answers = {"answer__colour": "gold", "answer__name": "Ada"}
    page = page_of(press(client, "estimate", form({"product": mug.pk, "quantity": 2, **answers})))
    assert "data-refusals" not in page
    assert 'data-notice="only_n_left"' in page
    assert "Place and send payment link" in page
    assert 'name="lines-2-product"' in page
    assert not DraftOrder.objects.exists()
    assert StockItem.objects.get(pk=mug.stock_id).held == 0


def test_a_draft_is_saved_and_found_as_it_was() -> None:
    customer, part = make_user(), make_customizable(stock=9)
    make_address(customer, is_default_shipping=True)
    make_method("post", "2.00")
    package = make_customizable_package((part, 1))
    name = f"answer_{part.pk}_name"
    line = {
        "package": package.pk,
        "quantity": 2,
        "answer__card": "Hello",
        f"answer_{part.pk}_colour": "red",
        name: "Ada",
    }
    gift = {"is_gift": "on", "gift_message": "For you", "recipient_name": "Bob", "shipping_method": "post"}
    client = signed_in()
    answer = press(client, "save", form(line, customer=customer, note="Call back", **gift))
    draft = DraftOrder.objects.get()
    assert said(answer)[0].startswith("Saved. It comes to ")
    assert draft.body["lines"][0]["parts"] == {str(part.pk): {"colour": "red", "name": "Ada"}}
    assert (draft.customer, draft.note, draft.body["recipient"]) == (customer, "Call back", {"name": "Bob"})
    path = f"/admin/orders/draftorder/{draft.pk}/change/"
    page = page_of(client.get(path))
    assert f'name="lines-0-{name}"' in page
    assert "Call back" in page
    assert customer.email in page_of(client.get("/admin/orders/draftorder/"))
    answer = press(client, "save", form(line, customer=customer, version=7), path)
    assert said(answer)[-1:] == [page_of_drafts.CHANGED_MEANWHILE], page_of(answer)
    press(client, "save", form({**line, "quantity": 1}, customer=customer, version=1), path)
    assert (DraftOrder.objects.get().version, DraftOrder.objects.get().body["lines"][0]["quantity"]) == (2, 1)
    client.post(f"/admin/orders/draftorder/{draft.pk}/delete/", {"post": "yes"})
    assert not DraftOrder.objects.exists()
    assert [entry.object_repr for entry in LogEntry.objects.all()] == ["draft order"], "nobody's address stays there"


def test_what_is_not_asked_any_more_is_not_left_out_without_a_word() -> None:
    mug, client = make_customizable(stock=9), signed_in()
    answers = {"answer__colour": "gold", "answer__name": "Ada"}
    press(client, "save", form({"product": mug.pk, "quantity": 1, **answers}))
    path = f"/admin/orders/draftorder/{DraftOrder.objects.get().pk}/change/"
    assert "left out" not in page_of(client.get(path))
    template = CustomizationTemplate.objects.get()
    schema = template.schema
    schema["options"][0]["choices"].pop()
    update_template(template=template, changes={"schema": schema}, actor="user:staff")
    page = page_of(client.get(path))
    assert [f"left out: {answer}" in page for answer in ("colour: gold", "name: Ada")] == [True, False]
    retire(template=template, actor="user:staff")
    page = page_of(client.get(path))
    assert [f"left out: {answer}" in page for answer in ("colour: gold", "name: Ada")] == [True, True]


def test_it_is_placed_for_what_was_shown_and_the_link_is_sent() -> None:
    product, manager = make_product(price="10.00", stock=5), make_user(role="manager")
    client, sent = signed_in(manager), form({"product": product.pk, "quantity": 2}, {"product": ""})
    assert "Place only" in page_of(press(client, "place", sent))
    answer = press(client, "place_and_send", {**sent, "expected_total": "20.00"})
    order = Order.objects.get()
    assert said(answer) == [f"Order {order.number} is placed, and the link is sent."]
    assert (order.source, order.email, order.user) == (OrderSource.STAFF, "guest@example.com", None)
    assert StockItem.objects.get(pk=product.stock_id).held == 2
    assert DomainEvent.objects.filter(name="order_staff.note_added").count() == 1
    draft = DraftOrder.objects.get()
    path = f"/admin/orders/draftorder/{draft.pk}/change/"
    assert client.get(path)["Location"] == f"/admin/orders/order/{order.pk}/change/"
    assert f"Order {order.number}" in page_of(client.get("/admin/orders/draftorder/"))
    assert client.post(f"/admin/orders/draftorder/{draft.pk}/delete/", {"post": "yes"}).status_code == 403
    assert DraftOrder.objects.exists()


def test_what_is_refused_stays_a_draft() -> None:
    product, client = make_product(price="10.00", stock=1), signed_in()
    answer = press(client, "place", {**form({"product": product.pk, "quantity": 2}), "expected_total": "20.00"})
    assert said(answer)[0].startswith("The draft is saved, but: ")
    assert not Order.objects.exists()
    path = f"/admin/orders/draftorder/{DraftOrder.objects.get().pk}/change/"
    assert answer["Location"] == path
    sent = {**form({"product": product.pk, "quantity": 1}, version=1), "expected_total": "9.00"}
    assert "The total is now 10.00 USD." in said(press(client, "place", sent, path))[-1]
    assert not Order.objects.exists()
    sent |= {"expected_total": "10.00", "version": 2}
    assert said(press(client, "place", sent, path))[-1] == f"Order {Order.objects.get().number} is placed."
    assert not DomainEvent.objects.filter(name="order_staff.note_added").exists()


def test_what_cannot_be_is_said_and_nothing_is_noted() -> None:
    product, client = make_product(), signed_in()
    line = {"product": product.pk, "quantity": 1}
    both = {"product": product.pk, "package": make_package((product, 1)).pk}
    cases: list[tuple[dict[str, Any], str]] = [
        (form(), "Choose a product or a package in one line at least."),
        (form({"product": "0x"}), "Choose a product or a package"),
        (form({**line, "quantity": 0}), "Line 1 quantity: "),
        (form({"product": 10**9}), "Line 1 product: "),
        (form({"product": "00000000-0000-0000-0000-000000000000"}), "Choose a product"),
        (form(both), "Line 1 p"),
        (form(line, email=""), "Email: "),
        (form(line, address_country="XX"), "Shipping address country: "),
        (form(line, customer=make_user()), "Shipping address: "),
        (form(line, coupon="NOPE"), "coupon"),
        ({"payment_method": "hosted"}, "data-refusals"),
    ]
    for sent, refusal in cases:
        page = page_of(press(client, "save", sent))
        assert "data-refusals" in page
        assert refusal in page
    assert not DraftOrder.objects.exists()


def test_who_may_and_what_is_there() -> None:
    viewer = Client()
    sign_in(viewer, make_viewer("orders.view_draftorder"))
    assert viewer.get(ADD).status_code == 403
    manager = signed_in()
    assert manager.get(ADD).status_code == 200
    gone = manager.get("/admin/orders/draftorder/00000000-0000-0000-0000-000000000000/change/")
    assert gone.status_code == 302


def test_a_payment_link_is_sent_from_the_orders_page() -> None:
    order, cash, client = make_unpaid(), make_order(), signed_in()
    path = f"/admin/orders/order/{order.pk}"
    assert "data-payment-link" in page_of(client.get(f"{path}/change/"))
    assert "data-payment-link" not in page_of(client.get(f"/admin/orders/order/{cash.pk}/change/"))
    assert said(client.post(f"{path}/payment-link/"))[-1] == "The link is on its way."
    assert client.get(f"{path}/payment-link/").status_code == 405
    refused = client.post(f"/admin/orders/order/{cash.pk}/payment-link/")
    assert said(refused)[-1] == "There is nothing to be paid by a link now."
    viewer = Client()
    sign_in(viewer, make_viewer("orders.view_order"))
    assert viewer.post(f"{path}/payment-link/").status_code == 403
    assert DomainEvent.objects.filter(name="order_staff.note_added").count() == 1
    assert Product.objects.count() == 2


def jobs() -> list[str]:
    """The orders for which a link is on its way."""
    return sorted(job.args["order_id"] for job in ProcrastinateJob.objects.filter(task_name=LINK_TASK))


def test_nobody_is_sent_a_link_for_what_is_paid_in_cash_and_that_is_said() -> None:
    product, client = make_product(price="10.00", stock=5), signed_in()
    sent = form({"product": product.pk, "quantity": 1}, payment_method="cash_on_delivery", expected_total="10.00")
    answer = press(client, "place_and_send", sent)
    order = Order.objects.get()
    assert said(answer) == [f"Order {order.number} is placed. No link was sent: it is paid in cash on delivery."]
    assert answer["Location"] == f"/admin/orders/order/{order.pk}/change/"
    assert jobs() == []
    assert not DomainEvent.objects.filter(name="order_staff.note_added").exists()


def test_a_draft_in_parts_is_placed_for_what_was_shown_and_each_order_has_its_link() -> None:
    plain, special, client = make_product(price="5.00", stock=5), make_special(price="20.00"), signed_in()
    make_method("post", "4.00")
    wished = {"product": special.pk, "quantity": 1, "answer__special": "A dragon"}
    sent = form({"product": plain.pk, "quantity": 1}, wished, ship_in_parts="on")
    page = page_of(press(client, "estimate", sent))
    assert 'name="expected_total" value="33.00"' in page
    assert "2 of 2" in page
    press(client, "save", sent)
    path = f"/admin/orders/draftorder/{DraftOrder.objects.get().pk}/change/"
    assert "checked" in page_of(client.get(path)).split('name="ship_in_parts"')[1].split(">")[0]
    answer = press(client, "place_and_send", {**sent, "expected_total": "33.00", "version": 1}, path)
    orders = list(Order.objects.order_by("number"))
    numbers = " and ".join(f"Order {order.number}" for order in orders)
    assert said(answer)[-1] == f"{numbers} are placed, and a link for each is sent."
    assert [(order.status, order.total) for order in orders] == [("pending", Decimal(9)), ("under_review", Decimal(24))]
    assert jobs() == sorted(str(order.pk) for order in orders)
    assert DomainEvent.objects.filter(name="order_staff.note_added").count() == 2
