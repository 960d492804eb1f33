"""Crowds in full: what each of them comes to, how long it takes, and that nothing is sold twice.

The tests do the same with smaller crowds; here are those that the shop promises, and reservations that run out while
they are paid for.
"""

import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from itertools import chain
from pathlib import Path
from random import Random

from bench.report import Measurement
from fantasize.embedded.postgres import stop_postgres
from fantasize.tests.drills import baskets, provider, sales, seams
from fantasize.tests.drills.slow_line import slow_line
from fantasize.tests.drills.stage import Stage, at_once, outcomes, running_stage
from fantasize.tests.journeys.shop import Answer
from fantasize.tests.waiting import wait_until

_CROWD, _PIECES = 500, 100
# So many want the last piece, each of the crowd one after the other.
_MULTITUDE = 5000
_MOST_MS = 50
_ROUNDS = 5
_HOLDS = 200
_AT_ONCE = 9
_MAX_SECONDS = 5
_RUN_OUT = "UPDATE orders_order SET hold_expires_at = now() WHERE id = %s RETURNING 1"
# As the worker does it each minute, again and again.
_EXPIRE = """
from fantasize.settings.env import DATA_DIR
from fantasize.tests.drills import seams
from orders.services.expiry import cancel_expired_orders
seams.switch(DATA_DIR, "begun").touch()
while seams.is_on("expiring"):
    cancel_expired_orders()
"""
_STANDING = "SELECT status, payment_status FROM orders_order WHERE number >= %s AND payment_method = 'hosted'"
_CALLED_OFF = "SELECT count(*) FROM core_domainevent WHERE name = 'order.cancelled'"
_ENDS = {("processing", "paid"), ("cancelled", "refunded")}
_DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"


def measure() -> list[Measurement]:
    """Every crowd in turn; the books are right in the end."""
    products = {f"lantern {number}": _PIECES for number in range(_ROUNDS)}
    products |= {"last": 1, "very last": 1, "held": _HOLDS, **baskets.pieces_for(_CROWD)}
    with (
        tempfile.TemporaryDirectory(prefix="fantasize-bench-") as folder,
        running_stage(
            Path(folder),
            buyers=_MULTITUDE,
            products=products,
            packages=baskets.BOXES,
            DJANGO_SETTINGS_MODULE="fantasize.settings",
        ) as stage,
    ):
        figures = [*_floods(stage), *_multitude(stage), *_shared_parts(stage), *_running_out(stage)]
        figures.append(_end(stage, "deadlocks"))
    return [*figures, *_slowly()]


def _end(stage: Stage, name: str) -> Measurement:
    """The books are right, and PostgreSQL never had to step in."""
    stage.wait_for_worker()
    stage.verify()
    return Measurement(name, int(stage.query(_DEADLOCKS)[0][0]) + stage.deadlocks(), "", 0)


def _floods(stage: Stage) -> Iterator[Measurement]:
    """Five hundred who each want one of a hundred pieces, and then all of them the last one."""
    wrong, seconds = 0, []
    for name, pieces in [(f"lantern {number}", _PIECES) for number in range(_ROUNDS)] + [("last", 1)]:
        began = time.perf_counter()
        found = _flood(stage, name)
        seconds.append(time.perf_counter() - began)
        wrong += found != {"placed": pieces, "409 out_of_stock": _CROWD - pieces} or stage.held(name) != pieces
    yield Measurement("500 buyers, 100 pieces, fastest", min(seconds[:-1]), "s", _MAX_SECONDS)
    yield Measurement("500 buyers, 100 pieces, slowest", max(seconds[:-1]), "s", _MAX_SECONDS)
    yield Measurement("500 buyers, the last piece", seconds[-1], "s", _MAX_SECONDS)
    yield Measurement("crowds that got more or less", wrong, "", 0)


def _flood(stage: Stage, name: str) -> Counter[str]:
    return outcomes(at_once([partial(stage.place, buyer, stage.goods[name]) for buyer in stage.buyers[:_CROWD]]))


def _multitude(stage: Stage) -> Iterator[Measurement]:
    """Five thousand who want the one piece that there is, five hundred at any moment."""
    queues = [stage.buyers[start::_CROWD] for start in range(_CROWD)]
    began = time.perf_counter()
    answers = at_once([partial(_place_in_turn, stage, queue, "very last") for queue in queues])
    found = outcomes(list(chain(*answers)))
    yield Measurement("5,000 buyers, one piece", time.perf_counter() - began, "s")
    yield Measurement("of these placed", found["placed"], "")
    wrong = found != {"placed": 1, "409 out_of_stock": _MULTITUDE - 1} or stage.held("very last") != 1
    yield Measurement("crowds of 5,000 that got more or less", int(wrong), "", 0)


