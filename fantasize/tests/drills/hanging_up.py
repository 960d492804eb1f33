"""Clients who ask for something and do not wait for all of the answer."""

import json
import socket
from typing import Any
from urllib.parse import urlsplit

from fantasize.tests.drills.stage import Stage
from fantasize.tests.journeys.shop import ADDRESS
from fantasize.tests.waiting import PATIENCE_SECONDS


def order_and_hang_up(stage: Stage, buyer: str, *lines: dict[str, int], key: str, after: int) -> int:
    """Send an order whole, and be gone after so many bytes of the answer; returns how many came."""
    body = {"lines": lines, "payment_method": "cash_on_delivery", "shipping_address": ADDRESS}
    url = urlsplit(stage.shop.url)
    with socket.create_connection((url.hostname, url.port), PATIENCE_SECONDS) as line:
        line.sendall(_request(body, buyer=buyer, key=key, host=url.netloc))
        came = 0
        while came < after and (chunk := line.recv(after - came)):
            came += len(chunk)
        return came


def _request(body: Any, *, buyer: str, key: str, host: str) -> bytes:
    # To the byte as it will be sent again: under its key nothing else may be asked for.
    content = json.dumps(body, separators=(",", ":")).encode()
    head = [
        "POST /api/v2/orders HTTP/1.1",
        f"Host: {host}",
        f"Authorization: Bearer {buyer}",
        f"Idempotency-Key: {key}",
        "Content-Type: application/json",
        f"Content-Length: {len(content)}",
        "Connection: close",
    ]
    return "\r\n".join([*head, "", ""]).encode() + content
