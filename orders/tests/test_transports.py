"""The factory's reports: one request with a key, and no more patience with the shop than was agreed."""

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from uuid import uuid4

import pytest

from orders import transports
from orders.transports import ReportError, ShopApi, ShopAwayError


class ShopDouble(BaseHTTPRequestHandler):
    """Notes what is asked, and answers as it is told."""

    asked: list[tuple[str, str, str, bytes]]
    status = 200
    headers_sent: dict[str, str] = {}
    drip_seconds = 0.0

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.asked.append((self.path, self.headers["Authorization"], self.headers["Content-Type"], body))
        while self.drip_seconds:
            self.wfile.write(b"H")
            time.sleep(self.drip_seconds)
        self.send_response(self.status)
        for name, value in self.headers_sent.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


class QuietServer(HTTPServer):
    def handle_error(self, *_: Any) -> None:
        """A client that hung up is what is tested."""


@pytest.fixture
def shop() -> Iterator[tuple[ShopApi, type[ShopDouble]]]:
    double = type("Double", (ShopDouble,), {"asked": []})
    with QuietServer(("127.0.0.1", 0), double) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield ShopApi(f"http://127.0.0.1:{server.server_port}/shop/", "secret"), double
        server.shutdown()
        thread.join()


def test_a_report_is_a_status_with_the_key(shop: tuple[ShopApi, type[ShopDouble]]) -> None:
    api, double = shop
    order_id = uuid4()
    api.report_processed(order_id)
    path = f"/shop/api/v2/orders/{order_id}/status"
    assert double.asked == [(path, "Api-Key secret", "application/json", b'{"status": "processed"}')]


@pytest.mark.parametrize(("status", "retry_after", "patience"), [(503, "7", 7), (429, "900", 60), (502, "soon", 0)])
def test_a_shop_that_asks_for_patience_gets_it(
    shop: tuple[ShopApi, type[ShopDouble]], status: int, retry_after: str, patience: float
) -> None:
    api, double = shop
    double.status, double.headers_sent = status, {"Retry-After": retry_after}
    with pytest.raises(ShopAwayError, match=f"status {status}") as failure:
        api.report_processed(uuid4())
    assert failure.value.retry_after == patience


@pytest.mark.parametrize("status", [301, 401, 404, 409, 500])
def test_a_refusal_is_not_mistaken_for_an_absence(shop: tuple[ShopApi, type[ShopDouble]], status: int) -> None:
    api, double = shop
    double.status = status
    with pytest.raises(ReportError, match=f"status {status}") as failure:
        api.report_processed(uuid4())
    assert not isinstance(failure.value, ShopAwayError)


def test_an_answer_that_drips_in_is_not_waited_for(
    shop: tuple[ShopApi, type[ShopDouble]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transports, "_TOTAL_SECONDS", 0.2)
    api, double = shop
    double.drip_seconds = 0.02
    started = time.monotonic()
    with pytest.raises(ShopAwayError):
        api.report_processed(uuid4())
    assert time.monotonic() - started < 30


def test_a_shop_that_is_away_is_a_failure() -> None:
    with pytest.raises(ShopAwayError, match="ConnectionRefusedError"):
        ShopApi("http://127.0.0.1:1", "secret").report_processed(uuid4())
