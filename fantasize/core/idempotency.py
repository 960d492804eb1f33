"""Idempotency keys in PostgreSQL: one key, one effect, and the same answer ever after.

The answer is stored in the transaction of the effect, so that a crash leaves both or neither.
"""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import Error, connection

from fantasize.core.errors import ConflictError, InvalidError
from fantasize.core.models import IdempotencyRecord
from fantasize.core.statements import Slot, Statement, fetch_all

KEPT = timedelta(hours=72)

# PostgreSQL lets go of the first when the transaction ends, however it ends; of the second, when the connection does.
_LOCK = "SELECT pg_try_advisory_xact_lock(%s)"
_LOCK_SESSION = "SELECT pg_try_advisory_lock(%s)"
_UNLOCK_SESSION = "SELECT pg_advisory_unlock(%s)"

_RECORD = Statement(lambda: IdempotencyRecord.objects.filter(principal=Slot("principal"), key=Slot("key")))

_FORGET_ABOUT = """
    DELETE FROM core_idempotencyrecord AS record USING unnest(%s::text[]) AS wanted (name)
     WHERE position(convert_to(name, 'UTF8') IN body) > 0 OR position(name IN principal) > 0
"""


@dataclass(frozen=True, slots=True)
class Call:
    """A call under a key.

    Attributes:
        principal: whose key it is, as text (at most 100 characters).
        key: 1 to 255 characters that the caller made up.
        fingerprint: hash of everything that makes it this call and no other.
    """

    principal: str
    key: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered, byte for byte."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


def fingerprint_of(*parts: bytes) -> str:
    """A hash that differs when any part does, whatever stands at their borders."""
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()


def find_answer(call: Call) -> Answer | None:
    """The answer that the call got before, if it did.

    Raises:
        InvalidError: the key was used for another call (``idempotency_key_reused``).
    """
    found = _RECORD.fetch(principal=call.principal, key=call.key)
    if not found:
        return None
    [record] = found
    if record.fingerprint != call.fingerprint:
        raise InvalidError(
            "This key was used for another call. Make a new one for each.",
            code="idempotency_key_reused",
            title="Idempotency key reused",
        )
    return Answer(record.status, bytes(record.body), record.headers)


def claim(call: Call) -> Answer | None:
    """Make the key this transaction's own until it ends; the answer, if the call got one before.

    Raises:
        ConflictError: a twin is at work (``request_in_flight``), with ``retry_after``.
        InvalidError: the key was used for another call (``idempotency_key_reused``).
    """
    is_ours = _try_lock(call, _LOCK)
    answer = find_answer(call)
    if not is_ours and answer is None:
        raise _in_flight()
    return answer


@contextmanager
def announced(call: Call) -> Iterator[None]:
    """Keep twins away while the call is prepared, before there is a transaction to ``claim`` it in.

    Raises:
        ConflictError: a twin is at work (``request_in_flight``), with ``retry_after``.
    """
    if not _try_lock(call, _LOCK_SESSION):
        raise _in_flight()
    try:
        yield
    finally:
        # A connection that is gone has let go of it by itself.
        with suppress(Error), connection.cursor() as cursor:
            cursor.execute(_UNLOCK_SESSION, [_number_of(call)])


def store_answer(call: Call, answer: Answer) -> None:
    """Keep ``answer``, in the transaction that holds the claim."""
    IdempotencyRecord.objects.create(
        principal=call.principal,
        key=call.key,
        fingerprint=call.fingerprint,
        status=answer.status,
        headers=answer.headers,
        body=answer.body,
    )


def purge_expired(now: datetime) -> int:
    """Delete answers older than ``KEPT``; returns how many."""
    deleted, _ = IdempotencyRecord.objects.filter(created_at__lt=now - KEPT).delete()
    return deleted


def forget_about(ids: Iterable[str]) -> None:
    """Delete every answer that was given to, or tells of, one of ``ids`` (UUIDs as text), whoever got it.

    Reads all answers there are: for an erasure, not for every day.
    """
    with connection.cursor() as cursor:
        cursor.execute(_FORGET_ABOUT, [list(ids)])


def _in_flight() -> ConflictError:
    """Somebody else works on the call."""
    return ConflictError(
        "The same call is being worked on. Ask again for its answer.",
        code="request_in_flight",
        title="Request in flight",
        extra={"retry_after": 1},
    )


def _try_lock(call: Call, statement: str) -> bool:
    """Take the key's lock without waiting."""
    [(is_ours,)] = fetch_all(statement, [_number_of(call)])
    return bool(is_ours)


def _number_of(call: Call) -> int:
    name = fingerprint_of(call.principal.encode(), call.key.encode())
    return int(name[:16], 16) - 2**63
