"""How quickly a running shop previews what nobody has typed before, and what the catalogue feels of many who type."""

import json
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import urllib3

from bench import proofs
from bench.report import Measurement
from fantasize.tests.journeys.shop import Shop, running_shop

_OFF = {f"RATE_LIMIT_{name}": "off" for name in ("GENERAL", "CATALOGUE", "PREVIEWS")}
_TIMES = 60
_CALLS = 300
_TYPISTS = 8
_PREVIEW_MS = 300
_SLOWER = 2
_OK, _BUSY = 200, 503
_RETRY_AFTER_SECONDS = 1
# Past the cache: every answer is computed.
_COMPUTED = {"Cookie": "sessionid=bench"}
_HTTP = urllib3.PoolManager(maxsize=32, retries=False, timeout=60)


def measure() -> list[Measurement]:
    """Previews one after the other on a canvas of 1200 by 1200 pixels, with a photo; then the catalogue beside many."""
    with (
        tempfile.TemporaryDirectory(prefix="fantasize-bench-") as folder,
        running_shop(Path(folder), SEED_DEMO="on", **_OFF) as shop,
    ):
        lines = shop.manage("shell", "--no-imports", "-c", "from bench.previews import fill; fill()").splitlines()
        asked = json.loads(lines[-1])
        typing = _typing(shop, asked)
        for _ in range(4):
            # Each web process begins its worker.
            next(typing)
        fresh = _p95(lambda: _must(next(typing), _OK), _TIMES)
        kept = _p95(lambda: _must(_preview(shop, asked, "the lake is 0"), _OK), _TIMES)
        alone = _p95(lambda: _list(shop), _CALLS)
        beside, drawn, busy = _beside_typists(shop, asked)
    return [
        Measurement("preview over HTTP, p95", fresh, "ms", _PREVIEW_MS),
        Measurement("preview that is kept, p95", kept, "ms"),
        Measurement("products while nobody types, p95", alone, "ms"),
        Measurement(f"products while {_TYPISTS} type, p95", beside, "ms"),
        Measurement("so much slower", beside / alone, "times", _SLOWER),
        Measurement("previews drawn meanwhile", drawn, ""),
        Measurement("told to come again", busy, ""),
    ]


def fill() -> None:
    """In the shop: a product with the options of the coaster, and a guest's photo. Prints what to ask."""
    from catalog.models import Product  # noqa: PLC0415 - in the shop only
    from customizations.enums import TemplateState  # noqa: PLC0415 - as above
    from customizations.services import assets, templates, uploads  # noqa: PLC0415 - as above
    from fantasize.core import guests  # noqa: PLC0415 - as above

    example, token = proofs.coaster(), guests.new_token()
    background = assets.store(content=example.background)
    photos = {
        name: str(uploads.store(content=content, owner=guests.principal_of(token)).pk)
        for name, content in example.assets.items()
    }
    canvas = {"width": example.side, "height": example.side, "background": background.pk}
    product = Product.objects.filter(has_options=False).order_by("pk")[0]
    templates.create_template(
        name="Coaster",
        schema={"options": [*example.options], "canvas": canvas},
        state=TemplateState.PUBLISHED,
        products=[product.pk],
        actor="system",
    )
    answers = {key: photos.get(answer, answer) for key, answer in example.answers.items()}
    print(json.dumps({"product": product.pk, "answers": answers, "token": token}))


def _typing(shop: Shop, asked: Any) -> Iterator[int]:
    """The statuses of one preview after the other, each of a text that was never drawn before."""
    for number in count():
        yield _preview(shop, asked, f"the lake is {number}")


def _preview(shop: Shop, asked: Any, text: str) -> int:
    body = {"product": asked["product"], "answers": {**asked["answers"], "lower": text}}
    headers = {"Content-Type": "application/json", "Accept": "image/webp", "X-Cart-Token": asked["token"]}
    url = f"{shop.url}/api/v2/customizations/preview"
    return _HTTP.request("POST", url, body=json.dumps(body), headers=headers).status


def _list(shop: Shop) -> None:
    _must(_HTTP.request("GET", f"{shop.url}/api/v2/products", headers=_COMPUTED).status, _OK)


def _beside_typists(shop: Shop, asked: Any) -> tuple[float, int, int]:
    """The catalogue's p95 while many clients ask for previews without a pause; and what those were answered."""
    is_over, statuses = threading.Event(), list[int]()

    def type_on(typist: int) -> None:
        for number in count():
            if is_over.is_set():
                return
            statuses.append(_preview(shop, asked, f"{typist} lakes {number}"))
            if statuses[-1] == _BUSY:
                is_over.wait(_RETRY_AFTER_SECONDS)

    typists = [threading.Thread(target=type_on, args=(typist,)) for typist in range(_TYPISTS)]
    for typist in typists:
        typist.start()
    try:
        return _p95(lambda: _list(shop), _CALLS), statuses.count(_OK), statuses.count(_BUSY)
    finally:
        is_over.set()
        for typist in typists:
            typist.join()


def _must(status: int, wanted: int) -> None:
    if status != wanted:
        raise RuntimeError(f"The shop answered {status}.")


def _p95(call: Callable[[], object], times: int) -> float:
    """Milliseconds that 19 of 20 calls take at most."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        call()
        taken.append((time.perf_counter() - began) * 1000)
    return sorted(taken)[len(taken) * 95 // 100]
