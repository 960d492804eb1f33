"""The renderer at work in a process of its own: one for each process that asks, begun when it is first needed.

It stays, for to start Python, the image library and the fonts takes longer than to draw. What it may use is bounded,
everybody else comes first, and few may wait for it: a web process keeps threads for the catalogue however many draw.
"""

import atexit
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cache
from multiprocessing import Pipe
from pathlib import Path
from threading import BoundedSemaphore, Lock, Timer
from typing import TYPE_CHECKING, Any, Literal

import structlog

from customizations.engine import Fault, Schema
from customizations.errors import BusyError
from fantasize.core.errors import UnavailableError

if TYPE_CHECKING:
    from customizations.rendering import Rendered
    from customizations.rendering.worker import Order

log = structlog.get_logger(__name__)

Format = Literal["png", "webp"]
Answer = tuple[dict[str, Any], bytes]

_ROOT = Path(__file__).resolve().parent.parent.parent
_COMMAND = [sys.executable, "-E", "-s", "-B", "-m", "customizations.rendering.worker"]
_MOST_BYTES = 512 * 1024 * 1024
_ATTEMPTS = 2


@dataclass(frozen=True, slots=True)
class Bounds:
    """What drawing may take in one process.

    Attributes:
        places: previews that are drawn or wait for it at once.
        wait_seconds: how long a preview waits for its turn.
        print_wait_seconds: how long a print file does: somebody is paying for it.
        order_seconds: how long one drawing may take before its process is ended.
        orders: after so many the process is replaced, whatever it has gathered.
    """

    places: int = 2
    wait_seconds: float = 2.0
    print_wait_seconds: float = 20.0
    order_seconds: float = 25.0
    orders: int = 500


class Studio:
    """Has one thing drawn at a time, by a worker process that it replaces when that ends."""

    def __init__(self, bounds: Bounds = Bounds()) -> None:
        self._bounds = bounds
        self._places = BoundedSemaphore(bounds.places)
        self._turn = Lock()
        self._worker: _Worker | None = None

    def draw(self, order: "Order") -> Answer:
        """What the worker answers.

        Raises:
            BusyError: too much is being drawn just now.
            UnavailableError: it cannot be drawn here.
        """
        is_print = order.max_side is None
        with self._slot(self._bounds.print_wait_seconds if is_print else self._bounds.wait_seconds, is_print=is_print):
            facts, content = self._ask(order)
        if "failed" in facts:
            log.error("drawing.failed", error=facts["failed"])
            raise UnavailableError("This cannot be drawn just now.", extra={"retry_after": 30})
        return facts, content

    def require_room(self) -> None:
        """Refuse a preview that would be refused later, before any other work for it is done.

        Raises:
            BusyError: too much is being drawn just now.
        """
        if not self._places.acquire(blocking=False):
            raise _busy()
        self._places.release()

    def close(self) -> None:
        """End the worker, if there is one."""
        worker, self._worker = self._worker, None
        if worker:
            worker.end()

    @contextmanager
    def _slot(self, seconds: float, *, is_print: bool) -> Iterator[None]:
        if not (is_print or self._places.acquire(blocking=False)):
            raise _busy()
        try:
            if not self._turn.acquire(timeout=seconds):
                raise _busy()
            try:
                yield
            finally:
                self._turn.release()
        finally:
            if not is_print:
                self._places.release()

    def _ask(self, order: "Order") -> Answer:
        """Ask the worker; if it ends over that, another one, once: it may have been ended from outside."""
        for _ in range(_ATTEMPTS):
            if self._worker is None or not self._worker.is_fit():
                self.close()
                self._worker = _Worker(self._bounds)
            try:
                return self._worker.ask(order)
            except _EndedError as error:
                self.close()
                log.warning("drawing.worker_ended", late=error.is_late)
                if error.is_late:
                    break
        raise UnavailableError("This takes too long to draw.", extra={"retry_after": 30})


class _EndedError(Exception):
    """The worker ended before it answered; ``is_late``: we ended it."""

    def __init__(self, *, is_late: bool) -> None:
        self.is_late = is_late


