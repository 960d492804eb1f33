"""A running shop to be drilled, its crowd, and its books."""

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import psycopg
import urllib3

from fantasize.embedded.home import find_home
from fantasize.embedded.postgres import ensure_postgres
from fantasize.tests.drills import seams
from fantasize.tests.journeys.shop import ADDRESS, Answer, Shop, running_shop
from fantasize.tests.waiting import PATIENCE_SECONDS, wait_until

SETTINGS = {
    "DJANGO_SETTINGS_MODULE": "fantasize.tests.drills.settings",
    "ACCESS_TOKEN_MINUTES": "600",
    # What is sold stays where it is.
    "FACTORY_SECONDS": "3600",
    **{f"RATE_LIMIT_{name}": "off" for name in ("GENERAL", "SIGNED_IN", "AUTH", "AUTH_ADDRESS", "ORDERS", "CATALOGUE")},
    **{f"RATE_LIMIT_{name}": "off" for name in ("STAFF", "STAFF_READS", "WEBHOOKS")},
}
_CROWD = 500
# Answers that a careful client takes for "ask again": the shop is being restarted, or a twin is at work.
_NOT_FINAL = {500, 502, 503}
T = TypeVar("T")

# Jobs of the clock come and go; what failed is tried again much later.
_WAITING = """
    SELECT (SELECT count(*) FROM core_domainevent WHERE dispatched_at IS NULL)
         + (SELECT count(*) FROM procrastinate_jobs
             WHERE status IN ('todo', 'doing') AND queueing_lock IS NULL AND coalesce(scheduled_at, now()) <= now())
"""


@dataclass
class Stage:
    """A shop with people and goods.

    Attributes:
        buyers: an access token each.
        goods: the lines to order one of each product and package, by name.
    """

    shop: Shop
    buyers: Sequence[str]
    manager: str
    goods: Mapping[str, dict[str, int]]
    stock: Mapping[str, int]

    def place(self, buyer: str, *lines: dict[str, int], key: str = "", method: str = "cash_on_delivery") -> Answer:
        """Order these lines, once; without lines, what is in the cart."""
        wanted = {"lines": lines} if lines else {"from_cart": True}
        body = {**wanted, "payment_method": method, "shipping_address": ADDRESS}
        return self.shop.call("POST", "/api/v2/orders", body, token=buyer, Idempotency_Key=key or str(uuid4()))

    @contextmanager
    def without(self, protection: str) -> Iterator[None]:
        """The shop as it would be without one of its protections."""
        switch = seams.switch(self.shop.data_dir, protection)
        switch.touch()
        try:
            yield
        finally:
            switch.unlink()

    def deadlocks(self) -> int:
        """How often PostgreSQL has had to end one, by its log: its statistics come ten seconds late."""
        home = find_home(self.shop.data_dir)
        assert home is not None
        return (home.path / "postgres.log").read_text(errors="replace").count("deadlock detected")

    def held(self, name: str) -> int:
        """How many pieces of a product are reserved."""
        return int(self.query("SELECT held FROM catalog_stockitem WHERE id = %s", self.stock[name])[0][0])

    def query(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """What the shop's database answers."""
        with psycopg.connect(ensure_postgres(self.shop.data_dir), autocommit=True) as connection:
            return connection.execute(statement.encode(), values).fetchall()

    def wait_for_worker(self) -> None:
        """Until nothing is waiting to be told, mailed or done, what a killed worker left behind included."""
        wait_until(lambda: self.query(_WAITING) == [(0,)], "everything is told and done")

    def verify(self) -> None:
        """That every invariant holds."""
        self.shop.manage("verify_invariants", "--json")


@contextmanager
def running_stage(
    data_dir: Path,
    *,
    buyers: int = 1,
    products: Mapping[str, int],
    packages: Mapping[str, Mapping[str, int]] | None = None,
    **settings: str,
) -> Iterator[Stage]:
    """A shop of its own; products with their pieces on hand, packages with the pieces of their parts."""
    with running_shop(data_dir, **{**SETTINGS, **settings}) as shop:
        # The last of a crowd waits for all others.
        shop.http = urllib3.PoolManager(maxsize=_CROWD, retries=False, timeout=PATIENCE_SECONDS)
        wanted = {"buyers": buyers, "products": dict(products), "packages": {**(packages or {})}}
        code = f"from fantasize.tests.drills.cast import print_cast; print_cast(**{wanted!r})"
        made = json.loads(shop.manage("shell", "--no-imports", "-c", code).splitlines()[-1])
        goods = {
            name: {kind: pk, "quantity": 1} for kind in ("product", "package") for name, pk in made[f"{kind}s"].items()
        }
        yield Stage(shop, made["buyers"], made["manager"], goods, made["stock"])


def insist(ask: Callable[[], Answer]) -> Answer:
    """What the shop says in the end to somebody who asks until it says something final."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            answer = ask()
        except urllib3.exceptions.HTTPError:
            time.sleep(0.05)
            continue
        if answer.status not in _NOT_FINAL and answer.data.get("code") != "request_in_flight":
            return answer
        time.sleep(0.05)
    raise AssertionError("the shop says nothing final")


def at_once(works: Sequence[Callable[[], T]], *, seed: int = 1) -> list[T]:
    """What became of each of ``works``, begun together in some order."""
    order = random.Random(seed).sample(range(len(works)), len(works))  # noqa: S311 - the same each time
    barrier = threading.Barrier(len(works))

    def run(work: Callable[[], T]) -> T:
        barrier.wait(PATIENCE_SECONDS)
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        futures = {place: pool.submit(run, works[place]) for place in order}
        return [futures[place].result() for place in range(len(works))]


def outcomes(answers: Sequence[Answer]) -> Counter[str]:
    """How often which code was the answer; ``placed`` for an order."""
    return Counter("placed" if answer.status == 201 else f"{answer.status} {answer.data['code']}" for answer in answers)
