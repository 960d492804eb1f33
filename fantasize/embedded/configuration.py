"""What the environment tells ``bin/serve``, read without Django."""

import os
from dataclasses import dataclass
from pathlib import Path

import environ

from fantasize.embedded.programs import BASE_DIR
from fantasize.embedded.services import VARIABLES

_OUR_FRONT = "127.0.0.1/32,::1/128"


class ServeError(RuntimeError):
    """``bin/serve`` cannot start. Its text is one line that says what to do."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """How to serve.

    Attributes:
        host: name or address to listen on.
        port: public port.
        data_dir: absolute.
        web_processes: how many WSGI workers.
        embedded: names of the servers that no URL names, so that embedded ones are due.
        trusted_proxies: what the owner named, for the front in front of which they stand.
    """

    host: str
    port: int
    data_dir: Path
    web_processes: int
    embedded: tuple[str, ...]
    trusted_proxies: str

    @classmethod
    def read(cls) -> "Configuration":
        """Read ``.env`` into the process environment, and the environment.

        Raises:
            ServeError: for a value that makes no sense, or production without its servers.
        """
        environ.Env.read_env(BASE_DIR / ".env", overwrite=False, parse_comments=True)
        return cls(
            host=os.environ.get("HOST") or "localhost",
            port=_whole_number("PORT", _whole_number("APP_PORT", 5000, 65535), 65535),
            data_dir=(BASE_DIR / (os.environ.get("DATA_DIR") or "var")).resolve(),
            web_processes=max(1, _whole_number("WEB_PROCESSES", 2, 64)),
            embedded=_embedded(),
            trusted_proxies=os.environ.get("TRUSTED_PROXIES", ""),
        )

    def environment(self, urls: dict[str, str], port: int) -> dict[str, str]:
        """The children's environment: ours, the embedded servers' URLs, and trust in our own front."""
        trusted = ",".join(part for part in (self.trusted_proxies, _OUR_FRONT) if part)
        ours = {"DATA_DIR": str(self.data_dir), "PORT": str(port), "TRUSTED_PROXIES": trusted, "PYTHONUNBUFFERED": "1"}
        base_url = {"PUBLIC_BASE_URL": os.environ.get("PUBLIC_BASE_URL") or f"http://localhost:{port}"}
        return {**os.environ, **base_url, **urls, **ours}


def _embedded() -> tuple[str, ...]:
    is_embedded = {
        "postgres": not _is_set("DATABASE_URL", "DATABASE_HOST"),
        "redis": not _is_set("REDIS_URL", "REDIS_HOST"),
    }
    names = tuple(name for name, is_due in is_embedded.items() if is_due)
    if names and (os.environ.get("DJANGO_ENV") or os.environ.get("NODE_ENV")) == "production":
        missing = " and ".join(VARIABLES[name] for name in names)
        raise ServeError(f"{missing} must be set in production: embedded servers are for development.")
    return names


def _is_set(*names: str) -> bool:
    """Whether any of them, or its ``_FILE`` form, has a value."""
    return any(os.environ.get(name) or os.environ.get(f"{name}_FILE") for name in names)


def _whole_number(name: str, default: int, highest: int) -> int:
    text = os.environ.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or int(text) > highest:
        raise ServeError(f"{name}={text} is not a whole number from 0 to {highest}.")
    return int(text)
