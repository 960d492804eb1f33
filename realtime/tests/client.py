"""A client of the sockets, and what it needs around it."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from asgiref.testing import ApplicationCommunicator

from accounts.models import Session, User
from accounts.tokens import issue_access
from fantasize.core import clock
from fantasize.tests.waiting import PATIENCE_SECONDS
from orders.enums import OrderStatus, Role
from orders.models import Order
from orders.services.transitions import Move, move_order
from realtime.consumers import Limits, LiveConsumer, Relay

STEPS = (OrderStatus.PROCESSING, OrderStatus.PROCESSED, OrderStatus.SHIPPED, OrderStatus.DELIVERED)


# It ships no types.
_Communicator: Any = ApplicationCommunicator


class Client:
    """The other end of one socket, without a network; it speaks frames."""

    def __init__(self, application: Any, *, headers: Sequence[tuple[bytes, bytes]] = (), **scope: Any) -> None:
        self._wire = _Communicator(
            application, {"type": "websocket", "path": "/ws/", "headers": list(headers), **scope}
        )

    async def connect(self) -> None:
        await self._wire.send_input({"type": "websocket.connect"})
        assert (await self._wire.receive_output(PATIENCE_SECONDS))["type"] == "websocket.accept"

    async def disconnect(self) -> None:
        await self._wire.send_input({"type": "websocket.disconnect", "code": 1000})
        await self._wire.wait(PATIENCE_SECONDS)

    async def say_text(self, text: str) -> None:
        await self._wire.send_input({"type": "websocket.receive", "text": text})

    async def say_bytes(self, data: bytes) -> None:
        await self._wire.send_input({"type": "websocket.receive", "bytes": data})

    async def hear_text(self) -> str:
        message = await self._wire.receive_output(PATIENCE_SECONDS)
        assert message["type"] == "websocket.send", message
        return str(message["text"])

    async def hears_nothing(self, seconds: float = 0.1) -> bool:
        return bool(await self._wire.receive_nothing(seconds))

    async def say(self, event: str, data: Any = None, **members: Any) -> None:
        await self.say_text(json.dumps({"event": event, "data": data, **members}))

    async def hear(self) -> dict[str, Any]:
        frame: dict[str, Any] = json.loads(await self.hear_text())
        return frame

    async def hear_close(self) -> int:
        message = await self._wire.receive_output(PATIENCE_SECONDS)
        assert message["type"] == "websocket.close"
        return int(message["code"])

    async def ask(self, event: str, data: Any = None) -> dict[str, Any]:
        await self.say(event, data)
        return await self.hear()

    async def hear_refusal(self) -> tuple[str, int]:
        """The code of the error frame, then that of the close."""
        frame = await self.hear()
        assert frame["event"] == "error"
        return frame["data"]["code"], await self.hear_close()


@asynccontextmanager
async def connected(
    relay: Relay,
    *,
    token: str = "",
    limits: Limits | None = None,
    application: Any = None,
) -> AsyncIterator[Client]:
    """An open socket; signed in when there is a token."""
    client = Client(application or LiveConsumer.as_asgi(limits=limits or Limits()), state={"relay": relay})
    await client.connect()
    if token:
        assert (await client.ask("authenticate", token))["event"] == "authenticated"
    try:
        yield client
    finally:
        await client.disconnect()


def run(scenario: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Play a scenario; one that hangs fails."""
    asyncio.run(asyncio.wait_for(scenario(), 2 * PATIENCE_SECONDS))


def open_session(user: User) -> Session:
    return Session.objects.create(user=user, expires_at=clock.now() + timedelta(days=30))


def token_of(user: User) -> str:
    return issue_access(open_session(user))


def move(order: Order, status: OrderStatus) -> Order:
    return move_order(order_id=order.pk, move=Move(target=status, actor="user:staff", role=Role.STAFF))
