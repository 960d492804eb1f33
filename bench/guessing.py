"""How much slower the catalogue answers while passwords are guessed at many accounts at once, each guess a hash."""

import random
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from itertools import cycle
from pathlib import Path
from statistics import quantiles
from threading import Event, Thread

from bench.enumeration import ACCOUNTS, SETTINGS, open_accounts
from bench.report import Measurement
from fantasize.tests.journeys.shop import Shop, running_shop

_GUESSERS = 16
_CALLS = 200
_ROUNDS = 3
_MOST_TIMES = 2
_RETRY_AFTER_SECONDS = 1


def measure(calls: int = _CALLS) -> list[Measurement]:
    """The 99th percentile of product lists, in turn alone and beside guesses that no limit keeps from being hashed."""
    with (
        tempfile.TemporaryDirectory(prefix="fantasize-bench-") as folder,
        running_shop(Path(folder), SEED_DEMO="on", **SETTINGS, RATE_LIMIT_CATALOGUE="off") as shop,
    ):
        open_accounts(shop)
        _browse(shop, calls)  # compiled, connected
        alone, beside, guesses = list[float](), list[float](), list[int]()
        for _ in range(_ROUNDS):
            alone += _browse(shop, calls)
            with _guessing(shop, guesses):
                beside += _browse(shop, calls)
    quiet, busy = (quantiles(times, n=100)[-1] * 1000 for times in (alone, beside))
    return [
        Measurement("products while nobody guesses, p99", quiet, "ms"),
        Measurement(f"products while {_GUESSERS} guess, p99", busy, "ms"),
        Measurement("so much slower", busy / quiet, "times", _MOST_TIMES),
        Measurement("guesses hashed meanwhile", guesses.count(HTTPStatus.UNAUTHORIZED), ""),
        Measurement("told to come again", guesses.count(HTTPStatus.SERVICE_UNAVAILABLE), ""),
    ]


def _browse(shop: Shop, calls: int) -> list[float]:
    """The seconds that each list took; the cookie keeps every answer from the cache."""
    times, sizes = [], cycle(range(16, 21))
    for _ in range(calls):
        began = time.perf_counter()
        status = shop.call("GET", f"/api/v2/products?page_size={next(sizes)}", Cookie="sessionid=bench").status
        times.append(time.perf_counter() - began)
        if status != HTTPStatus.OK:
            raise RuntimeError(f"The list answered {status}.")
    return times


@contextmanager
def _guessing(shop: Shop, statuses: list[int]) -> Iterator[None]:
    """Guess from many addresses as long as the block takes; ``statuses`` gets what each was answered."""
    is_over = Event()

    def guess_on(seed: int) -> None:
        dice = random.Random(seed)
        while not is_over.is_set():
            said = {"email": f"known{dice.randrange(ACCOUNTS)}@example.com", "password": "wrong"}
            place = f"10.{dice.randrange(255)}.{dice.randrange(255)}.1"
            statuses.append(shop.call("POST", "/api/v2/auth/login", said, X_Forwarded_For=place).status)
            if statuses[-1] == HTTPStatus.SERVICE_UNAVAILABLE:
                is_over.wait(_RETRY_AFTER_SECONDS)

    guessers = [Thread(target=guess_on, args=(seed,)) for seed in range(_GUESSERS)]
    for guesser in guessers:
        guesser.start()
    try:
        yield
    finally:
        is_over.set()
        for guesser in guessers:
            guesser.join()
