# ruff: noqa: INP001 - a script
"""Asks the web process of this container whether it lives, in the name of a host that the shop answers to."""

import http.client
import os
import sys

# Said to have come over TLS, or the answer would be a redirect to it.
_HEADERS = {"Host": os.environ["ALLOWED_HOSTS"].split(",")[0].strip(), "X-Forwarded-Proto": "https"}


def main() -> int:
    """0 when the answer is 200."""
    connection = http.client.HTTPConnection("127.0.0.1", 8000, timeout=4)
    try:
        connection.request("GET", "/health/live", headers=_HEADERS)
        return int(connection.getresponse().status != http.HTTPStatus.OK)
    except OSError:
        return 1


if __name__ == "__main__":
    sys.exit(main())
