"""Imports taken back while somebody buys what they brought."""

from collections.abc import Collection
from typing import Any

import pytest
from django.db import transaction

from catalog.models import Product, StockItem
from catalog.services import stock
from catalog.tests.races import at_once
from catalog.tests.transfers import apply, take_back

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("own_files")]


def test_what_is_reserved_while_it_is_taken_back_is_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    transfer = apply("product", b"sku,name,list_price,on_hand\nA,Mug,4,3\nB,Cup,4,3\n")
    mug = Product.objects.get(sku="A")
    correct_all = stock.correct_all

    def reserve() -> None:
        with transaction.atomic():
            stock.hold({mug.stock_id: 1})

    def somebody_is_faster(*args: Any, **more: Any) -> Collection[int]:
        assert at_once(reserve) == [None]
        return correct_all(*args, **more)

    monkeypatch.setattr(stock, "correct_all", somebody_is_faster)
    assert take_back(transfer).message == "1 removed, 1 hidden."
    assert list(Product.objects.values_list("sku", "is_active")) == [("A", False)]
    level = StockItem.objects.get(pk=mug.stock_id)
    assert (level.on_hand, level.held) == (3, 1)
