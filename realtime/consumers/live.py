"""One socket: who is there, what they follow, and what they are told."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

import structlog
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.utils import await_many_dispatch
from django.db import Error as DatabaseError

from fantasize.core import clock
from fantasize.core.errors import (
    ConflictError,
    DomainError,
    ForbiddenError,
    GoneError,
    MalformedError,
    NotFoundError,
    RateLimitedError,
    UnauthenticatedError,
    UnavailableError,
)
from orders.policies import LinkHolder
from orders.selectors import get_followed, get_trackable
from realtime import protocol
from realtime.auth import Principal, authenticate, hold, token_expired
from realtime.consumers.database import in_database
from realtime.consumers.inbox import Inbox
from realtime.consumers.previews import Previewer, Question, site_of
from realtime.consumers.relay import Relay
from realtime.selectors import Level, history_of, updates_after

log = structlog.get_logger(__name__)

# Refusals that end the socket; all others are told and the socket stays open.
CLOSE_CODES: dict[type[DomainError], int] = {
    MalformedError: 4400,
    UnauthenticatedError: 4401,
    ForbiddenError: 4403,
    RateLimitedError: 4429,
}
CLOSE_TOO_LATE = 4408


@dataclass(frozen=True, slots=True)
class Limits:
    """What one socket may do.

    Attributes:
        sign_in_seconds: how long it may stay without signing in.
        frames_per_second: how many frames it may send in any second.
        orders: how many orders it may follow.
        shelves: how many products and packages it may follow.
        preview_seconds: how long somebody who types may pause, without signing in.
    """

    sign_in_seconds: float = 10.0
    frames_per_second: int = 20
    orders: int = 100
    shelves: int = 100
    preview_seconds: float = 600.0


class LiveConsumer(AsyncWebsocketConsumer):
    """Serves one socket: one thing at a time, so that a snapshot and the updates after it cannot overtake each other.

    Writes nothing to the database. What it sends comes from the event log and the shelves; wake-ups only say when to
    look.
    """

    # Wake-ups come through the process's relay: a socket needs no subscription of its own.
    channel_layer_alias = ""

    def __init__(self, *, limits: Limits = Limits()) -> None:
        super().__init__()
        self._limits = limits
        self._frame_times: deque[float] = deque(maxlen=limits.frames_per_second)
        self._is_closed = False
        self._previewer = Previewer(self._tell)

    async def __call__(self, scope: dict[str, Any], receive: Callable[[], Awaitable[Any]], send: Any) -> None:
        """Serve the client's frames and what the relay leaves in the inbox, until the client is gone."""
        self.scope, self.base_send = scope, send
        self.relay: Relay = scope["state"]["relay"]
        self.inbox = Inbox(_loop_time() + self._limits.sign_in_seconds)
        try:
            with suppress(StopConsumer):
                await await_many_dispatch([receive, self.inbox.next], self.dispatch)
        finally:
            self._previewer.stop()
            self.relay.leave(self.inbox)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:  # noqa: ARG002 - Channels' signature
        """Answer one frame of the client."""
        if self._is_closed:
            return
        reply_to = None
        try:
            self._count_frame()
            frame = protocol.parse_frame(text_data)
            reply_to = frame.id
            command = protocol.read_command(frame)
            await self._HANDLERS[type(command)](self, command, reply_to)
        except DomainError as error:
            await self._refuse(error, reply_to)
        except DatabaseError as error:
            log.warning("realtime.database_unreachable", error=type(error).__name__)
            await self._refuse(UnavailableError(), reply_to)

    async def orders_changed(self, message: dict[str, Any]) -> None:  # noqa: ARG002 - Channels' signature
        """Send what is new in the orders that were woken; what fails now, the relay's next sweep wakes again."""
        try:
            for order_id in self.inbox.take_woken():
                await self._catch_up(order_id)
        except DatabaseError as error:
            log.warning("realtime.database_unreachable", error=type(error).__name__)

    async def stock_changed(self, message: dict[str, Any]) -> None:  # noqa: ARG002 - Channels' signature
        """Send the latest level of what was woken, unless it is what was sent last."""
        for shelf in self.inbox.take_woken_shelves():
            level = self.relay.inventory.level(shelf)
            if level and level != self.inbox.levels[shelf]:
                await self._tell_level(shelf, level)

    async def access_ended(self, message: dict[str, Any]) -> None:
        """Close: the session ended, or its rights changed."""
        await self._refuse(message["error"])

    async def deadline_passed(self, message: dict[str, Any]) -> None:  # noqa: ARG002 - Channels' signature
        """Close: nobody signed in in time, or the token has run out."""
        if self.inbox.principal:
            await self._refuse(token_expired())
        else:
            await self._close(CLOSE_TOO_LATE, UnauthenticatedError("Nobody signed in in time.", code="too_late"))

    async def _authenticate(self, command: protocol.Authenticate, reply_to: int | None) -> None:
        principal = await in_database(authenticate, command.token)
        self._require_same_person(principal)
        self.inbox.principal = principal
        self.inbox.set_deadline(_loop_time() + (principal.expires_at - clock.now()).total_seconds())
        self.relay.admit(self.inbox)
        identity = {
            "user_id": str(principal.user.pk),
            "role": principal.user.role,
            "session": str(principal.session.pk),
        }
        await self._tell("authenticated", identity, reply_to)

    async def _track(self, command: protocol.TrackOrder, reply_to: int | None) -> None:
        holder = await self._find_holder(command.token)
        order = await in_database(get_trackable, holder or self._require_principal().user, command.order)
        self._require_room_for(order.pk)
        # Followed before the history is read: what happens in between is in the history, or wakes this socket, or both.
        self.relay.follow(order.pk, self.inbox, holder)
        self._set_guests_deadline()
        history = await in_database(history_of, order, holder)
        await self._tell(*history.snapshot(command.after), reply_to)
        self.inbox.positions[order.pk] = history.seq

    async def _find_holder(self, token: str) -> LinkHolder | None:
        """Whom an order's token, which stands in for signing in, speaks for; None without one."""
        return await in_database(hold, token, site=site_of(self.scope)) if token else None

    async def _untrack(self, command: protocol.UntrackOrder, reply_to: int | None) -> None:
        followers: list[Any] = [*self.inbox.holders.values()]
        if not followers or self.inbox.principal:
            followers.append(self._require_principal().user)
        order = await in_database(get_followed, followers, command.order)
        self.relay.unfollow(order.pk, self.inbox)
        self._set_guests_deadline()
        await self._tell("untracked", {"order": str(order.pk)}, reply_to)

    async def _track_inventory(self, command: protocol.TrackInventory, reply_to: int | None) -> None:
        shelf, inventory = command.shelf, self.relay.inventory
        if shelf not in self.inbox.levels and len(self.inbox.levels) >= self._limits.shelves:
            raise ConflictError(
                f"One socket follows at most {self._limits.shelves} products.", code="too_many_products"
            )
        # Followed before it is asked for, as with orders.
        inventory.follow(shelf, self.inbox)
        level = None
        try:
            level = await inventory.ask(shelf)
        finally:
            if level is None:
                inventory.unfollow(shelf, self.inbox)
        if level is None:
            raise NotFoundError
        self._set_guests_deadline()
        await self._tell_level(shelf, level, reply_to)

    async def _untrack_inventory(self, command: protocol.UntrackInventory, reply_to: int | None) -> None:
        self.relay.inventory.unfollow(command.shelf, self.inbox)
        self._set_guests_deadline()
        await self._tell("untracked", {command.shelf.kind: command.shelf.id}, reply_to)

    async def _tell_level(self, shelf: protocol.Shelf, level: Level, reply_to: int | None = None) -> None:
        self.inbox.levels[shelf] = level
        update = {shelf.kind: shelf.id, "available": level.available, "status": level.status}
        await self._tell("inventory_update", update, reply_to)

    async def _preview(self, command: protocol.PreviewAnswers, reply_to: int | None) -> None:
        user = self.inbox.principal.user if self.inbox.principal else None
        self._previewer.ask(Question(command, user, site_of(self.scope), reply_to))
        self._set_guests_deadline()

    def _set_guests_deadline(self) -> None:
        """Who follows what they may see as they are need not sign in; who types may pause; who does nothing leaves."""
        if self.inbox.principal is None:
            seconds = self._limits.preview_seconds if self._previewer.is_used else self._limits.sign_in_seconds
            is_following = self.inbox.levels or self.inbox.holders
            self.inbox.set_deadline(None if is_following else _loop_time() + seconds)

    async def _pong(self, command: protocol.Ping, reply_to: int | None) -> None:  # noqa: ARG002 - every handler has one signature
        await self._tell("pong", {}, reply_to)

    async def _catch_up(self, order_id: UUID) -> None:
        """Send the events after the last one sent, each exactly once and in order, unless the link to it has ended."""
        holder = self.inbox.holders.get(order_id)
        try:
            updates = await in_database(updates_after, order_id, self.inbox.positions[order_id], holder)
        except (NotFoundError, GoneError) as error:
            self.relay.unfollow(order_id, self.inbox)
            self._set_guests_deadline()
            await self._tell("error", {**protocol.describe_error(error), "order": str(order_id)})
            return
        for update in updates:
            await self._tell("order_status_update", update)
            self.inbox.positions[order_id] = update["seq"]

    def _count_frame(self) -> None:
        now = _loop_time()
        if len(self._frame_times) == self._frame_times.maxlen and now - self._frame_times[0] < 1:
            raise RateLimitedError(f"At most {self._frame_times.maxlen} frames in a second.")
        self._frame_times.append(now)

    def _require_room_for(self, order_id: UUID) -> None:
        if order_id not in self.inbox.positions and len(self.inbox.positions) >= self._limits.orders:
            raise ConflictError(f"One socket follows at most {self._limits.orders} orders.", code="too_many_orders")

    def _require_principal(self) -> Principal:
        if self.inbox.principal is None:
            raise UnauthenticatedError("Sign in first.")
        return self.inbox.principal

    def _require_same_person(self, principal: Principal) -> None:
        if self.inbox.principal and self.inbox.principal.user != principal.user:
            raise ConflictError("Somebody else is signed in here. Open another socket.", code="already_authenticated")

    async def _refuse(self, error: DomainError, reply_to: int | None = None) -> None:
        code = CLOSE_CODES.get(type(error))
        if code:
            await self._close(code, error, reply_to)
        else:
            await self._tell("error", protocol.describe_error(error), reply_to)

    async def _close(self, code: int, error: DomainError, reply_to: int | None = None) -> None:
        """Say why, and close; what the client still sends is not read any more."""
        await self._tell("error", protocol.describe_error(error), reply_to)
        self._is_closed = True
        self._previewer.stop()
        self.inbox.set_deadline(None)
        self.relay.leave(self.inbox)
        await self.close(code)

    async def _tell(self, event: str, data: dict[str, Any], reply_to: int | None = None) -> None:
        await self.send(text_data=protocol.build_frame(event, data, reply_to=reply_to))

    _HANDLERS: ClassVar[dict[type[Any], Callable[..., Awaitable[None]]]] = {
        protocol.Authenticate: _authenticate,
        protocol.TrackOrder: _track,
        protocol.UntrackOrder: _untrack,
        protocol.TrackInventory: _track_inventory,
        protocol.UntrackInventory: _untrack_inventory,
        protocol.PreviewAnswers: _preview,
        protocol.Ping: _pong,
    }


def _loop_time() -> float:
    return asyncio.get_running_loop().time()
