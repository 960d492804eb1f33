"""kill -9 at every point of a sale, of the process that is there and of PostgreSQL; and how soon it is healed."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.report import Measurement
from fantasize.tests.drills import points, sales
from fantasize.tests.drills.sales import Sale
from fantasize.tests.drills.stage import Stage, running_stage

_TRIALS = [(point, victim) for point in points.POINTS for victim in points.VICTIMS]
_MAX_SECONDS = 60


def measure() -> list[Measurement]:
    """Each sale must be in the books once, as if nothing had happened."""
    with (
        tempfile.TemporaryDirectory(prefix="fantasize-bench-") as folder,
        running_stage(Path(folder), buyers=len(_TRIALS), products={"lantern": len(_TRIALS)}) as stage,
    ):
        made = [
            sales.sell(stage, buyer, point=point, victim=victim)
            for buyer, (point, victim) in zip(stage.buyers, _TRIALS, strict=True)
        ]
        stage.wait_for_worker()
        stage.verify()
        return list(_figures(stage, made))


def _figures(stage: Stage, made: list[Sale]) -> Iterator[Measurement]:
    hits = [sales.was_hit(stage, point=point, victim=victim) for point, victim in _TRIALS]
    yield Measurement("sales", len(made), "")
    yield Measurement("processes killed", sum(hits), "")
    yield Measurement("points where nobody was hit", len(hits) - sum(hits), "", 0)
    yield Measurement("sales lost, doubled or half done", sum(sale.books != sales.SOLD_ONCE for sale in made), "", 0)
    yield Measurement("mails lost", sum(not sales.mails_about(stage, sale.number) for sale in made), "", 0)
    yield Measurement("different mails about one thing", sum(_doubled(stage, sale) for sale in made), "", 0)
    yield Measurement("longest sale", max(sale.seconds for sale in made), "s", _MAX_SECONDS)
    for victim in points.VICTIMS:
        taken = [sale.seconds for sale, (_, hit) in zip(made, _TRIALS, strict=True) if hit == victim]
        yield Measurement(f"a sale, {victim} killed, mean", sum(taken) / len(taken), "s")


def _doubled(stage: Stage, sale: Sale) -> bool:
    return len({*sales.mails_about(stage, sale.number)}) > 1
