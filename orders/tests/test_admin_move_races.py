"""Two people on one order page: one wins, and the other is told."""

import threading

import pytest
from django.db import connection
from django.test import Client

from fantasize.tests.staff import said, signed_in
from orders.admin import moves
from orders.enums import OrderStatus, Role
from orders.services import transitions
from orders.tests.factories import make_order, move
from orders.tests.test_admin_moves import fresh, press

S = OrderStatus


@pytest.mark.django_db(transaction=True)
def test_of_two_people_pressing_at_once_one_wins_and_the_other_is_told() -> None:
    order = move(make_order(), S.PROCESSING)
    clients = [signed_in() for _ in range(2)]
    barrier, told = threading.Barrier(2), []

    def run(client: Client, target: str) -> None:
        barrier.wait()
        told.extend(said(press(client, order, target, version=order.version)))
        connection.close()

    threads = [
        threading.Thread(target=run, args=pair) for pair in zip(clients, ("processed", "cancelled"), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == sorted([moves.CHANGED_MEANWHILE, f"The order is now {fresh(order).status}."])
    assert fresh(order).version == order.version + 1


@pytest.mark.django_db
def test_without_the_version_the_second_one_would_have_gone_through() -> None:
    order = move(make_order(), S.PROCESSING)
    move(order, S.PROCESSED)
    transitions.move_order(order_id=order.pk, move=transitions.Move(S.CANCELLED, "user:late", Role.STAFF))
    assert fresh(order).version == order.version + 2
