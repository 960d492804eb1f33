"""The WSGI application: everything but the sockets."""

import gc
import os
from typing import Any

from django.core.signals import request_started
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fantasize.settings")

application = get_wsgi_application()

import fantasize.urls  # noqa: E402, F401 - every page, once for all workers, and not by the first call of each

_MANY_OBJECTS = 1_000


def collect_garbage(**_: Any) -> None:
    """Take away what earlier calls have left behind in circles, while it is young and little."""
    young, middle, old = gc.get_count()
    most = gc.get_threshold()
    if young > _MANY_OBJECTS:
        gc.collect(0 if middle < most[1] else 1 if old < most[2] else 2)


# What is loaded by now stays, shared between workers. Within a call the collector would find what the call still needs,
# and come back to it when it is much: calls would wait for that in turn.
gc.freeze()
gc.set_threshold(100_000, 2, 50)
request_started.connect(collect_garbage, dispatch_uid="collect_garbage")
