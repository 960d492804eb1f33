"""Draws in a process of its own, one order after the other: ``python -m customizations.rendering.worker <descriptor>``.

The descriptor is its end of a pipe. It ends when the pipe does, or when nobody has ordered anything for minutes. It
imports nothing of the shop but the engine and the renderer, so it starts quickly and holds no secrets.
"""

import json
import os
import resource
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection

from customizations.engine import Schema
from customizations.rendering import PreviewFormat, RenderError, render, render_preview

_MIB = 1024 * 1024
MEMORY_BYTES = 1536 * _MIB
CPU_SECONDS = 20
IDLE_SECONDS = 300
_NICE = 10


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be drawn; see ``render`` and ``render_preview``.

    Attributes:
        max_side: of a preview, in pixels; None orders the print file.
        format: of a preview.
    """

    schema: Schema
    answers: Mapping[str, str]
    assets: Mapping[str, bytes]
    max_side: int | None = None
    format: PreviewFormat = "webp"


def main() -> None:
    """Do orders until there are no more."""
    connection = Connection(int(sys.argv[1]))
    _bound()
    # Whoever has hung up wants no answer.
    with suppress(EOFError, OSError):
        while connection.poll(IDLE_SECONDS):
            order = connection.recv()
            _grant_time()
            facts, content = answer(order)
            # What goes back is no pickle: it is read by a process that has secrets.
            connection.send_bytes(json.dumps(facts).encode())
            connection.send_bytes(content)


def answer(order: Order) -> tuple[dict[str, object], bytes]:
    """The file and what is known of it; or nothing, and the ``faults`` of the answers, or why it has ``failed``."""
    try:
        return _draw(order)
    except RenderError as error:
        return {"faults": [asdict(fault) for fault in error.faults]}, b""
    # One order that cannot be drawn for any reason there is leaves the next one alone.
    except Exception as error:  # noqa: BLE001
        return {"failed": type(error).__name__}, b""


def _draw(order: Order) -> tuple[dict[str, object], bytes]:
    if order.max_side is not None:
        size = {"max_side": order.max_side, "format": order.format}
        return {}, render_preview(order.schema, order.answers, order.assets, **size)  # type: ignore[arg-type]  # as named
    done = render(order.schema, order.answers, order.assets)
    facts: dict[str, object] = {name: getattr(done, name) for name in ("sha256", "width", "height", "renderer_version")}
    return facts, done.png


def _bound() -> None:
    """No more memory than needed, no files, and everybody else comes first."""
    for limit, amount in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (amount, amount))
    os.nice(_NICE)


def _grant_time() -> None:
    """So much processor time for the next order, beside what was used already."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    until = int(used.ru_utime + used.ru_stime) + CPU_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (until, resource.RLIM_INFINITY))


if __name__ == "__main__":
    main()