def _place_in_turn(stage: Stage, buyers: Sequence[str], name: str) -> list[Answer]:
    return [stage.place(buyer, stage.goods[name]) for buyer in buyers]


def _slowly() -> Iterator[Measurement]:
    """The same five hundred, while the database is at the end of a line on which everything takes up to 50 ms."""
    with tempfile.TemporaryDirectory(prefix="fantasize-bench-") as folder:
        switch = seams.switch(Path(folder), "slow")
        with (
            slow_line(Path(folder), switch=switch, most_ms=_MOST_MS) as url,
            running_stage(
                Path(folder),
                buyers=_CROWD,
                products={"lantern": _PIECES},
                DATABASE_URL=url,
                DJANGO_SETTINGS_MODULE="fantasize.settings",
            ) as stage,
        ):
            switch.touch()
            began = time.perf_counter()
            found = _flood(stage, "lantern")
            seconds = time.perf_counter() - began
            switch.unlink()
            wrong = found != {"placed": _PIECES, "409 out_of_stock": _CROWD - _PIECES}
            yield Measurement(f"500 buyers, 100 pieces, 0-{_MOST_MS} ms to the database", seconds, "s")
            yield Measurement("of these placed", found["placed"], "")
            yield Measurement("crowds that got more or less over the slow line", int(wrong), "", 0)
            yield _end(stage, "deadlocks over the slow line")
        stop_postgres(Path(folder))


def _shared_parts(stage: Stage) -> Iterator[Measurement]:
    wanted, pieces = baskets.random_baskets(Random(1), _CROWD), baskets.pieces_for(_CROWD)
    began = time.perf_counter()
    answers = baskets.buy(stage, wanted)
    yield Measurement("500 baskets of shared parts", time.perf_counter() - began, "s", _MAX_SECONDS)
    left = baskets.left_of(wanted, answers, pieces)
    wrong = sum(stage.held(name) != pieces[name] - left[name] for name in baskets.SHARED)
    yield Measurement("parts oversold or lost", wrong, "", 0)
    yield Measurement("baskets refused in vain", len(baskets.refused_in_vain(wanted, answers, left)), "", 0)


def _running_out(stage: Stage) -> Iterator[Measurement]:
    """Reservations that run out in the moment in which the money comes."""
    orders: list[str] = []
    numbers: list[int] = []
    for buyer in stage.buyers[:_HOLDS]:
        placed = stage.place(buyer, stage.goods["held"], method="hosted").data
        numbers.append(placed["number"])
        sales.open_page(stage, buyer, placed["id"], f"pay {placed['id']}")
        orders.append(placed["id"])
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        expiring = _begin_to_expire(stage, pool)
        list(pool.map(partial(_pay_too_late, stage), orders))
        seams.switch(stage.shop.data_dir, "expiring").unlink()
        expiring.result()
    stage.wait_for_worker()
    found = stage.query(_STANDING, min(numbers))
    yield Measurement("reservations paid for as they ran out", len(found), "")
    yield Measurement("of these paid and made", sum(each == ("processing", "paid") for each in found), "")
    yield Measurement("neither made nor paid back, or both", sum(each not in _ENDS for each in found), "", 0)
    yield Measurement("called off before they were paid for", stage.query(_CALLED_OFF)[0][0], "")


def _begin_to_expire(stage: Stage, pool: ThreadPoolExecutor) -> Future[str]:
    seams.switch(stage.shop.data_dir, "expiring").touch()
    expiring = pool.submit(stage.shop.manage, "shell", "--no-imports", "-c", _EXPIRE)
    wait_until(seams.switch(stage.shop.data_dir, "begun").exists)
    return expiring


def _pay_too_late(stage: Stage, order: str) -> None:
    """The reservation runs out; somebody else wants the piece just then, or twice, or nobody does; the money comes."""
    stage.query(_RUN_OUT, order)
    for _ in range(sum(order.encode()) % 3):
        stage.place(stage.buyers[-1], stage.goods["held"])
    assert sales.tell(stage, sales.message(stage, order, provider.PAID)).status == 200  # noqa: PLR2004 - OK
