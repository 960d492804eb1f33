"""Reacts to what happens to orders: the factory gets those paid for, and payment pages of those called off close."""

from uuid import UUID

import structlog
from django.conf import settings
from redis.exceptions import RedisError

from fantasize.core.models import DomainEvent
from orders.services import reconciling
from orders.transports import stream_at

log = structlog.get_logger(__name__)


def send_to_factory(event: DomainEvent) -> None:
    """Put an order that is to be made into the factory's stream. Repeating it is harmless.

    Without Redis it does nothing: within a minute the factory finds the order in PostgreSQL by itself, and nobody else
    who hears of the event has to wait until then.
    """
    if event.name != "order.processing" or not settings.REDIS_URL:
        return
    try:
        stream_at(settings.REDIS_URL).add([UUID(event.aggregate_id)])
    except RedisError as error:
        log.warning("factory.stream_unreachable", order=event.aggregate_id, error=type(error).__name__)


def end_payment_pages(event: DomainEvent) -> None:
    """Close the pages to pay on of an order that is over. Repeating it is harmless."""
    if event.name in ("order.cancelled", "order.rejected"):
        reconciling.end_pages_of(event.aggregate_id)
