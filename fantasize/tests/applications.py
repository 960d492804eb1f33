"""One application for all test clients: each would put together its own, at its first request."""

from typing import Any

from django.core.signals import setting_changed
from django.test.client import ClientHandler

# Where files lie is looked up when one is asked for; every test has a folder of its own.
_NEVER_READ_AT_THE_START = frozenset({"MEDIA_ROOT"})
_PARTS = ("_view_middleware", "_template_response_middleware", "_exception_middleware", "_middleware_chain")

_load = ClientHandler.load_middleware
_loaded: dict[str, Any] = {}


def load_once(handler: ClientHandler, *_: Any) -> None:
    """Give ``handler`` the middleware of the first one, until a setting changes that it may have read."""
    if not _loaded:
        _load(handler)
        _loaded.update({part: getattr(handler, part) for part in _PARTS})
    vars(handler).update(_loaded)


def forget(*, setting: str, **_: Any) -> None:
    """Have the next client put its application together anew."""
    if setting not in _NEVER_READ_AT_THE_START:
        _loaded.clear()


setting_changed.connect(forget)
