"""Accounts' background work."""

from uuid import UUID

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app as queue

from accounts.enums import CodePurpose
from accounts.services import codes, erasure, retention, social
from fantasize.core.queue import RETRY

# Somebody is waiting for the code: after some ten minutes they have asked for another one.
_RETRY = RetryStrategy(max_attempts=5, exponential_wait=4)


@queue.task(name=codes.SEND_TASK, retry=_RETRY)
def send_code(user_id: str, purpose: str) -> None:
    """Make a code and mail it; a repetition makes another one."""
    codes.send(user_id=UUID(user_id), purpose=CodePurpose(purpose))


@queue.task(name=erasure.FINISH_TASK, retry=RETRY)
def finish_erasure(user_id: str) -> None:
    """Forget what was still written about somebody while they were erased."""
    erasure.finish(user_id=UUID(user_id))


@queue.periodic(cron="47 * * * *")
@queue.task(name="accounts.tasks.forget_expired", queueing_lock="accounts.forget_expired")
def forget_expired(timestamp: int) -> dict[str, int]:  # noqa: ARG001 - procrastinate passes the tick
    """Delete what has outlived its use."""
    return retention.forget_expired()


@queue.task(name=social.IMPORT_TASK)
def import_picture(account_id: int) -> None:
    """Take over somebody's picture from their provider; without one the shop is fine."""
    social.import_picture(account_id=account_id)
