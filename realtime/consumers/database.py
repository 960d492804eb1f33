"""The sockets' way to the database."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from channels.db import database_sync_to_async

P = ParamSpec("P")
T = TypeVar("T")

# However many sockets a process serves, it holds no more connections than this; the pool has twice as many.
MOST_THREADS = 8
THREADS = ThreadPoolExecutor(max_workers=MOST_THREADS, thread_name_prefix="sockets-database")


async def in_database(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a synchronous ``function`` in one of a few threads; its connection goes back to the pool afterwards."""
    result: T = await database_sync_to_async(function, thread_sensitive=False, executor=THREADS)(*args, **kwargs)
    return result
