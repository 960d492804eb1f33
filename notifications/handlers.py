"""Reacts to what happened in the shop."""

from catalog.events import OUT_OF_STOCK, RUNNING_LOW
from fantasize.core.models import DomainEvent
from notifications.services import low_stock, payment_alerts


def alert_staff(event: DomainEvent) -> None:
    """Have staff told that stock runs low or is sold out. Repeating it is harmless."""
    if event.name in (RUNNING_LOW, OUT_OF_STOCK):
        low_stock.remember(event=event)


def alert_about_payment(event: DomainEvent) -> None:
    """Have staff told of a payment that somebody should look at."""
    payment_alerts.tell_staff(event)
