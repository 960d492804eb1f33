"""Somebody is forgotten while they are still at work on their cart."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from accounts.services import erasure
from accounts.tests.factories import make_user
from catalog.tests.factories import make_product
from fantasize.tests.waiting import PATIENCE_SECONDS, wait_until
from orders.models import Cart, CartLine
from orders.services import cart_edits, carts
from orders.services.baskets import LineRequest

pytestmark = pytest.mark.django_db(transaction=True)


def somebody_waits() -> bool:
    """Whether a connection of this database waits for another's lock."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return bool(cursor.fetchone()[0])


def test_an_erasure_waits_for_a_change_of_the_cart_and_neither_is_refused() -> None:
    user = make_user()
    carts.put(owner=user.actor, wish=LineRequest(make_product().pk, 1))
    held = threading.Event()

    def change() -> int:
        try:
            with transaction.atomic():
                cart = cart_edits.lock(user.actor)
                held.set()
                wait_until(somebody_waits, "the erasure waits")
                # A deadlock, if the erasure had locked the lines before their cart.
                return CartLine.objects.filter(cart=cart).update(quantity=2)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        changed = pool.submit(change)
        assert held.wait(PATIENCE_SECONDS)
        erasure.erase(user=user)
        assert changed.result() == 1
    assert not Cart.objects.exists()
