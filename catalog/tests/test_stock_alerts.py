"""What staff and shoppers are told when stock changes."""

from collections import defaultdict
from collections.abc import Collection
from functools import partial

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from catalog.enums import MovementReason, StockStatus
from catalog.errors import OutOfStockError
from catalog.models import StockItem
from catalog.services import stock
from catalog.tests.factories import make_product
from catalog.tests.stock import correct, fell, sell, together
from fantasize.core import events
from fantasize.core.models import DomainEvent

pytestmark = pytest.mark.django_db


class TestAlerts:
    """Stock that falls to its mark, or to nothing, is an event: once each time, whoever took it."""

    def test_each_writer_says_so_when_it_crosses_the_mark(self) -> None:
        product = make_product(stock=8)
        item = str(product.stock_id)
        low = (item, "stock.running_low", {"available": 5, "low_stock_at": 5})
        stock.hold({product.stock_id: 2})
        assert fell() == []
        stock.hold({product.stock_id: 1})
        assert fell() == [low]
        stock.hold({product.stock_id: 1})
        stock.consume({product.stock_id: 4}, reference="1", actor="system")
        assert fell() == [low], "it was low before, and what is sold was held"
        stock.restock({product.stock_id: 4}, reason=MovementReason.RETURN, reference="1", actor="system")
        stock.correct(product.stock_id, delta=-3, reason=MovementReason.CORRECTION, reference="", actor="user:1")
        assert fell() == [low, low]
        stock.correct(product.stock_id, delta=-5, reason=MovementReason.CORRECTION, reference="", actor="user:1")
        out = (item, "stock.out_of_stock", {"available": 0, "low_stock_at": 5})
        assert fell() == [low, low, out]

    def test_from_plenty_to_nothing_is_sold_out_and_not_also_low(self) -> None:
        product = make_product(stock=8)
        stock.hold({product.stock_id: 8})
        assert [name for _, name, _ in fell()] == ["stock.out_of_stock"]

    def test_without_a_mark_only_the_last_piece_counts(self) -> None:
        product = make_product(stock=3)
        stock.set_low_mark(product.stock_id, low_stock_at=0)
        stock.hold({product.stock_id: 2})
        assert fell() == []
        stock.hold({product.stock_id: 1})
        assert [name for _, name, _ in fell()] == ["stock.out_of_stock"]

    def test_a_basket_that_is_refused_says_nothing(self) -> None:
        plenty, short = make_product(stock=6), make_product(stock=1)
        with pytest.raises(OutOfStockError), transaction.atomic():
            stock.hold({plenty.stock_id: 2, short.stock_id: 2})
        assert fell() == []

    def test_a_new_mark_is_no_event(self) -> None:
        product = make_product(stock=6)
        stock.set_low_mark(product.stock_id, low_stock_at=10)
        assert StockItem.objects.get(pk=product.stock_id).status is StockStatus.RUNNING_LOW
        assert fell() == []

    def test_many_that_fall_cost_as_much_as_one(self) -> None:
        counts = []
        for number in (1, 5):
            demand = {make_product(stock=6).stock_id: 1 for _ in range(number)}
            with CaptureQueriesContext(connection) as queries:
                stock.hold(demand)
            counts.append(len(queries))
        assert len(fell()) == 6
        assert counts[0] == counts[1]

    @pytest.mark.django_db(transaction=True)
    def test_a_crowd_that_takes_it_down_is_told_of_once(self) -> None:
        product = make_product(stock=20)
        together([partial(sell, product.stock_id)] * 20)
        item = str(product.stock_id)
        assert [(name, data["available"]) for _, name, data in fell()] == [
            ("stock.running_low", 5),
            ("stock.out_of_stock", 0),
        ]
        assert list(DomainEvent.objects.filter(aggregate_id=item).values_list("seq", flat=True).order_by("seq")) == [
            1,
            2,
        ]


class TestNotices:
    """What shoppers see changed is announced after the commit, in one notice."""

    @pytest.fixture
    def heard(self, monkeypatch: pytest.MonkeyPatch) -> list[list[int]]:
        heard: list[list[int]] = []
        monkeypatch.setattr(events, "_notices", defaultdict(list))
        events.listen_notices("stock", lambda ids: heard.append(sorted(ids)))
        return heard

    @pytest.mark.django_db(transaction=True)
    def test_one_notice_for_each_change_that_is_seen(self, heard: list[list[int]]) -> None:
        items = sorted(make_product().stock_id for _ in range(3))
        demand = dict.fromkeys(items, 1)
        with transaction.atomic():
            stock.hold(demand)
            assert heard == []
        assert heard == [items]
        with transaction.atomic():
            stock.consume(demand, reference="1", actor="system")
        assert heard == [items], "what is sold could not be bought before"
        with transaction.atomic():
            stock.hold(demand)
            transaction.set_rollback(True)
        assert heard == [items]

    @pytest.mark.django_db(transaction=True)
    def test_a_listener_that_fails_holds_up_nobody(self, heard: list[list[int]]) -> None:
        def fail(_ids: Collection[int]) -> None:
            raise RuntimeError

        events.listen_notices("stock", fail)
        events.listen_notices("stock", lambda ids: heard.append([*ids]))
        item = make_product().stock_id
        correct(item)
        assert heard == [[item], [item]]
        assert StockItem.objects.get(pk=item).on_hand == 15
