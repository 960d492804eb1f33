"""kill -9 in the middle of a sale, and of a crowd's: whoever asks again is served once."""

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from uuid import uuid4

import pytest

from fantasize.tests.drills import points, sales
from fantasize.tests.drills.stage import Stage, insist, outcomes, running_stage
from fantasize.tests.journeys.shop import Answer
from fantasize.tests.waiting import wait_until

pytestmark = pytest.mark.processes

BUYERS, PIECES = 100, 10
# One before, one inside, one after a commit, and one of the worker, whose death takes longest to heal: it comes first.
# All of them, with each victim, are ``bin/bench kills``.
SAMPLE = [("mail-sent", "self"), ("goods-held", "self"), ("answer-kept", "postgres"), ("message-kept", "self")]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    products = {"lantern": 1000, "storm": PIECES}
    with running_stage(tmp_path_factory.mktemp("kills"), buyers=BUYERS, products=products) as running:
        yield running


def test_every_point_is_a_different_seam() -> None:
    assert len(points.POINTS) == 14


def sell_under_fire(stage: Stage) -> list[sales.Sale]:
    return [
        sales.sell(stage, buyer, point=point, victim=victim)
        for buyer, (point, victim) in zip(stage.buyers, SAMPLE, strict=False)
    ]


def kill(stage: Stage, victim: str) -> bool:
    """Whether it was there to be killed: it may not have come back yet."""
    try:
        os.kill(stage.shop.pids()[victim], signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def serve_a_crowd_under_fire(stage: Stage) -> list[Answer]:
    """A hundred buyers of ten pieces, each of whom asks until there is a final answer."""
    works = [partial(stage.place, buyer, stage.goods["storm"], key=str(uuid4())) for buyer in stage.buyers]
    with ThreadPoolExecutor(BUYERS) as pool:
        futures = [pool.submit(insist, work) for work in works]
        for victim in ("web", "postgres", "worker", "web"):
            time.sleep(0.15)
            wait_until(partial(kill, stage, victim), victim)
        return [future.result() for future in futures]


def test_nothing_is_lost_or_doubled_whoever_is_killed(stage: Stage) -> None:
    made = sell_under_fire(stage)
    answers = serve_a_crowd_under_fire(stage)
    stage.wait_for_worker()
    assert all(sales.was_hit(stage, point=point, victim=victim) for point, victim in SAMPLE)
    assert [sale.books for sale in made] == [sales.SOLD_ONCE] * len(SAMPLE)
    assert [len({*sales.mails_about(stage, sale.number)}) for sale in made] == [1] * len(SAMPLE)
    assert outcomes(answers) == {"placed": PIECES, "409 out_of_stock": BUYERS - PIECES}
    assert stage.held("storm") == PIECES
    stage.verify()
