"""Every invariant of the event log notices when it is broken, and the command says so."""

import io
import json
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import transaction

from fantasize.core import clock, invariants, outbox
from fantasize.core.events import Event
from fantasize.core.models import DomainEvent
from fantasize.core.tests.planting import plant

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _three_events() -> None:
    with transaction.atomic():
        outbox.record_silently([Event("thing", "1", f"thing.step_{number}") for number in range(3)])
    assert not any(invariants.violations().values())


def broken() -> dict[str, int]:
    return {name: found for name, found in invariants.violations().items() if found}


def test_an_event_that_nobody_dispatched_is_noticed_after_a_minute() -> None:
    event = outbox.publish(Event("thing", "2", "thing.done"))
    assert not broken()
    DomainEvent.objects.filter(pk=event.pk).update(dispatched_at=None)
    plant(
        "core_domainevent",
        "UPDATE core_domainevent SET occurred_at = %s WHERE id = %s",
        [clock.now() - timedelta(seconds=61), event.pk],
    )
    assert broken() == {"events.dispatched_within_a_minute": 1}


@pytest.mark.parametrize("seq", [1, 2])
def test_a_hole_in_a_sequence_is_noticed(seq: int) -> None:
    plant("core_domainevent", "DELETE FROM core_domainevent WHERE seq = %s", [seq])
    assert broken() == {"events.sequences_without_holes": 1}


def test_a_repeated_number_is_noticed() -> None:
    plant(
        "core_domainevent",
        "UPDATE core_domainevent SET seq = 2 WHERE seq = 3",
        without="event_seq_once_per_aggregate",
    )
    assert broken() == {"events.sequences_without_holes": 1}


def test_the_command_prints_every_invariant_and_is_content() -> None:
    output = io.StringIO()
    call_command("verify_invariants", "--json", stdout=output)
    assert json.loads(output.getvalue()) == dict.fromkeys(invariants.violations(), 0)


def test_the_command_fails_when_something_is_broken() -> None:
    plant("core_domainevent", "DELETE FROM core_domainevent WHERE seq = 1")
    output = io.StringIO()
    with pytest.raises(SystemExit) as caught:
        call_command("verify_invariants", stdout=output)
    assert caught.value.code == 1
    table = dict(line.split() for line in output.getvalue().splitlines())
    assert table["events.sequences_without_holes"] == "1"
    assert table["events.dispatched_within_a_minute"] == "0"


def test_a_check_of_another_app_joins_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invariants, "_checks", dict(invariants._checks))
    invariants.register("things.are_right", lambda: 7)
    assert broken() == {"things.are_right": 7}
