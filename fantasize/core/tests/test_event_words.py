"""The event log forgets what people wrote, and cannot be changed in any other way."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from fantasize.core import outbox
from fantasize.core.events import Event
from fantasize.core.models import DomainEvent

pytestmark = pytest.mark.django_db

DATA: dict[str, Any] = {
    "status": "shipped",
    "previous": "processed",
    "note": "For Ada",
    "details": {"reason": "Ada said so", "tracking_number": "A1", "carrier": "Us"},
}


@pytest.fixture
def event() -> DomainEvent:
    return outbox.publish(Event("thing", "1", "thing.shipped", DATA, "user:1"))


def test_words_go_and_facts_stay(event: DomainEvent) -> None:
    other = outbox.publish(Event("thing", "2", "thing.shipped", DATA))
    bare = outbox.publish(Event("thing", "1", "thing.noted", {"note": "x"}))
    empty = outbox.publish(Event("thing", "1", "thing.came", {}))
    outbox.forget_words("thing", ["1"])
    assert DomainEvent.objects.get(pk=event.pk).data == {
        "status": "shipped",
        "previous": "processed",
        "note": "",
        "details": {"reason": "", "tracking_number": "", "carrier": "Us"},
    }
    assert DomainEvent.objects.get(pk=bare.pk).data == {"note": ""}
    assert DomainEvent.objects.get(pk=empty.pk).data == {}
    assert DomainEvent.objects.get(pk=other.pk).data == DATA
    outbox.forget_words("thing", ["1"])


@pytest.mark.parametrize(
    "change",
    [
        'data = data || \'{"status": "delivered"}\'',
        'data = core_without_words(data) || \'{"status": "delivered"}\'',
        'data = data || \'{"note": "For Eve"}\'',
        "data = data - 'note'",
        "data = '{}'",
        "data = core_without_words(data), name = 'thing.lost'",
        "data = core_without_words(data), actor = 'system'",
        "data = core_without_words(data), occurred_at = now()",
        "data = core_without_words(data), seq = 2",
        "data = core_without_words(data), aggregate_id = '2'",
        "request_id = 'x'",
    ],
)
def test_nothing_else_about_an_event_can_change(event: DomainEvent, change: str) -> None:
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE core_domainevent SET {change}")  # noqa: S608 - our own statements
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        event.delete()
    assert DomainEvent.objects.get(pk=event.pk).data == DATA
