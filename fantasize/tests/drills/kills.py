"""Kills processes at the points of a checkout, when their switches say so."""

import os
import signal
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from typing import Any

from fantasize.core import outbox
from fantasize.embedded.postgres import postgres_pid
from fantasize.settings.env import DATA_DIR
from fantasize.tests.drills import points, seams


def install() -> None:
    """Put the points in place."""
    for wrapper, wanted in ((_strike_before, points.BEFORE), (_strike_after, points.AFTER)):
        for point, where in wanted.items():
            place, name = _find(where)
            seams.around(place, name, partial(wrapper, point))
    seams.around(outbox, "handlers_for", _strike_when_handled)


def _find(where: str) -> tuple[Any, str]:
    """The module, or the class in it, and the name of its function."""
    module, _, path = where.partition(":")
    place: Any = import_module(module)
    *classes, name = path.split(".")
    for each in classes:
        place = getattr(place, each)
    return place, name


def _strike_before(point: str, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    _strike(point)
    return function(*args, **kwargs)


def _strike_after(point: str, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    result = function(*args, **kwargs)
    _strike(point)
    return result


def _strike_when_handled(handlers_for: Callable[[str], Iterator[Any]], aggregate: str) -> Iterator[Any]:
    yield from handlers_for(aggregate)
    _strike(points.HANDLED)


def _strike(point: str) -> None:
    if seams.take(points.switch_name(point, "self")):
        os.kill(os.getpid(), signal.SIGKILL)
    if seams.take(points.switch_name(point, "postgres")) and (pid := postgres_pid(DATA_DIR)):
        os.kill(pid, signal.SIGKILL)
