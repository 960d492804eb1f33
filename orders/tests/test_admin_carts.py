"""Carts in the admin: found by their owners, read and never written."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.tests.factories import make_user
from catalog.tests.factories import make_product
from fantasize.core import guests
from fantasize.tests.staff import signed_in
from orders.models import Cart
from orders.services import carts
from orders.services.baskets import LineRequest
from orders.tests.customized import make_customizable

pytestmark = pytest.mark.django_db

LIST = reverse("admin:orders_cart_changelist")


def fill(owner: str) -> None:
    carts.put(owner=owner, wish=LineRequest(make_product().pk, 2))
    carts.put(owner=owner, wish=LineRequest(make_product().pk, 1))


def test_staff_find_a_cart_by_the_beginning_of_its_owners_address(manager: Client) -> None:
    ada, grace = make_user(email="ada@example.com"), make_user(email="grace@example.com")
    for owner in (ada.actor, grace.actor, guests.principal_of("a" * 43)):
        fill(owner)
    carts.close(grace.actor)
    page = manager.get(LIST).content.decode()
    assert ("ada@example.com" in page, "A guest" in page, "grace@example.com" in page) == (True, True, False)
    found = manager.get(LIST, {"q": "ada@"}).content.decode()
    assert ("ada@example.com" in found, "A guest" in found) == (True, False)


def test_a_cart_shows_its_lines_and_takes_no_changes(manager: Client) -> None:
    user = make_user()
    mug = make_customizable(name="Oak mug")
    carts.put(owner=user.actor, wish=LineRequest(mug.pk, 3, answers={"colour": "red", "name": "Ada"}))
    cart = Cart.objects.get()
    url = reverse("admin:orders_cart_change", args=[cart.pk])
    page = manager.get(url).content.decode()
    assert all(word in page for word in ("Oak mug", "Ada", "10.00 USD", user.email))
    assert manager.post(url, {"version": 9}).status_code == 403
    assert Cart.objects.get().version == 1


def test_the_list_costs_the_same_for_one_cart_and_for_many() -> None:
    client = signed_in()  # its session is kept in the cache from the first page on
    costs = []
    for count in (1, 5):
        for _ in range(count):
            fill(make_user().actor)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(LIST).status_code == 200
        costs.append(len(captured))
    assert costs[0] == costs[1]
