"""Orders on their way to the factory: none is lost, each is made by one worker, whatever Redis does."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.conf import settings as django_settings
from django.db import connection
from pytest_django import Settings
from redis import Redis
from redis.exceptions import RedisError

from fantasize.core import clock, events
from fantasize.core.models import DomainEvent
from fantasize.embedded.redis import ensure_redis, redis_pid, stop_redis
from orders import handlers, transports
from orders.enums import OrderStatus
from orders.models import Order
from orders.services import fulfilment
from orders.services.fulfilment import DatabaseInbox, StreamInbox
from orders.tests.factories import make_order, move
from orders.transports import FactoryStream, ReportError, ShopAwayError, Task

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def redis_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A Redis of our own, which may be emptied and killed."""
    home = tmp_path_factory.mktemp("redis")
    yield home
    stop_redis(home)


@pytest.fixture
def redis_url(redis_home: Path, settings: Settings) -> str:
    settings.REDIS_URL = ensure_redis(redis_home)
    flush()
    return str(settings.REDIS_URL)


@pytest.fixture
def stream(redis_url: str) -> FactoryStream:
    stream = FactoryStream(redis_url)
    stream.open()
    return stream


def flush() -> None:
    assert django_settings.REDIS_URL
    Redis.from_url(django_settings.REDIS_URL).flushall()


def make_paid_order() -> Order:
    return move(make_order(), OrderStatus.PROCESSING)


def event_of(order: Order, name: str) -> DomainEvent:
    return DomainEvent.objects.get(aggregate_id=str(order.pk), name=name)


def status_of(order: Order) -> str:
    return Order.objects.get(pk=order.pk).status


def report(order_id: UUID) -> None:
    """What the shop does with a report."""
    move(Order.objects.get(pk=order_id), OrderStatus.PROCESSED)


def no_work(order_id: UUID) -> bool:
    raise AssertionError("nothing was to be made")


def shop_is_away(order_id: UUID) -> None:
    raise ShopAwayError("status 503")


def test_a_paid_order_goes_to_the_factory(stream: FactoryStream) -> None:
    order = make_paid_order()
    assert handlers.send_to_factory in events.handlers_for("order")
    handlers.send_to_factory(event_of(order, "order.placed"))
    assert stream.order_ids() == set()
    handlers.send_to_factory(event_of(order, "order.processing"))
    assert stream.order_ids() == {order.pk}


def test_without_redis_nobody_has_to_wait_for_the_factory(redis_url: str, redis_home: Path, settings: Settings) -> None:
    event = event_of(make_paid_order(), "order.processing")
    pid = redis_pid(redis_home)
    assert pid
    os.kill(pid, signal.SIGKILL)
    while redis_pid(redis_home):
        time.sleep(0.01)
    handlers.send_to_factory(event)
    settings.REDIS_URL = None
    handlers.send_to_factory(event)
    assert ensure_redis(redis_home) == redis_url
    assert FactoryStream(redis_url).order_ids() == set()


def test_the_stream_is_rebuilt_from_the_database(stream: FactoryStream) -> None:
    lost, queued, done = make_paid_order(), make_paid_order(), make_paid_order()
    move(done, OrderStatus.PROCESSED)
    make_order()
    stream.add([queued.pk])
    assert fulfilment.refill(stream) == 1
    assert stream.order_ids() == {lost.pk, queued.pk}
    assert fulfilment.refill(stream) == 0
    flush()
    assert fulfilment.refill(stream) == 2
    assert stream.order_ids() == {lost.pk, queued.pk}


def test_an_order_is_offered_until_it_is_settled(stream: FactoryStream, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transports, "_BLOCK_SECONDS", 0.01)
    order_id = uuid4()
    stream.add([order_id])
    task = stream.take()
    assert task
    assert task.order_id == order_id
    # Not at once: somebody is working on it.
    assert stream.take() is None
    monkeypatch.setattr(transports, "STALE_SECONDS", 0)
    assert stream.take() == task
    stream.settle(task)
    assert stream.take() is None
    assert stream.order_ids() == set()


def test_two_workers_share_the_orders(stream: FactoryStream, redis_url: str) -> None:
    ids = {uuid4(), uuid4()}
    stream.add(ids)
    taken = [worker.take() for worker in (stream, FactoryStream(redis_url))]
    assert {task.order_id for task in taken if task} == ids


def test_an_emptied_redis_loses_nothing(stream: FactoryStream) -> None:
    order = make_paid_order()
    inbox = StreamInbox(stream)
    assert isinstance(inbox.take(), Task)
    flush()
    with pytest.raises(RedisError):
        inbox.take()
    task = inbox.take()
    assert task
    assert task.order_id == order.pk
    inbox.settle(task)
    assert stream.order_ids() == set()


