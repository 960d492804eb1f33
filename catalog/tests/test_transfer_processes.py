"""Transfers beside everything else: a worker that is killed, and the memory that they take."""

import gc
import os
import subprocess
import sys
import time
import tracemalloc
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings as shop_settings
from django.db import connection
from procrastinate.contrib.django import app as queue

from catalog.models import Product, StockItem, StockMovement
from catalog.tests.transfers import (
    apply,
    check,
    new_products,
    read,
)
from fantasize.core.invariants import violations
from fantasize.core.models import Transfer
from fantasize.core.tests.jobs import work_off
from fantasize.core.transfers import imports, jobs, registry
from fantasize.settings.env import database_url

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_files")]


ROOT = Path(__file__).resolve().parent.parent.parent


def worker_program(media: Path) -> "subprocess.Popen[bytes]":
    """A real worker on this test's database and Redis."""
    url = urlunsplit(urlsplit(database_url())._replace(path=f"/{connection.settings_dict['NAME']}"))
    own = {"DATABASE_URL": url, "REDIS_URL": str(shop_settings.REDIS_URL), "DATA_DIR": str(media.parent)}
    environment = {name: value for name, value in os.environ.items() if name != "PYTEST_XDIST_WORKER"} | own
    return subprocess.Popen([sys.executable, "manage.py", "worker"], cwd=ROOT, env=environment)


def follow_up() -> None:
    """What another worker does once the first one has missed its beats."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'")
    queue.configure_task("fantasize.core.tasks.recover_stalled_jobs").defer(timestamp=0)
    for _ in range(2):  # the job of the dead one is given back first, then done
        work_off()


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_a_worker_that_is_killed_while_it_imports_is_followed_by_one_that_ends_it(
    settings: Any, tmp_path: Path
) -> None:
    transfer = check("product", new_products(4000))
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM procrastinate_jobs")
    imports.confirm(transfer.pk, skip_refused=False)
    worker = worker_program(settings.MEDIA_ROOT)
    try:
        deadline = time.monotonic() + 60
        while not Product.objects.exists() and time.monotonic() < deadline:
            assert worker.poll() is None
            time.sleep(0.02)
    finally:
        worker.kill()
        worker.wait()
    transfer.refresh_from_db()
    made = Product.objects.count()
    assert (transfer.state, made, made % 1000) == ("applying", transfer.done, 0)
    assert 0 < made < 4000
    follow_up()
    transfer.refresh_from_db()
    assert (transfer.state, transfer.done, Product.objects.count()) == ("done", 4000, 4000)
    assert StockMovement.objects.count() == StockItem.objects.filter(on_hand__gt=0).count()
    assert not any(violations().values())


def live_bytes(monkeypatch: pytest.MonkeyPatch, content: bytes, kept: list[Any] | None = None) -> list[int]:
    """What is held after every batch of 50 rows of checking and applying, garbage aside; ``kept`` keeps all rows."""
    held: list[int] = []
    advance = jobs.advance

    def weighed(transfer: Transfer, **numbers: int) -> None:
        advance(transfer, **numbers)
        connection.run_on_commit.clear()  # outside a test, the batch before is committed
        gc.collect()  # models refer to each other: how much of them waits to be collected is luck
        if kept is not None:
            kept.append(read(new_products(50, numbers["position"])))
        held.append(tracemalloc.get_traced_memory()[0])

    monkeypatch.setattr(jobs, "advance", weighed)
    gc.freeze()  # the collections need not look at what was there before
    tracemalloc.start()
    assert apply("product", content).state == "done"
    tracemalloc.stop()
    gc.unfreeze()
    return held


def test_no_batch_leaves_anything_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "BATCH", 50)
    monkeypatch.setattr(registry.get("product").resource, "batch_size", 50)
    apply("product", new_products(200, first=50_000))  # what is loaded once
    held = live_bytes(monkeypatch, new_products(1000))
    checking, applying = held[:20], held[20:]
    for batches in (checking, applying):
        assert max(batches) - batches[1] < 120 * 50 * len(batches), batches
    control = live_bytes(monkeypatch, new_products(600, first=10_000), kept=[])
    assert max(control[:12]) - control[1] > 240 * 50 * 12, control
