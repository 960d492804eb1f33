"""Links on the order page: shown once, taken back for good."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts.tests.factories import make_user
from fantasize.tests.staff import make_viewer, said, signed_in
from orders.enums import LinkScope
from orders.models import Order, OrderLink
from orders.services import links
from orders.tests.factories import make_order

pytestmark = pytest.mark.django_db


def press(order: Order, user: Any = None, **form: str) -> Any:
    client = signed_in(user or make_user(role="manager"))
    return client.post(f"/admin/orders/order/{order.pk}/links/", form)


def page_of(order: Order, user: Any = None) -> str:
    response = signed_in(user or make_user(role="manager")).get(f"/admin/orders/order/{order.pk}/change/")
    return str(response.content.decode())


@pytest.mark.parametrize("scope", LinkScope)
def test_a_new_link_is_shown_once(scope: LinkScope) -> None:
    order, manager = make_order(), make_user(role="manager")
    response = press(order, manager, scope=scope.value)
    assert "no-store" in response["Cache-Control"]
    (token,) = re.findall(r"/track/([\w-]{43})<", response.content.decode())
    assert links.get_holder(token).scope is scope
    assert OrderLink.objects.get().created_by == manager.actor
    page = page_of(order)
    assert token not in page
    assert str(OrderLink.objects.get().pk) in page


def test_a_link_is_taken_back() -> None:
    order = make_order()
    link = links.create(order, scope=LinkScope.OWNER, actor="guest").link
    response = press(order, revoke=str(link.pk))
    assert said(response) == ["The link opens nothing any more."]
    link.refresh_from_db()
    assert not link.is_live
    page = page_of(order)
    assert "Taken back" in page
    assert "Take back" not in page


def test_a_link_of_another_order_is_not_there(manager: Client) -> None:
    order, link = make_order(), links.create(make_order(), scope=LinkScope.OWNER, actor="guest").link
    for name in (str(link.pk), str(uuid4()), "nonsense"):
        assert press(order, revoke=name).status_code == 404
    link.refresh_from_db()
    assert link.is_live
    assert manager.post(f"/admin/orders/order/{uuid4()}/links/").status_code == 404


@pytest.mark.parametrize("form", [{}, {"scope": "everything"}])
def test_what_is_no_link_is_not_made(form: dict[str, str]) -> None:
    assert press(make_order(), **form).status_code == 403
    assert not OrderLink.objects.exists()


def test_who_only_looks_presses_nothing() -> None:
    order, viewer = make_order(), make_viewer("orders.view_order")
    link = links.create(order, scope=LinkScope.OWNER, actor="link:1").link
    page = page_of(order, viewer)
    assert "Whoever has a link" in page
    assert "Take back" not in page
    assert "New for" not in page
    for form in ({"scope": "owner"}, {"revoke": str(link.pk)}):
        assert press(order, viewer, **form).status_code == 403
    link.refresh_from_db()
    assert link.is_live
    assert OrderLink.objects.count() == 1


def test_the_buttons_are_pressed_by_post(manager: Client) -> None:
    assert manager.get(f"/admin/orders/order/{make_order().pk}/links/").status_code == 405