def test_what_stands_in_the_streams_place_is_not_taken_for_it(redis_url: str) -> None:
    Redis.from_url(redis_url).set(transports.STREAM, "something else")
    with pytest.raises(RedisError, match="WRONGTYPE"):
        FactoryStream(redis_url).open()


def test_what_never_reached_the_stream_is_found_a_minute_later(
    stream: FactoryStream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transports, "_BLOCK_SECONDS", 0.01)
    inbox = StreamInbox(stream)
    assert inbox.take() is None
    order, now = make_paid_order(), clock.now()
    with clock.frozen_at(now + timedelta(seconds=50)):
        assert inbox.take() is None
    with clock.frozen_at(now + timedelta(seconds=61)):
        task = inbox.take()
    assert task
    assert task.order_id == order.pk


def test_a_shop_without_redis_is_asked_again_and_again() -> None:
    first, second = make_paid_order(), make_paid_order()
    waits: list[float] = []
    inbox = DatabaseInbox(waits.append)
    taken = [inbox.take() for _ in range(3)]
    assert taken == [Task(first.pk), Task(second.pk), Task(first.pk)]
    assert waits == [1.0, 1.0]
    for order in (first, second):
        inbox.settle(Task(order.pk))
        move(order, OrderStatus.PROCESSED)
    assert [inbox.take(), inbox.take()] == [Task(second.pk), None]


def test_an_order_is_made_and_reported() -> None:
    order = make_paid_order()
    made: list[UUID] = []

    def work(order_id: UUID) -> bool:
        made.append(order_id)
        return True

    assert fulfilment.make(order.pk, work=work, report=report)
    assert made == [order.pk]
    assert status_of(order) == OrderStatus.PROCESSED


@pytest.mark.parametrize("status", [OrderStatus.PROCESSED, OrderStatus.CANCELLED])
def test_an_order_that_moved_on_is_not_made(status: OrderStatus) -> None:
    order = move(make_paid_order(), status)
    assert fulfilment.make(order.pk, work=no_work, report=report)
    assert status_of(order) == status


def test_an_order_that_is_gone_is_settled() -> None:
    assert fulfilment.make(uuid4(), work=no_work, report=report)


def test_unfinished_work_is_neither_reported_nor_settled() -> None:
    order = make_paid_order()
    assert not fulfilment.make(order.pk, work=lambda _: False, report=report)
    assert status_of(order) == OrderStatus.PROCESSING


def test_a_report_that_was_not_taken_is_due_again() -> None:
    order = make_paid_order()
    with pytest.raises(ReportError):
        fulfilment.make(order.pk, work=lambda _: True, report=shop_is_away)
    assert status_of(order) == OrderStatus.PROCESSING
    assert fulfilment.make(order.pk, work=lambda _: True, report=report)
    assert status_of(order) == OrderStatus.PROCESSED


def test_an_answer_that_was_lost_on_the_way_is_no_failure() -> None:
    order = make_paid_order()

    def report_and_lose_the_answer(order_id: UUID) -> None:
        report(order_id)
        raise ShopAwayError("TimeoutError")

    assert fulfilment.make(order.pk, work=lambda _: True, report=report_and_lose_the_answer)


def test_an_order_cancelled_while_it_is_made_stays_cancelled() -> None:
    order = make_paid_order()

    def refuse(order_id: UUID) -> None:
        raise ReportError("status 409")

    assert fulfilment.make(order.pk, work=lambda _: bool(move(order, OrderStatus.CANCELLED)), report=refuse)
    assert status_of(order) == OrderStatus.CANCELLED


@pytest.mark.django_db(transaction=True)
def test_nothing_is_held_open_while_an_order_is_made() -> None:
    order = make_paid_order()
    assert fulfilment.make(order.pk, work=lambda _: not connection.in_atomic_block, report=report)


def make_at_once(order: Order, workers: int) -> tuple[int, list[bool]]:
    """How often the order was made by workers that got it at the same time, and what they said."""
    made: list[UUID] = []
    outcomes: list[bool] = []
    barrier = threading.Barrier(workers)

    def work(order_id: UUID) -> bool:
        made.append(order_id)
        # Until everybody had the chance to start it as well.
        everybody_tried.wait(1)
        return True

    def run() -> None:
        try:
            barrier.wait()
            outcomes.append(fulfilment.make(order.pk, work=work, report=lambda _: None))
        finally:
            connection.close()
        if len(outcomes) == workers - 1:
            everybody_tried.set()

    everybody_tried = threading.Event()
    threads = [threading.Thread(target=run) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(made), outcomes


@pytest.mark.django_db(transaction=True)
def test_of_workers_that_got_the_same_order_one_makes_it() -> None:
    made, outcomes = make_at_once(make_paid_order(), workers=4)
    assert made == 1
    assert sorted(outcomes) == [False, False, False, True]


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_it_would_be_made_by_all_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fulfilment, "_ask", lambda *_: True)
    made, _ = make_at_once(make_paid_order(), workers=4)
    assert made == 4
