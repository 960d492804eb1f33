"""Who may order: customers, as long as the shop lets their role."""

from uuid import uuid4

import pytest
from django.contrib.auth.models import AnonymousUser, Group, Permission

from accounts.auth import Machine
from accounts.models import User
from accounts.tests.factories import make_user
from catalog.tests.factories import make_product
from fantasize.tests.client import ApiClient
from orders import policies
from orders.models import Order
from orders.tests.factories import ADDRESS

pytestmark = pytest.mark.django_db


def order(user: User) -> int:
    lines = [{"product": make_product(stock=5).pk, "quantity": 1}]
    body = {"lines": lines, "payment_method": "cash_on_delivery", "shipping_address": ADDRESS}
    return ApiClient(user).post("/orders", body, Idempotency_Key=str(uuid4())).status


def test_customers_order_until_their_role_may_not() -> None:
    customer, manager = make_user(), make_user(role="manager")
    assert order(customer) == 201
    right = Permission.objects.get(content_type__app_label="orders", codename="add_order")
    Group.objects.get(name="customer").permissions.remove(right)
    assert order(customer) == 403
    assert Order.objects.filter(user=customer).count() == 1
    assert order(manager) == 201


def test_guests_order_and_programs_do_not() -> None:
    assert policies.can_order(AnonymousUser())
    assert not policies.can_order(Machine("factory", frozenset({"orders", "orders.add_order"})))
