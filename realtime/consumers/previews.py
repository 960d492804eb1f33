"""Previews while somebody types, beside everything else that their socket does."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import structlog
from channels.db import database_sync_to_async
from django.db import Error as DatabaseError
from django.http import HttpRequest

from accounts.models import User
from customizations.errors import BusyError
from customizations.services import previews
from fantasize.core import guests, limits
from fantasize.core.api import client_address
from fantasize.core.errors import DomainError, UnavailableError
from realtime import protocol

log = structlog.get_logger(__name__)

Tell = Callable[[str, dict[str, Any], int | None], Awaitable[None]]

# Threads of their own, so that what the sockets read of orders and shelves does not wait for drawings. One draws, the
# other one evaluates meanwhile.
_THREADS = ThreadPoolExecutor(max_workers=2, thread_name_prefix="sockets-previews")
# Sockets of this process whose questions are being answered. More would wait longer than anybody looks at a screen.
MOST_AT_ONCE = 50
_under_way: set["Previewer"] = set()


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody wants to see.

    Attributes:
        wish: the answers, and what they are about.
        user: who has signed in; None for a guest.
        site: where the socket comes from, as limits count it.
        reply_to: the number that the answer repeats.
    """

    wish: protocol.PreviewAnswers
    user: User | None
    site: str
    reply_to: int | None

    @property
    def principal(self) -> str | None:
        """Whose pictures may be shown."""
        if self.user:
            return str(self.user.actor)
        return guests.principal_of(self.wish.cart_token) if self.wish.cart_token else None


class Previewer:
    """One socket's questions: one is answered at a time, and of those that come meanwhile only the newest.

    Attributes:
        is_used: there has been a question.
    """

    def __init__(self, tell: Tell) -> None:
        self.is_used = False
        self._tell = tell
        self._next: Question | None = None
        self._task: asyncio.Task[None] | None = None

    def ask(self, question: Question) -> None:
        """Have the question answered soon, unless there is a newer one by then."""
        self.is_used, self._next = True, question
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._answer_all())

    def stop(self) -> None:
        """Answer no more."""
        self._next = None
        if self._task:
            self._task.cancel()

    async def _answer_all(self) -> None:
        while question := self._next:
            self._next = None
            event, data = await self._look_at(question)
            await self._tell(event, data, question.reply_to)

    async def _look_at(self, question: Question) -> tuple[str, dict[str, Any]]:
        """The event and the data of the answer."""
        try:
            return "preview", await self._in_thread(question)
        except DomainError as error:
            return "error", protocol.describe_error(error)
        except DatabaseError as error:
            log.warning("realtime.database_unreachable", error=type(error).__name__)
        except Exception:
            # The socket does more than this, and goes on.
            log.exception("realtime.preview_failed")
        return "error", protocol.describe_error(UnavailableError())

    async def _in_thread(self, question: Question) -> dict[str, Any]:
        if len(_under_way) >= MOST_AT_ONCE:
            raise BusyError("Many pictures are being drawn just now.")
        _under_way.add(self)
        try:
            look = database_sync_to_async(look_at, thread_sensitive=False, executor=_THREADS)
            answer: dict[str, Any] = await look(question)
            return answer
        finally:
            _under_way.discard(self)


def look_at(question: Question) -> dict[str, Any]:
    """What the answers come to, as over HTTP; counted under the same limit.

    Raises:
        DomainError: as ``previews.render_preview``; over the limit.
    """
    verdict = limits.hit("previews", str(question.user.actor) if question.user else f"address:{question.site}")
    if verdict:
        verdict.require()
    wish, thing = question.wish, question.wish.thing
    preview = previews.render_preview(
        product=thing.id if thing.kind == "product" else None,
        package=thing.id if thing.kind == "package" else None,
        answers=wish.answers,
        parts=wish.parts,
        principal=question.principal,
    )
    return previews.describe(preview)


def site_of(scope: Mapping[str, Any]) -> str:
    """Where a socket comes from, by the rule for trusted proxies that calls have."""
    request, headers = HttpRequest(), dict(scope["headers"])
    peer = scope.get("client") or ("",)
    request.META = {
        "REMOTE_ADDR": peer[0],
        "HTTP_X_FORWARDED_FOR": headers.get(b"x-forwarded-for", b"").decode("latin-1"),
    }
    return client_address.site_of(client_address.client_address(request))
