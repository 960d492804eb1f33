"""Signed messages: ``t=<unix time>,v1=<hex HMAC-SHA256 of time.body>``, as Stripe signs them and our sandbox does."""

import hmac
import re
from collections.abc import Sequence
from datetime import datetime

from fantasize.core import clock
from orders.errors import WebhookSignatureError

TOLERANCE_SECONDS = 300
_MAX_HEADER = 4096
_TIME = re.compile(r"[0-9]{1,12}")


def sign(body: bytes, secret: str, at: datetime | None = None) -> str:
    """The header for ``body``, signed at ``at`` (now unless told)."""
    stamp = str(int((at or clock.now()).timestamp()))
    return f"t={stamp},v1={_digest(body, secret, stamp)}"


def require_valid(body: bytes, header: str, secrets: Sequence[str]) -> None:
    """That somebody with one of the secrets signed ``body`` within the last five minutes.

    Raises:
        WebhookSignatureError: in every other case; which one is not said.
    """
    parts = [part.partition("=")[::2] for part in header[:_MAX_HEADER].split(",")]
    stamps = [value for name, value in parts if name == "t"]
    given = [value for name, value in parts if name == "v1"]
    if len(stamps) != 1 or not _TIME.fullmatch(stamps[0]) or not _is_recent(stamps[0]):
        raise WebhookSignatureError
    expected = [_digest(body, secret, stamps[0]) for secret in secrets if secret]
    # Every pair is compared, so that the time it takes tells nothing.
    matches = [hmac.compare_digest(one.encode(), other.encode()) for one in expected for other in given]
    if not any(matches):
        raise WebhookSignatureError


def _is_recent(stamp: str) -> bool:
    return abs(clock.now().timestamp() - int(stamp)) <= TOLERANCE_SECONDS


def _digest(body: bytes, secret: str, stamp: str) -> str:
    return hmac.new(secret.encode(), stamp.encode() + b"." + body, "sha256").hexdigest()
