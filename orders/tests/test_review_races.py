"""Two people at one special request: one of them decides; and nobody approves what is being changed."""

import threading
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection, transaction
from django.db.models import QuerySet

from fantasize.core.errors import DomainError
from fantasize.core.models import DomainEvent
from fantasize.tests.waiting import PATIENCE_SECONDS
from orders.enums import Decision, OrderStatus
from orders.models import Order
from orders.services import approvals, reviews
from orders.tests.special import answer_otherwise, decide, lines_of, order_special

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*jobs: Callable[[], Any]) -> list[str]:
    """What becomes of jobs that begin together: empty, or why they were refused."""
    barrier, outcomes = threading.Barrier(len(jobs)), []

    def run(job: Callable[[], Any]) -> None:
        try:
            barrier.wait(PATIENCE_SECONDS)
            job()
            outcomes.append("")
        except DomainError as error:
            outcomes.append(error.code)
        except Exception as error:  # noqa: BLE001 - shown to whoever reads the test's failure
            outcomes.append(repr(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)


def decided(order: Order) -> int:
    events = DomainEvent.objects.filter(aggregate_id=str(order.pk), name="order_staff.line_reviewed")
    return events.count()


def opposed(order: Order) -> list[str]:
    """One approves the first line, one rejects it, both without saying what they have seen."""
    line = lines_of(order)[0]
    return at_once(lambda: decide(line), lambda: decide(line, Decision.REJECT, reason="No"))


def test_of_two_who_decide_about_one_line_one_does() -> None:
    for _ in range(3):
        order = order_special(lines=2)
        assert opposed(order) == ["", "review_closed"]
        assert decided(order) == 1


def test_without_the_lock_both_do() -> None:
    """The control."""
    order = order_special(lines=2)
    both_have_read = threading.Barrier(2)

    def wait(*args: Any, **more: Any) -> None:
        both_have_read.wait(PATIENCE_SECONDS)
        written(*args, **more)

    written = reviews._write
    with (
        patch.object(QuerySet, "select_for_update", lambda self, **_more: self),
        patch.object(reviews, "_write", wait),
    ):
        outcomes = opposed(order)
    assert "review_closed" not in outcomes


def test_what_changes_while_it_is_approved_is_not_made() -> None:
    """The change has begun before the approval, and ends after it: no lock of ours holds up who writes SQL."""
    order = order_special()
    (line,) = lines_of(order)
    changed, approved = threading.Event(), threading.Event()

    def change() -> None:
        with transaction.atomic():
            answer_otherwise(line)
            changed.set()
            approved.wait(PATIENCE_SECONDS)

    def approve() -> None:
        changed.wait(PATIENCE_SECONDS)
        try:
            decide(line)
        finally:
            approved.set()

    at_once(change, approve)
    row = Order.objects.get(pk=order.pk)
    assert row.status in {OrderStatus.UNDER_REVIEW, OrderStatus.PENDING}
    assert approvals.unapproved(order.pk) == [line.pk]
