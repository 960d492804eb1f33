"""Events as they are told to who gets an order as a gift."""

from typing import Any

import pytest

from orders.events import UPDATED, for_recipient

STEP = {"status": "shipped", "previous": "processed"}


@pytest.mark.parametrize(
    ("name", "details", "told", "known"),
    [
        (
            "order.shipped",
            {"carrier": "UPS", "tracking_number": "1Z", "paid_by": "Ada"},
            "order.shipped",
            {"carrier": "UPS", "tracking_number": "1Z"},
        ),
        ("order.shipped", {"carrier": "UPS"}, "order.shipped", {"carrier": "UPS"}),
        ("order.delivered", None, "order.delivered", {}),
        ("order.rejected", {"reason": "Ada pays nothing."}, "order.rejected", {}),
        ("order.cancelled", {"refunded": "12.50"}, "order.cancelled", {}),
        ("order.paid", {}, UPDATED, {}),
        ("order.refunded", {"refunded": "12.50", "carrier": "UPS"}, UPDATED, {}),
        ("order.never_heard_of", {"total": "12.50"}, UPDATED, {}),
    ],
)
def test_who_gets_it_is_told_by_a_closed_list(name: str, details: Any, told: str, known: dict[str, str]) -> None:
    data = {**STEP, "details": details, "total": "12.50", "by": "Ada"}
    assert for_recipient(name, data) == (told, {**STEP, "details": known})
