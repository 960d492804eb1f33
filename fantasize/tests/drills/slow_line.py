"""A line to a database on which, while its switch is on, everything that is asked takes a while, each time another.

A process of its own, so that it does not wait for those who ask: ``python -m fantasize.tests.drills.slow_line``.
"""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random

from fantasize.embedded.home import find_home
from fantasize.embedded.postgres import ensure_postgres

_CHUNK = 65536
_URL = "postgres://fantasize@127.0.0.1:{port}/fantasize?sslmode=disable&gssencmode=disable"


@contextmanager
def slow_line(data_dir: Path, *, switch: Path, most_ms: int) -> Iterator[str]:
    """The URL of a shop's database at the end of such a line; up to ``most_ms`` for each thing that is asked."""
    ensure_postgres(data_dir)
    home = find_home(data_dir)
    assert home is not None
    socket = home.sockets / ".s.PGSQL.5432"
    command = [sys.executable, "-m", "fantasize.tests.drills.slow_line", str(socket), str(switch), str(most_ms)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield _URL.format(port=int(process.stdout.readline()))
        finally:
            process.terminate()


async def serve(socket: str, switch: Path, most_seconds: float) -> None:
    """Pass on what comes to a free port of this machine, whose number is printed."""
    dice = Random(1)  # noqa: S311 - the same each time

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked, answered = reader, writer
        answers, questions = await asyncio.open_unix_connection(socket)
        with suppress(ConnectionError):
            await asyncio.gather(pass_on(asked, questions, is_slow=True), pass_on(answers, answered))

    async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, is_slow: bool = False) -> None:
        try:
            while chunk := await reader.read(_CHUNK):
                if is_slow and switch.exists():  # noqa: ASYNC240 - no disk is asked
                    await asyncio.sleep(dice.uniform(0, most_seconds))
                writer.write(chunk)
                await writer.drain()
        finally:
            writer.close()

    server = await asyncio.start_server(take, "127.0.0.1", 0, backlog=500)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201 - how whoever began this is told
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]) / 1000))
