"""Servers that somebody might be sent to."""

import socket
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PNG = b"\x89PNG and so on"


class Canary(ThreadingHTTPServer):
    """A server of ours that nobody outside may reach: counts who does, on every loopback address there is."""

    daemon_threads = True
    block_on_close = False
    address_family = socket.AF_INET6 if socket.has_dualstack_ipv6() else socket.AF_INET

    def __init__(self) -> None:
        self.connections = 0
        self.asked: list[str] = []
        self.answer: Callable[[BaseHTTPRequestHandler], None] = say_png
        super().__init__(("", 0), _Handler)

    def server_bind(self) -> None:
        if self.address_family == socket.AF_INET6:
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        super().server_bind()

    def get_request(self) -> Any:
        self.connections += 1
        return super().get_request()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up are what is tested."""


class _Handler(BaseHTTPRequestHandler):
    server: Canary
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.server.answer(self)

    def log_message(self, *args: Any) -> None:
        pass


def say(handler: BaseHTTPRequestHandler, body: bytes, status: int = 200, **headers: str) -> None:
    """Answer with ``body``; header names with underscores."""
    handler.send_response(status)
    for name, value in {"Content_Type": "image/png", "Content_Length": str(len(body)), **headers}.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


def say_png(handler: BaseHTTPRequestHandler) -> None:
    say(handler, PNG)


def drip(text: bytes) -> Callable[[BaseHTTPRequestHandler], None]:
    """Send ``text``, then a byte now and then, for a minute: never silent, never done."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(text)
        pause = threading.Event()
        for _ in range(1200):
            handler.wfile.write(b"x")
            pause.wait(0.05)

    return answer


class Mute(threading.Thread):
    """Accepts a connection and says nothing, as if TLS would begin any moment."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.over = threading.Event()

    def run(self) -> None:
        connection, _ = self.listener.accept()
        with connection:
            self.over.wait(60)
