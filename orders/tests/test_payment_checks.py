"""The shop does not start when pages to pay on could outlive the goods; what must be looked at often is."""

import itertools
from typing import Any

import pytest
from procrastinate.contrib.django import app as queue

from orders.payments import checks


@pytest.mark.parametrize(
    ("api_key", "minutes", "hours", "found"),
    [
        ("", 45, 72, []),
        ("", 1, 72, []),
        ("sk_test_1", 45, 72, []),
        ("sk_test_1", 36, 72, []),
        ("sk_test_1", 35, 72, ["HOLD_MINUTES"]),
        ("sk_test_1", 30, 0, ["HOLD_MINUTES", "REVIEW_HOLD_HOURS"]),
    ],
)
def test_goods_outlast_pages(settings: Any, api_key: str, minutes: int, hours: int, found: list[str]) -> None:
    settings.STRIPE_API_KEY, settings.HOLD_MINUTES, settings.REVIEW_HOLD_HOURS = api_key, minutes, hours
    settings.SANDBOX_PAYMENTS = not api_key
    errors = checks.goods_outlast_pages()
    assert [str(error.hint).removeprefix("Raise ").removesuffix(".") for error in errors] == found
    assert {error.id for error in errors} <= {"orders.E001"}


@pytest.mark.parametrize("name", ["cancel_expired_orders", "reconcile_payments"])
def test_what_runs_out_is_looked_at_twice_a_minute(name: str) -> None:
    """Cron's sixth field is the second, not its first."""
    registered = {found.task.name: found for found in queue.periodic_registry.periodic_tasks.values()}
    turns = registered[f"orders.tasks.{name}"].croniter
    moments = [turns.get_next() for _ in range(5)]
    assert {later - earlier for earlier, later in itertools.pairwise(moments)} == {30}
