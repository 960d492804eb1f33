"""What must be right about payments before the shop starts."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error

from orders import payments


def goods_outlast_pages(**_kwargs: Any) -> list[CheckMessage]:
    """A page that can still be paid on when the goods are given back would sell what is not there."""
    holds = {
        "HOLD_MINUTES": timedelta(minutes=settings.HOLD_MINUTES),
        "REVIEW_HOLD_HOURS": timedelta(hours=settings.REVIEW_HOLD_HOURS),
    }
    return [
        Error(
            f"{name} is {kept}, but payment pages of {gateway.name} are open for {gateway.session_lifetime()}.",
            hint=f"Raise {name}.",
            id="orders.E001",
        )
        for gateway in payments.in_use()
        for name, kept in holds.items()
        if kept <= gateway.session_lifetime()
    ]
