"""Whether the time of an answer tells if an address has an account: known and unknown ones in turn, by every door."""

import json
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import NormalDist, median

from bench.report import Measurement
from fantasize.tests.journeys.shop import Shop, running_shop

_SAMPLES = 500
_ACCOUNTS = 200
_PASSWORD = "correct-horse-battery"  # noqa: S105 - of made-up people
# The clients are many, so that no limit answers in the shop's place or keeps a mail back.
_LIMITS = ("GENERAL", "AUTH", "CODES", "CODES_PAUSE")
_SETTINGS = {"TRUSTED_PROXIES": "127.0.0.1", **{f"RATE_LIMIT_{name}": "off" for name in _LIMITS}}
_DOORS: dict[str, tuple[str, Callable[[str], dict[str, str]]]] = {
    "sign-in": ("/api/v2/auth/login", lambda email: {"email": email, "password": "wrong"}),
    "registration": ("/api/v2/auth/register", lambda email: {"email": email, "password": _PASSWORD}),
    "forgotten password": ("/api/v2/auth/password/reset", lambda email: {"email": email}),
    "another code": ("/api/v2/auth/resend-code", lambda email: {"email": email}),
}


def measure(samples: int = _SAMPLES) -> list[Measurement]:
    """Per door: how far the medians are apart, and how likely chance alone orders the samples like this."""
    with (
        tempfile.TemporaryDirectory(prefix="fantasize-bench-") as folder,
        running_shop(Path(folder), **_SETTINGS) as shop,
    ):
        _open_accounts(shop)
        return [each for door in _DOORS for each in _compare(shop, door, samples)]


def _open_accounts(shop: Shop) -> None:
    users = [{"email": f"known{number}@example.com", "password": _PASSWORD} for number in range(_ACCOUNTS)]
    file = shop.data_dir / "users.json"
    file.write_text(json.dumps({"users": users}))
    shop.manage("seed_scenario", "--json", str(file))


def _compare(shop: Shop, door: str, samples: int) -> list[Measurement]:
    path, body = _DOORS[door]
    times: dict[str, list[float]] = {"known": [], "unknown": []}
    for number in range(samples):
        for kind in random.sample(sorted(times), 2):
            # A registration makes an address known, so every door has strangers of its own.
            name = f"known{number % _ACCOUNTS}" if kind == "known" else f"{door.split(maxsplit=1)[0]}{number}"
            times[kind].append(_seconds(shop, path, body(f"{name}@example.com")))
    known, unknown = times["known"], times["unknown"]
    apart = abs(median(known) - median(unknown)) / median(unknown) * 100
    return [
        Measurement(f"{door}: median", median(unknown) * 1000, "ms"),
        Measurement(f"{door}: medians apart", apart, "%", 5),
        Measurement(f"{door}: by chance (p)", _chance(known, unknown), ""),
    ]


def _seconds(shop: Shop, path: str, body: dict[str, str]) -> float:
    address = ".".join(str(random.randint(1, 254)) for _ in range(3))
    began = time.perf_counter()
    answer = shop.call("POST", path, body, X_Forwarded_For=f"10.{address}")
    seconds = time.perf_counter() - began
    if answer.status not in (201, 202, 401):
        raise RuntimeError(f"{path} answered {answer.status}.")
    return seconds


def _chance(first: Sequence[float], second: Sequence[float]) -> float:
    """The p of Mann and Whitney's test, two-sided, by the normal approximation."""
    count, other = len(first), len(second)
    wins = sum((mine > theirs) + (mine == theirs) / 2 for mine in first for theirs in second)
    spread = (count * other * (count + other + 1) / 12) ** 0.5
    return 2 * NormalDist().cdf(-abs(wins - count * other / 2) / spread)
