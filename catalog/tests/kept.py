"""What tests of kept answers share."""

from typing import Any

from django.db import transaction
from django.test import Client

HIT, STORED, PASSED, UNTOUCHED = "hit", "fwd=miss; stored", "fwd=miss", "untouched"
SPELLINGS = ("/api/v0", "/api/v1", "/api/v2", "/api", "")


def read(path: str, **headers: str) -> Any:
    """As nobody in particular; underscores in header names stand for hyphens."""
    return Client().get(path, headers={name.replace("_", "-"): text for name, text in headers.items()})


def state(path: str, **headers: str) -> str:
    """What became of the call: a hit, or computed and stored, or passed on."""
    return str(read(path, **headers).headers.get("Cache-Status", UNTOUCHED)).removeprefix("fantasize; ")


def uncached(path: str) -> Any:
    """The answer as it is computed."""
    with transaction.atomic():
        return read(path)
