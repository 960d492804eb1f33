"""The factory as a process: killed, stopped, cut off from the shop and from Redis, it makes every order once."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer
from redis import Redis

from fantasize.core import outbox
from fantasize.core.models import DomainEvent
from fantasize.embedded.redis import ensure_redis, stop_redis
from fantasize.tests.waiting import PATIENCE_SECONDS, wait_until
from orders.enums import OrderStatus
from orders.management.commands.run_factory import Factory, Stop
from orders.models import Order
from orders.tests.factories import make_order, move
from orders.transports import GROUP, STREAM, FactoryStream, ReportError, ShopAwayError, Task

KEY = "a-key-for-the-tests-of-the-factory"
ACTOR = "key:factory"
ORDERS = 10
MADE_ONCE = [(1, "order.placed"), (2, "order.processing"), (3, "order.processed")]


def make_paid_order() -> Order:
    return move(make_order(), OrderStatus.PROCESSING)


def history(order: Order) -> list[tuple[int, str]]:
    found = DomainEvent.objects.filter(aggregate="order", aggregate_id=str(order.pk)).order_by("seq")
    return list(found.values_list("seq", "name"))


def waiting() -> int:
    return Order.objects.filter(status=OrderStatus.PROCESSING).count()


class OneOrder:
    """An inbox that offers the same order until it is settled, and then tells the factory to stop."""

    def __init__(self, order: Order, stop: Stop) -> None:
        self.task, self.stop, self.settled = Task(order.pk, "1-1"), stop, 0

    def take(self) -> Task:
        return self.task

    def settle(self, task: Task) -> None:
        assert task == self.task
        self.settled += 1
        self.stop.request()


class PatientStop(Stop):
    """Notes how long the factory wants to wait, lets it go on at once, and stops it when it waits too often."""

    def __init__(self, allowed: int) -> None:
        self.allowed = allowed
        self.waits: list[float] = []

    def wait(self, seconds: float) -> bool:
        self.waits.append(seconds)
        self.is_requested = len(self.waits) > self.allowed
        return not self.is_requested


@pytest.mark.django_db(transaction=True)
def test_the_shop_is_told_again_ever_more_patiently_and_the_work_is_not_repeated() -> None:
    order, stop = make_paid_order(), PatientStop(allowed=8)
    answers: list[ReportError | None] = [ShopAwayError("status 503"), ShopAwayError("status 429", 50.0)]
    answers += [ShopAwayError("TimeoutError"), ReportError("status 500"), *[ShopAwayError("status 502")] * 3, None]

    def report(order_id: UUID) -> None:
        if failure := answers.pop(0):
            raise failure
        move(order, OrderStatus.PROCESSED)

    inbox = OneOrder(order, stop)
    Factory(inbox, report, seconds=5.0, stop=stop).run()
    assert stop.waits == [5.0, 1, 50, 4, 5, 5, 5, 5]
    assert inbox.settled == 1
    assert history(order) == MADE_ONCE


@pytest.mark.parametrize(("allowed", "asked"), [(0, 0), (1, 1), (3, 3)])
@pytest.mark.django_db(transaction=True)
def test_told_to_stop_it_leaves_the_order_to_the_next(allowed: int, asked: int) -> None:
    order, stop, reports = make_paid_order(), PatientStop(allowed), []

    def report(order_id: UUID) -> None:
        reports.append(order_id)
        raise ShopAwayError("status 503")

    inbox = OneOrder(order, stop)
    Factory(inbox, report, seconds=5.0, stop=stop).run()
    assert (len(reports), inbox.settled) == (asked, 0)
    assert history(order) == MADE_ONCE[:2]


def test_waiting_ends_when_the_factory_is_to_stop() -> None:
    stop = Stop()
    threading.Timer(0.05, stop.request).start()
    started = time.monotonic()
    assert not stop.wait(60)
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    ("name", "value"), [("FACTORY_API_KEY", ""), ("FACTORY_API_URL", "localhost:5000"), ("FACTORY_API_URL", "http://")]
)
def test_a_factory_that_cannot_report_does_not_start(settings: Settings, name: str, value: str) -> None:
    settings.FACTORY_API_KEY = KEY
    setattr(settings, name, value)
    with pytest.raises(CommandError, match=name):
        call_command("run_factory")


@pytest.fixture
def _signals() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_signals")
def test_without_redis_it_works_from_the_database_until_sigterm(live_server: LiveServer, settings: Settings) -> None:
    orders = [make_paid_order() for _ in range(2)]
    settings.REDIS_URL = None
    settings.FACTORY_API_URL, settings.FACTORY_API_KEY = live_server.url, KEY
    settings.API_KEYS = [f"factory:{KEY}:orders.view_order+orders.change_order"]

    def stop_when_done() -> None:
        try:
            wait_until(lambda: waiting() == 0, "all are made")
        finally:
            connection.close()
            os.kill(os.getpid(), signal.SIGTERM)

    watcher = threading.Thread(target=stop_when_done)
    watcher.start()
    call_command("run_factory")
    watcher.join()
    assert [history(order) for order in orders] == [MADE_ONCE, MADE_ONCE]
    assert DomainEvent.objects.filter(name="order.processed", actor=ACTOR).count() == 2


@dataclass
class Processes:
    """Real processes on the test's database, with a Redis of their own."""

    folder: Path
    environment: dict[str, str]
    port: int
    stack: ExitStack

    def start(self, *command: str, log: str) -> subprocess.Popen[bytes]:
        output = self.stack.enter_context((self.folder / log).open("ab"))
        process = subprocess.Popen(
            [sys.executable, *command],
            cwd=settings.BASE_DIR,
            env=self.environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        self.stack.callback(process.wait)
        self.stack.callback(process.kill)
        return process

    def start_web(self) -> subprocess.Popen[bytes]:
        return self.start("-m", "fantasize.embedded.web", str(self.port), "1", log="web.log")

    def start_factory(self, log: str) -> subprocess.Popen[bytes]:
        return self.start("manage.py", "run_factory", log=log)

    def count(self, text: str, *logs: str) -> int:
        return sum((self.folder / log).read_text().count(text) for log in logs)

    def wait_for(self, text: str, log: str) -> None:
        wait_until(lambda: self.count(text, log) > 0, f"{text} in {log}")


def database_url() -> str:
    database = connection.settings_dict
    host = database["HOST"] or database["OPTIONS"].get("host", "")
    login = ":".join(quote(str(database[name]), safe="") for name in ("USER", "PASSWORD") if database[name])
    return f"postgres://{login}@:{database['PORT']}/{database['NAME']}?host={quote(host, safe='/')}"


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture
def processes(tmp_path: Path, settings: Settings) -> Iterator[Processes]:
    settings.REDIS_URL = ensure_redis(tmp_path)
    port = free_port()
    # A worker of the test run would choose another database of its Redis.
    inherited = {name: value for name, value in os.environ.items() if name != "PYTEST_XDIST_WORKER"}
    environment = inherited | {
        "DATABASE_URL": database_url(),
        "REDIS_URL": settings.REDIS_URL,
        "FACTORY_API_URL": f"http://127.0.0.1:{port}",
        "FACTORY_API_KEY": KEY,
        "LOG_LEVEL": "INFO",
    }
    with ExitStack() as stack:
        stack.callback(stop_redis, tmp_path)
        yield Processes(tmp_path, environment, port, stack)


@pytest.fixture
def redis(processes: Processes) -> Any:
    return Redis.from_url(processes.environment["REDIS_URL"])


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_killed_at_either_side_and_with_redis_emptied_every_order_is_made_once(
    processes: Processes, redis: Any
) -> None:
    orders = [make_paid_order() for _ in range(ORDERS)]
    for event in DomainEvent.objects.filter(name="order.processing").order_by("pk")[1:]:
        outbox.dispatch(event.pk)
    stream = FactoryStream(processes.environment["REDIS_URL"])
    assert stream.order_ids() == {order.pk for order in orders[1:]}

    # A worker is killed at work: its order is still its own, and nothing was reported.
    web = processes.start_web()
    processes.environment["FACTORY_SECONDS"] = "3600"
    victim = processes.start_factory("victim.log")
    processes.wait_for("factory.making", "victim.log")
    victim.kill()
    victim.wait()
    assert redis.xpending(STREAM, GROUP)["pending"] == 1
    assert waiting() == ORDERS

    # Two take over, and in the midst of it the shop is killed and the stream is lost.
    processes.environment["FACTORY_SECONDS"] = "0.5"
    factories = [processes.start_factory(log) for log in ("one.log", "two.log")]
    wait_until(lambda: waiting() < ORDERS, "the first is made")
    web.kill()
    web.wait()
    redis.flushall()
    for log in ("one.log", "two.log"):
        processes.wait_for("ConnectionRefusedError", log)
    assert waiting() > 0
    processes.start_web()
    wait_until(lambda: waiting() == 0, "all are made")

    assert [history(order) for order in orders] == [MADE_ONCE] * ORDERS
    assert DomainEvent.objects.filter(name="order.processed", actor=ACTOR).count() == ORDERS
    assert processes.count("factory.making", "one.log", "two.log") == ORDERS
    wait_until(lambda: not stream.order_ids(), "the stream is empty")
    for factory in factories:
        factory.send_signal(signal.SIGTERM)
    assert [factory.wait(PATIENCE_SECONDS) for factory in factories] == [0, 0]


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_sigterm_leaves_unfinished_work_for_the_next(processes: Processes, redis: Any) -> None:
    order = make_paid_order()
    processes.environment["FACTORY_SECONDS"] = "3600"
    factory = processes.start_factory("stopped.log")
    processes.wait_for("factory.making", "stopped.log")
    factory.send_signal(signal.SIGTERM)
    assert factory.wait(PATIENCE_SECONDS) == 0
    assert history(order) == MADE_ONCE[:2]
    assert redis.xpending(STREAM, GROUP)["pending"] == 1
    assert FactoryStream(processes.environment["REDIS_URL"]).order_ids() == {order.pk}
