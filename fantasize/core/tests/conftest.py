"""A server that notes whatever reaches it."""

import threading
from collections.abc import Iterator

import pytest
from pytest_django import Settings

from fantasize.core.tests.strangers import Canary


@pytest.fixture
def canary() -> Iterator[Canary]:
    server = Canary()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def friend(canary: Canary, settings: Settings) -> str:
    """The canary as a stand-in that the settings name: its URL."""
    settings.FETCH_ALLOWED_HOSTS = [f"127.0.0.1:{canary.server_port}"]
    return f"http://127.0.0.1:{canary.server_port}"


@pytest.fixture
def nobody_allowed(settings: Settings) -> None:
    """Only the open internet may be asked."""
    settings.FETCH_ALLOWED_HOSTS = []
