"""A hundred buyers at once over HTTP: as many orders as there are pieces."""

import threading
from collections import Counter

import pytest
from django.db import connection

from accounts.tests.factories import make_user
from catalog.errors import OutOfStockError
from catalog.models import StockItem
from catalog.services import stock
from catalog.tests.factories import make_product
from fantasize.core.models import DomainEvent
from fantasize.tests.client import ApiClient
from orders.models import Order
from orders.tests.test_api_orders import basket, place


def flood(product: int, buyers: int) -> Counter[int]:
    """What the buyers were answered, all asking at once."""
    user = make_user()
    clients = [ApiClient(user) for _ in range(buyers)]
    barrier, statuses = threading.Barrier(buyers), []

    def buy(client: ApiClient) -> None:
        try:
            barrier.wait()
            statuses.append(place(client, basket(product)).status)
        finally:
            connection.close()

    threads = [threading.Thread(target=buy, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(statuses)


@pytest.mark.django_db(transaction=True)
def test_of_a_hundred_buyers_ten_get_the_ten_pieces() -> None:
    product = make_product(stock=10)
    assert flood(product.pk, 100) == {201: 10, 409: 90}
    item = StockItem.objects.get(pk=product.stock_id)
    assert (item.on_hand, item.held) == (10, 10)
    assert Order.objects.count() == DomainEvent.objects.filter(name="order.placed").count() == 10


@pytest.mark.django_db(transaction=True)
def test_without_the_protection_more_buyers_are_served_than_there_are_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: read, check, write, as every shop does it first."""

    def hold_unsafely(demand: dict[int, int]) -> None:
        for item_id, quantity in demand.items():
            item = StockItem.objects.get(pk=item_id)
            if item.available < quantity:
                raise OutOfStockError({})
            StockItem.objects.filter(pk=item_id).update(held=item.held + quantity)

    monkeypatch.setattr(stock, "hold", hold_unsafely)
    assert flood(make_product(stock=10).pk, 60)[201] > 10
