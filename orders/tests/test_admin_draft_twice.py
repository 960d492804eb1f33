"""The page of a draft: what is sent twice is noted and placed once, and nothing of it is lost without a word."""

from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from catalog.tests.factories import make_product
from fantasize.tests.staff import make_viewer, said, signed_in
from orders.admin.drafts import SENT_BEFORE
from orders.admin.moves import BUSY
from orders.models import DraftOrder, Order
from orders.services import drafts, links
from orders.tests.customized import make_customizable, make_customizable_package
from orders.tests.factories import make_order
from orders.tests.test_admin_drafts import ADD, form, page_of, press

pytestmark = pytest.mark.django_db


def new_page(client: Client, product: Any) -> dict[str, Any]:
    """What a page that was just opened sends, of two pieces."""
    key = client.get(ADD).context["form"]["key"].value()
    return form({"product": product.pk, "quantity": 2}, key=str(key))


def test_a_new_page_that_is_sent_twice_places_one_order() -> None:
    client, product = signed_in(), make_product(price="10.00", stock=9)
    sent = {**new_page(client, product), "expected_total": "20.00"}
    shown = page_of(press(client, "estimate", sent))
    assert f'value="{sent["key"]}"' in shown
    assert press(client, "place_and_send", sent).status_code == 302
    order = Order.objects.get()
    again = press(client, "place_and_send", sent)
    assert said(again)[-1] == SENT_BEFORE
    draft = DraftOrder.objects.get()
    assert again["Location"] == f"/admin/orders/draftorder/{draft.pk}/change/"
    assert client.get(again["Location"])["Location"] == f"/admin/orders/order/{order.pk}/change/"
    assert press(client, "place", new_page(client, product) | {"expected_total": "20.00"}).status_code == 302
    assert Order.objects.count() == 2


def test_a_new_page_that_is_saved_twice_notes_one_draft() -> None:
    client, product = signed_in(), make_product(price="10.00", stock=9)
    sent = new_page(client, product)
    assert press(client, "save", sent)["Location"] == press(client, "save", sent)["Location"]
    assert DraftOrder.objects.count() == 1


def test_a_draft_is_deleted_from_its_page_by_who_may() -> None:
    client, product = signed_in(), make_product(price="10.00", stock=9)
    assert "data-delete" not in page_of(client.get(ADD))
    draft = press(client, "save", new_page(client, product))["Location"]
    gone = draft.replace("/change/", "/delete/")
    assert f'data-delete href="{gone}"' in page_of(client.get(draft))
    editor = signed_in(make_viewer("orders.view_draftorder", "orders.change_draftorder"))
    assert "data-delete" not in page_of(editor.get(draft))
    assert client.post(gone, {"post": "yes"})["Location"] == "/admin/orders/draftorder/"
    assert not DraftOrder.objects.exists()


def test_answers_about_parts_are_placed_from_the_page_they_are_written_on() -> None:
    part = make_customizable(price="10.00", stock=9)
    package, client = make_customizable_package((part, 1)), signed_in()
    answers = {"answer__card": "Hello", f"answer_{part.pk}_colour": "red", f"answer_{part.pk}_name": "Ada"}
    sent = form({"package": package.pk, "quantity": 1, **answers})
    shown = page_of(press(client, "estimate", sent))
    total = shown.split('name="expected_total" value="')[1].split('"')[0]
    answer = press(client, "place", {**sent, "expected_total": total})
    order = Order.objects.get()
    assert (said(answer), str(order.total)) == ([f"Order {order.number} is placed."], total)


def test_what_is_not_sold_any_more_is_not_left_out_without_a_word() -> None:
    client, mug, tea = signed_in(), make_product(price="10.00"), make_product(price="5.00")
    press(client, "save", form({"product": mug.pk, "quantity": 1}, {"product": tea.pk, "quantity": 2}))
    path = f"/admin/orders/draftorder/{DraftOrder.objects.get().pk}/change/"
    type(tea).objects.filter(pk=tea.pk).update(is_active=False)
    lines = ({"product": mug.pk, "quantity": 1}, {"product": "", "quantity": 2})
    page = page_of(press(client, "estimate", form(*lines, version=1), path))
    assert "Line 2 product: choose a product or a package" in page
    assert "Place only" not in page


@pytest.mark.parametrize("action", ["save", "place"])
def test_who_finds_a_draft_locked_is_told(monkeypatch: pytest.MonkeyPatch, action: str) -> None:
    client, product = signed_in(), make_product(price="10.00", stock=9)
    sent = {**new_page(client, product), "expected_total": "20.00"}

    def wait(**_: object) -> None:
        raise OperationalError

    monkeypatch.setattr(drafts, "create" if action == "save" else "place", wait)
    answer = press(client, action, sent)
    told = page_of(answer) if action == "save" else said(answer)[-1]
    assert BUSY in told
    assert not Order.objects.exists()


def test_who_finds_an_order_or_a_draft_locked_gets_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def wait(*_: object, **__: object) -> None:
        raise OperationalError

    monkeypatch.setattr(drafts, "send_payment_link", wait)
    monkeypatch.setattr(drafts, "remove", wait)
    monkeypatch.setattr(links, "create", wait)
    client, order = signed_in(), make_order()
    page = f"/admin/orders/order/{order.pk}/"
    assert said(client.post(f"{page}payment-link/"))[-1] == BUSY
    assert said(client.post(f"{page}links/", {"scope": "owner"}))[-1] == BUSY
    press(client, "save", new_page(client, make_product(price="10.00")))
    path = f"/admin/orders/draftorder/{DraftOrder.objects.get().pk}/delete/"
    assert client.post(path, {"post": "yes"})["Location"] == "/admin/orders/draftorder/"
    assert DraftOrder.objects.exists()
