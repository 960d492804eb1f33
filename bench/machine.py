"""Whether the books stay right whatever buyers and staff do: the sequences of the tests, many more of them.

``SEQUENCES`` says how many, 200 unless told; each is of fifty steps. One that goes wrong is shown as short as it gets.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.report import Measurement
from bench.shop import ROOT, empty_shop

_STEPS = 50


def measure() -> list[Measurement]:
    """Do them in a shop without data; a sequence that ends otherwise than foretold ends the benchmark."""
    with tempfile.TemporaryDirectory() as data_dir, empty_shop(Path(data_dir)) as shop:
        environment = {**shop.environment, "DJANGO_ENV": "test", "LOG_LEVEL": "ERROR"}
        answer = subprocess.run(
            [sys.executable, "-m", "bench.machine"], env=environment, cwd=ROOT, check=True, stdout=subprocess.PIPE
        )
    return [Measurement(*figure) for figure in json.loads(answer.stdout.splitlines()[-1])]


def _run() -> None:
    """Do it in the shop of this process, and print the figures as JSON."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fantasize.settings")
    import django  # noqa: PLC0415 - only in the process that has the shop

    django.setup()
    from django.test.utils import setup_test_environment  # noqa: PLC0415 - as above
    from hypothesis import HealthCheck, settings  # noqa: PLC0415 - as above
    from hypothesis.stateful import run_state_machine_as_test  # noqa: PLC0415 - as above

    from fantasize.tests.drills.machine import Bazaar  # noqa: PLC0415 - as above

    setup_test_environment()
    sequences = int(os.environ.get("SEQUENCES", "200"))
    bounds = settings(
        max_examples=sequences,
        stateful_step_count=_STEPS,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    began = time.perf_counter()
    run_state_machine_as_test(Bazaar, settings=bounds)
    figures = [("sequences of steps", sequences, ""), ("time", time.perf_counter() - began, "s")]
    print(json.dumps(figures + [(f"looks at orders {status}", count, "") for status, count in Bazaar.seen.items()]))


if __name__ == "__main__":
    _run()