class _Worker:
    """A process that draws, and our end of the pipe to it."""

    def __init__(self, bounds: Bounds) -> None:
        self._seconds, self._orders_left, self._is_late = bounds.order_seconds, bounds.orders, False
        self._pipe, theirs = Pipe()
        with theirs:
            number = theirs.fileno()
            # A session of its own: what is typed at our terminal is for us. No environment: there are secrets in it.
            self.process = subprocess.Popen(  # noqa: S603 - our own program, by our own interpreter
                [*_COMMAND, str(number)],
                pass_fds=[number],
                stdin=subprocess.DEVNULL,
                env={},
                cwd=_ROOT,
                start_new_session=True,
            )

    def is_fit(self) -> bool:
        """Whether it is there and has not drawn its share yet."""
        return self._orders_left > 0 and self.process.poll() is None

    def ask(self, order: "Order") -> Answer:
        """Its answer to one order."""
        self._orders_left -= 1
        timer = Timer(self._seconds, self._end_late)
        timer.start()
        try:
            self._pipe.send(order)
            return json.loads(self._pipe.recv_bytes(_MOST_BYTES)), self._pipe.recv_bytes(_MOST_BYTES)
        except (EOFError, OSError, ValueError):
            raise _EndedError(is_late=self._is_late) from None
        finally:
            timer.cancel()

    def end(self) -> None:
        """Be rid of it."""
        with suppress(OSError):
            self._pipe.close()
        self.process.kill()
        self.process.wait()

    def _end_late(self) -> None:
        self._is_late = True
        self.process.kill()


@cache
def studio() -> Studio:
    """This process's own."""
    made = Studio()
    atexit.register(made.close)
    return made


# A forked child cannot talk to the worker of its parent.
os.register_at_fork(after_in_child=studio.cache_clear)


def renderer_version() -> str:
    """Who draws; part of what a drawing is known by."""
    from customizations import rendering  # noqa: PLC0415 - a big library, which few calls need

    return rendering.RENDERER_VERSION


def require_room() -> None:
    """Refuse a preview at once if there is no place for it; see ``Studio.require_room``."""
    studio().require_room()


def preview(
    schema: Schema, answers: Mapping[str, str], assets: Mapping[str, bytes], *, max_side: int, form: Format
) -> tuple[bytes | None, tuple[Fault, ...]]:
    """The print file scaled down; or None, and the faults of the answers. See ``rendering.render_preview``.

    Raises:
        BusyError: too much is being drawn just now.
        UnavailableError: it cannot be drawn here.
    """
    facts, content = studio().draw(_order(schema, answers, assets, max_side=max_side, format=form))
    faults = _faults_in(facts)
    return (None if faults else content), faults


def print_file(
    schema: Schema, answers: Mapping[str, str], assets: Mapping[str, bytes]
) -> "tuple[Rendered | None, tuple[Fault, ...]]":
    """The print file; or None, and the faults of the answers. See ``rendering.render``; raises as ``preview``."""
    from customizations.rendering import Rendered  # noqa: PLC0415 - as above

    facts, content = studio().draw(_order(schema, answers, assets))
    faults = _faults_in(facts)
    return (None if faults else Rendered(png=content, **facts)), faults


def placed(part: int | None, faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """Faults of one thing's answers by pointers into its line, as ``EvaluatedLine`` has them."""
    above = "/answers" if part is None else f"/parts/{part}"
    return tuple(replace(fault, pointer=above + fault.pointer) for fault in faults)


def _order(*facts: Any, **options: Any) -> "Order":
    from customizations.rendering.worker import Order  # noqa: PLC0415 - as above

    return Order(*facts, **options)


def _faults_in(facts: Mapping[str, Any]) -> tuple[Fault, ...]:
    return tuple(Fault(**fault) for fault in facts.get("faults", ()))


def _busy() -> BusyError:
    return BusyError("Many pictures are being drawn just now.", extra={"retry_after": 1})
