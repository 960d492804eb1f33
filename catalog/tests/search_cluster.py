"""A stand-in for a search cluster: answers as one did, and keeps what it was asked."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

# What a cluster (OpenSearch 2.19) says of itself, of a new index, and of one that is there.
INFO = {"name": "node", "cluster_name": "test", "version": {"distribution": "opensearch", "number": "2.19.1"}}
CREATED = (200, {"acknowledged": True, "shards_acknowledged": True, "index": "fantasize"})
EXISTS = (400, {"error": {"type": "resource_already_exists_exception", "reason": "exists"}, "status": 400})


def hits(*found: tuple[str, float], corrections: dict[str, str] | None = None) -> tuple[int, dict[str, Any]]:
    """The answer to a search: ids and scores, and better spellings."""
    rows = [{"_index": "fantasize", "_id": key, "_score": score} for key, score in found]
    total = {"value": len(rows), "relation": "eq"}
    entries = [
        {"text": word, "offset": 0, "length": len(word), "options": [{"text": better, "score": 0.8, "freq": 3}]}
        for word, better in (corrections or {}).items()
    ]
    return 200, {"took": 2, "timed_out": False, "hits": {"total": total, "hits": rows}, "suggest": {"words": entries}}


class Cluster:
    """Answers in turn what it is told to; the last answer again and again.

    Attributes:
        asked: method, path and body of every call but the greeting.
        stalled: holds every answer back until it is set.
    """

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, Any]] = []
        self.answers: list[tuple[int, Any]] = [hits()]
        self.stalled = Event()
        self.stalled.set()
        self.url = ""

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, Any]:
        """The next answer."""
        self.stalled.wait(10)
        lines = [json.loads(line) for line in body.splitlines()] if "_bulk" in path else json.loads(body or b"null")
        self.asked.append((method, path.partition("?")[0], lines))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """A stand-in that listens on a port of its own."""
    cluster = Cluster()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, answer = cluster.answer(self.command, self.path, body)
            content = json.dumps(answer).encode() if not isinstance(answer, bytes) else answer
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815 - the names that the server looks for

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    cluster.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield cluster
    finally:
        cluster.stalled.set()
        server.shutdown()
        thread.join()
        server.server_close()
