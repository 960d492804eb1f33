"""The background queue: what a job enqueues is part of its own transaction."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from procrastinate.contrib.django import app as queue
from procrastinate.contrib.django.models import ProcrastinateJob

from fantasize.core.tests.jobs import work_off
from fantasize.core.transfers import jobs, running


@pytest.mark.django_db(transaction=True)
def test_what_a_job_enqueues_is_rolled_back_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[Any] = []

    def half_do(transfer_id: Any) -> None:
        with transaction.atomic():
            queue.configure_task(jobs.RUN_TASK).defer(transfer_id=str(uuid4()))
            transaction.set_rollback(True)
        ran.append(transfer_id)

    monkeypatch.setattr(running, "run", half_do)
    wanted = uuid4()
    queue.configure_task(jobs.RUN_TASK).defer(transfer_id=str(wanted))
    work_off()
    assert ran == [wanted]
    assert not ProcrastinateJob.objects.filter(status="todo").exists()
