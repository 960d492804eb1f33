"""Where the sockets are."""

import pytest

from realtime.consumers import Relay
from realtime.routing import PATHS
from realtime.tests.client import connected, run


@pytest.mark.parametrize("path", ["/ws", "/ws/"])
def test_a_socket_answers_with_and_without_the_slash(path: str) -> None:
    async def scenario() -> None:
        async with connected(Relay(), application=PATHS[path]) as client:
            assert (await client.ask("ping"))["event"] == "pong"

    run(scenario)
