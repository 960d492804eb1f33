"""What waits for a socket."""

import asyncio
from uuid import uuid4

from fantasize.core.errors import UnauthenticatedError
from realtime.consumers.inbox import Inbox
from realtime.tests.client import run

ORDER, OTHER = uuid4(), uuid4()


def inbox_following(seq: int) -> Inbox:
    inbox = Inbox(asyncio.get_running_loop().time() + 0.05)
    inbox.positions[ORDER] = seq
    return inbox


def test_news_are_told_once_however_often_they_are_announced() -> None:
    async def scenario() -> None:
        inbox = inbox_following(3)
        inbox.wake(ORDER, 4)
        inbox.wake(ORDER, 5)
        assert await inbox.next() == {"type": "orders.changed"}
        assert inbox.take_woken() == {ORDER}
        assert inbox.take_woken() == set()
        assert await inbox.next() == {"type": "deadline.passed"}

    run(scenario)


def test_what_is_not_newer_or_not_followed_wakes_nobody() -> None:
    async def scenario() -> None:
        inbox = inbox_following(3)
        inbox.wake(ORDER, 3)
        inbox.wake(OTHER, 9)
        assert await inbox.next() == {"type": "deadline.passed"}

    run(scenario)


def test_news_of_an_order_that_is_followed_no_longer_are_dropped() -> None:
    async def scenario() -> None:
        inbox = inbox_following(0)
        inbox.wake(ORDER, 1)
        del inbox.positions[ORDER]
        assert inbox.take_woken() == set()

    run(scenario)


def test_a_verdict_comes_before_news() -> None:
    async def scenario() -> None:
        inbox = inbox_following(0)
        inbox.wake(ORDER, 1)
        verdict = UnauthenticatedError()
        inbox.expel(verdict)
        assert await inbox.next() == {"type": "access.ended", "error": verdict}

    run(scenario)


def test_an_earlier_deadline_rings_earlier() -> None:
    async def scenario() -> None:
        loop = asyncio.get_running_loop()
        inbox = Inbox(loop.time() + 3600)
        waiting = asyncio.create_task(inbox.next())
        await asyncio.sleep(0)
        inbox.set_deadline(loop.time())
        assert await waiting == {"type": "deadline.passed"}

    run(scenario)


def test_without_a_deadline_nothing_rings() -> None:
    async def scenario() -> None:
        inbox = inbox_following(0)
        inbox.set_deadline(None)
        done, waiting = await asyncio.wait([asyncio.create_task(inbox.next())], timeout=0.1)
        assert not done
        for task in waiting:
            task.cancel()

    run(scenario)
