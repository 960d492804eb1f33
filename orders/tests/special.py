"""Orders with something in them that staff look at."""

from decimal import Decimal
from typing import Any

from accounts.models import User
from accounts.tests.factories import make_user
from catalog.models import Product
from catalog.tests.factories import make_product
from customizations.tests.factories import SPECIAL, make_template
from orders.enums import Decision, PaymentMethod
from orders.models import LineReview, Order, OrderLine
from orders.services import reviews
from orders.services.baskets import LineRequest
from orders.services.reviews import Verdict
from orders.tests.customized import place

WISH = "In gold leaf, please"
REVIEWER = "user:reviewer"


def make_special(**fields: Any) -> Product:
    """A product about which anything can be asked; nothing of it is drawn."""
    product = make_product(**{"price": "10.00", "stock": 100, **fields})
    make_template(schema={"options": [SPECIAL], "canvas": None}, products=[product.pk])
    return product


def order_special(
    user: User | None = None,
    *,
    lines: int = 1,
    plain: int = 0,
    product: Product | None = None,
    method: PaymentMethod = PaymentMethod.HOSTED,
    **more: Any,
) -> Order:
    """An order under review of so many special lines, then so many plain ones."""
    product = product or make_special()
    asked = [LineRequest(product.pk, 1, answers={"special": f"{WISH} {number}"}) for number in range(lines)]
    asked += [LineRequest(product.pk, 1) for _ in range(plain)]
    return place(user or make_user(), *asked, method=method, **more)


def lines_of(order: Order) -> list[OrderLine]:
    """Its lines as they are now."""
    return list(OrderLine.objects.filter(order=order).order_by("position"))


def review_of(line: OrderLine) -> LineReview:
    """What became of it so far."""
    return LineReview.objects.get(line=line)


def decide(
    line: OrderLine, decision: Decision = Decision.APPROVE, *, expected_version: int | None = None, **more: Any
) -> Order:
    """What a reviewer says of a line."""
    if "extra_charge" in more:
        more["extra_charge"] = Decimal(more["extra_charge"])
    verdict = Verdict(decision, **more)
    return reviews.decide(
        order_id=line.order_id, line_id=line.pk, verdict=verdict, actor=REVIEWER, expected_version=expected_version
    )


def answer_otherwise(line: OrderLine, answer: str = "Something else") -> None:
    """As if its answer were another one."""
    things = [{**thing, "answers": {"special": answer}} for thing in line.customizations]
    OrderLine.objects.filter(pk=line.pk).update(customizations=things)
