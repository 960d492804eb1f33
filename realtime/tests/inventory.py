"""Relays and what they say of stock, for tests."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from unittest.mock import patch

from catalog.enums import MovementReason
from catalog.models import Product
from catalog.services import stock
from realtime.consumers import Relay
from realtime.consumers.inventory import Inventory

NEVER = 3600.0
SOON = 0.05


def quick(**seconds: float) -> Inventory:
    """Levels that are told at once and never refreshed, unless told otherwise."""
    return Inventory(**{"gap_seconds": 0.0, "refresh_seconds": NEVER, **seconds})


@asynccontextmanager
async def running(shelves: Inventory | None = None) -> AsyncIterator[Relay]:
    """A relay that hears; its sweeps heal nothing."""
    async with Relay(sweep_seconds=NEVER, inventory=shelves or quick()).running() as relay:
        await relay.listening.wait()
        yield relay


def correct(product: Product, delta: int) -> None:
    """So many pieces more."""
    stock.correct(product.stock_id, delta=delta, reason=MovementReason.CORRECTION, reference="", actor="user:1")


def update(product: Product, available: int, status: str) -> dict[str, Any]:
    """What a socket is told."""
    data = {"product": product.pk, "available": available, "status": status}
    return {"event": "inventory_update", "data": data}


def silently(product: Product) -> None:
    """One piece more that nobody is told of."""
    with patch.object(stock, "give_notice"):
        correct(product, 1)
