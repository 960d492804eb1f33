"""Anything that buyers and staff can do, in orders that nobody thought of: the books stay right after every step."""

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from fantasize.tests.drills.machine import Bazaar


@pytest.mark.django_db
def test_the_books_stay_right_whatever_is_done() -> None:
    """The same sequences each time; many more, others each time, are ``bin/bench machine``."""
    bounds = settings(
        max_examples=6,
        stateful_step_count=20,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Bazaar, settings=bounds)
    assert {"pending", "under_review", "processing", "cancelled"} <= {*Bazaar.seen}
