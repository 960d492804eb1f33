"""Whether the time of an answer tells if an address has an account, or an order somebody else: asked in turn."""

import json
import random
import tempfile
import time
import uuid
from collections.abc import Callable, Sequence
from http import HTTPStatus
from pathlib import Path
from statistics import NormalDist, median

from bench.report import Measurement
from fantasize.tests.journeys.shop import Shop, running_shop

_SAMPLES = 500
ACCOUNTS = 200
_PASSWORD = "correct-horse-battery"  # noqa: S105 - of made-up people
# The clients are many, so that no limit answers in the shop's place or keeps a mail back.
_LIMITS = ("GENERAL", "SIGNED_IN", "AUTH", "CODES", "CODES_PAUSE")
SETTINGS = {"TRUSTED_PROXIES": "127.0.0.1", **{f"RATE_LIMIT_{name}": "off" for name in _LIMITS}}
_PLACE = {"full_name": "Ann", "line1": "1 High Street", "city": "York", "postal_code": "YO1 7PX", "country": "GB"}
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
        running_shop(Path(folder), **SETTINGS) as shop,
    ):
        open_accounts(shop)
        return [each for door in _DOORS for each in _compare(shop, door, samples)] + _compare_orders(shop, samples)


def open_accounts(shop: Shop) -> None:
    """Let ``ACCOUNTS`` people have one, and one thing to buy be there."""
    users = [{"email": f"known{number}@example.com", "password": _PASSWORD} for number in range(ACCOUNTS)]
    products = [{"key": "mug", "name": "Mug", "price": "9.00", "stock": 9}]
    file = shop.data_dir / "scenario.json"
    file.write_text(json.dumps({"users": users, "products": products}))
    shop.manage("seed_scenario", "--json", str(file))


def _compare(shop: Shop, door: str, samples: int) -> list[Measurement]:
    path, body = _DOORS[door]
    times: dict[str, list[float]] = {"known": [], "unknown": []}
    for number in range(samples):
        for kind in random.sample(sorted(times), 2):
            # A registration makes an address known, so every door has strangers of its own.
            name = f"known{number % ACCOUNTS}" if kind == "known" else f"{door.split(maxsplit=1)[0]}{number}"
            times[kind].append(_seconds(shop, path, body(f"{name}@example.com")))
    return _apart(door, times["known"], times["unknown"])


def _compare_orders(shop: Shop, samples: int) -> list[Measurement]:
    """Whether the time tells somebody else's order from one that there is not: both are the same 404."""
    owner, stranger = (_sign_in(shop, f"known{number}@example.com") for number in range(2))
    product = shop.call("GET", "/api/v2/products?page_size=1").data[0]["id"]
    order = {"lines": [{"product": product, "quantity": 1}], "shipping_address": _PLACE}
    key = str(uuid.uuid4())
    placed = shop.call("POST", "/api/v2/orders", order, token=owner, Idempotency_Key=key).data["id"]
    times: dict[bool, list[float]] = {True: [], False: []}
    for _ in range(samples):
        for is_foreign in random.sample((True, False), 2):
            path = f"/api/v2/orders/{placed if is_foreign else uuid.uuid4()}"
            began = time.perf_counter()
            status = shop.call("GET", path, token=stranger).status
            times[is_foreign].append(time.perf_counter() - began)
            if status != HTTPStatus.NOT_FOUND:
                raise RuntimeError(f"{path} answered {status}.")
    return _apart("somebody else's order", times[True], times[False])


def _sign_in(shop: Shop, email: str) -> str:
    said = {"email": email, "password": _PASSWORD}
    token: str = shop.call("POST", "/api/v2/auth/login", said).data["access"]
    return token


def _apart(name: str, first: Sequence[float], second: Sequence[float]) -> list[Measurement]:
    apart = abs(median(first) - median(second)) / median(second) * 100
    return [
        Measurement(f"{name}: median", median(second) * 1000, "ms"),
        Measurement(f"{name}: medians apart", apart, "%", 5),
        Measurement(f"{name}: by chance (p)", _chance(first, second), ""),
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
