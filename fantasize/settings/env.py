"""What the process environment says. The only module that reads it; ``.env.example`` lists every name."""

import enum
import os
import sys
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from urllib.parse import quote

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent.parent

if os.environ.get("DJANGO_ENV") != "test":  # the shop's own keys have no business in its tests
    environ.Env.read_env(BASE_DIR / ".env", overwrite=False, parse_comments=True)
env = environ.FileAwareEnv()


class Environment(enum.Enum):
    """Where the process runs."""

    DEVELOPMENT = "development"
    TEST = "test"
    PRODUCTION = "production"


def _environment() -> Environment:
    name = env.str("DJANGO_ENV", default=env.str("NODE_ENV", default="development"))
    try:
        return Environment(name)
    except ValueError:
        raise ImproperlyConfigured("DJANGO_ENV must be development, test or production.") from None


ENVIRONMENT = _environment()
IS_PRODUCTION = ENVIRONMENT is Environment.PRODUCTION
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "var"))).resolve()

# Commands that need no database: importing the settings for them must not start one.
_OFFLINE_COMMANDS = frozenset({"collectstatic", "compilemessages", "makemessages", "services"})


def _is_offline() -> bool:
    return env.bool("FANTASIZE_OFFLINE", default=False) or (len(sys.argv) > 1 and sys.argv[1] in _OFFLINE_COMMANDS)


def _legacy_database_url() -> str | None:
    """The URL that the earlier system's ``DATABASE_*`` names spell, if its host is set."""
    host = env.str("DATABASE_HOST", default="")
    if not host:
        return None
    user = quote(env.str("DATABASE_USER", default="postgres"), safe="")
    password = quote(env.str("DATABASE_PASSWORD", default=""), safe="")
    port, name = env.int("DATABASE_PORT", default=5432), env.str("DATABASE_NAME", default="fantasize")
    return f"postgres://{user}:{password}@{host}:{port}/{name}"


def _legacy_redis_url() -> str | None:
    """The URL that the earlier system's ``REDIS_*`` names spell, if its host is set."""
    host = env.str("REDIS_HOST", default="")
    if not host:
        return None
    password = quote(env.str("REDIS_PASSWORD", default=""), safe="")
    return f"redis://:{password}@{host}:{env.int('REDIS_PORT', default=6379)}/0"


def database_url() -> str:
    """The PostgreSQL URL: from the environment, else (never in production) an embedded server's.

    Raises:
        ImproperlyConfigured: in production without a URL.
    """
    url = env.str("DATABASE_URL", default="") or _legacy_database_url()
    if url:
        return url
    if _is_offline():
        return "postgres://offline@localhost/offline"
    if IS_PRODUCTION:
        raise ImproperlyConfigured("DATABASE_URL is not set. Production does not start an embedded PostgreSQL.")
    from fantasize.embedded.postgres import ensure_postgres  # noqa: PLC0415 - the binaries are absent in production

    return ensure_postgres(DATA_DIR)


def redis_url() -> str | None:
    """The Redis URL: from the environment, else an embedded server's; None when there is no Redis binary.

    Raises:
        ImproperlyConfigured: in production without a URL.
    """
    url = env.str("REDIS_URL", default="") or _legacy_redis_url()
    if url or _is_offline():
        return url
    if IS_PRODUCTION:
        raise ImproperlyConfigured("REDIS_URL is not set. Production does not start an embedded Redis.")
    from fantasize.embedded.redis import ensure_redis  # noqa: PLC0415 - the binaries are absent in production

    return ensure_redis(DATA_DIR)


def redis_database(url: str, number: int) -> str:
    """``url`` with another logical database: tests that run side by side must not empty each other's."""
    return f"{url.partition('?')[0]}?db={number}"


def secret(name: str, *, minimum: int = 50) -> str:
    """A secret from ``name`` or ``name_FILE``; development and tests make one and keep it in ``DATA_DIR``.

    Raises:
        ImproperlyConfigured: in production, when it is missing, short of ``minimum`` or monotonous.
    """
    value: str = env.str(name, default="")
    if not value and not IS_PRODUCTION:
        return _kept_secret(name)
    if IS_PRODUCTION and (len(value) < minimum or len(set(value)) < 10):  # noqa: PLR2004 - Django's own rule (security.W009)
        raise ImproperlyConfigured(f"{name} is missing or weak: it needs {minimum} random characters.")
    return value


def _kept_secret(name: str) -> str:
    """The one that is kept; made by whoever comes first of the processes that start together.

    It has its name only once it is written: nobody reads half of it.
    """
    path = DATA_DIR / "secrets" / name.lower()
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        with NamedTemporaryFile("w", dir=path.parent) as file:
            file.write(os.urandom(32).hex())
            file.flush()
            os.fsync(file.fileno())
            with suppress(FileExistsError):
                os.link(file.name, path)
    return path.read_text()
