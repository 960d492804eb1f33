"""Two processes that answer from their own memories show within a second what a third one changes."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings
from django.db import connection, transaction

from catalog.models import Product
from catalog.services import stock
from catalog.services.products import update_product
from catalog.tests.factories import make_product
from fantasize.settings.env import database_url
from fantasize.tests.waiting import PATIENCE_SECONDS

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]

ROOT = Path(__file__).resolve().parent.parent.parent
# Asks for the product until told to stop; one line per answer: when it was asked for, and what it was.
READER = """
import json, sys, threading, time
import django
django.setup()
from django.test import Client
from fantasize.core.caching import changes
if sys.argv[2] == "deaf":
    changes.READ_EVERY_SECONDS = 3600.0
    changes.Changes.catch_up.__kwdefaults__["within"] = 3600.0
stop = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), stop.set()), daemon=True).start()
while not stop.is_set():
    asked_at = time.time()
    answer = Client().get(sys.argv[1])
    row = answer.json()["data"]
    is_hit = answer.headers.get("Cache-Status") == "fantasize; hit"
    print(json.dumps([asked_at, row["name"], row["available"], is_hit]), flush=True)
    time.sleep(0.04)
"""


@pytest.fixture
def product() -> Product:
    return make_product(name="Oak lantern", stock=10)


class Readers:
    """Processes that read one product all the time."""

    def __init__(self, product: Product, kinds: tuple[str, ...]) -> None:
        own = urlsplit(database_url())._replace(path=f"/{connection.settings_dict['NAME']}")
        environment = os.environ | {
            "DATABASE_URL": urlunsplit(own),
            "DJANGO_ENV": "test",
            "DJANGO_SETTINGS_MODULE": "fantasize.settings",
            "REDIS_URL": str(settings.REDIS_URL),
            "LOG_LEVEL": "ERROR",
        }
        environment.pop("PYTEST_XDIST_WORKER", None)
        command = [sys.executable, "-c", READER, f"/api/v2/products/{product.pk}"]
        self.processes = [
            subprocess.Popen(
                [*command, kind], cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            for kind in kinds
        ]
        self.seen: list[list[Any]] = [[] for _ in kinds]

    def read_until(self, moment: float) -> None:
        """Everything that they were answered to what they asked up to ``moment``."""
        for process, seen in zip(self.processes, self.seen, strict=True):
            assert process.stdout is not None
            while not seen or seen[-1][0] < moment:
                seen.append(json.loads(process.stdout.readline()))

    def stop(self) -> None:
        for process in self.processes:
            process.communicate(timeout=PATIENCE_SECONDS)


@pytest.fixture
def readers(product: Product, request: pytest.FixtureRequest) -> Iterator[Readers]:
    started = Readers(product, request.param)
    try:
        yield started
    finally:
        started.stop()


def after(seen: list[Any], moment: float) -> list[Any]:
    return [answer for answer in seen if answer[0] > moment]


@pytest.mark.parametrize("readers", [("", "")], indirect=True)
def test_changes_and_orders_show_in_every_process_within_a_second(readers: Readers, product: Product) -> None:
    readers.read_until(0)
    for name, taken in (("Elm lantern", 1), ("Ash lantern", 2)):
        began = time.time()
        readers.read_until(began + 0.5)
        update_product(product=product, changes={"name": name})
        with transaction.atomic():
            stock.hold({product.stock_id: 1})
        changed_at = time.time()
        readers.read_until(changed_at + 2)
        for seen in readers.seen:
            assert any(is_hit for *_, is_hit in seen if is_hit)
            late = after(seen, changed_at + 1)
            assert late
            assert {(row, available) for _, row, available, _ in late} == {(name, 10 - taken)}
            assert all(is_hit for *_, is_hit in after(seen, changed_at + 1.5))


@pytest.mark.parametrize("readers", [("deaf",)], indirect=True)
def test_a_process_that_does_not_look_shows_what_is_stale(readers: Readers, product: Product) -> None:
    """The control: it is by the list of changes that the others know."""
    readers.read_until(0)
    readers.read_until(time.time() + 0.5)
    update_product(product=product, changes={"name": "Elm lantern"})
    changed_at = time.time()
    readers.read_until(changed_at + 1.5)
    assert {name for _, name, *_ in after(readers.seen[0], changed_at + 1)} == {"Oak lantern"}
