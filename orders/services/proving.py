"""Whether what was sold still is what it was: priced by the same answers to the same cent, drawn to the same bytes."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from random import SystemRandom
from typing import Any

from django.db.models import Max

from customizations.engine import Schema
from customizations.services import reprints, snapshots
from fantasize.core import money
from orders.models import OrderLine

# So many lines are looked at each time that the invariants are verified.
SAMPLE = 10
_CUSTOMIZED = "customization"

Schemas = Mapping[tuple[int, int], Schema]


def count_changed_in_sample() -> int:
    """How many of some lines, others each time, do not come to what they were sold as. Draws them."""
    lines = OrderLine.objects.filter(erased_at=None).exclude(customizations=[]).select_related("order")
    last = lines.aggregate(last=Max("pk"))["last"]
    if last is None:
        return 0
    start = SystemRandom().randint(1, last)
    above, below = lines.filter(pk__gte=start).order_by("pk"), lines.filter(pk__lt=start).order_by("-pk")
    sample = [*above[:SAMPLE], *below[:SAMPLE]][:SAMPLE]
    return len(find_changed(sample))


def find_changed(lines: Sequence[OrderLine]) -> list[OrderLine]:
    """Those of the lines, none of them forgotten, that do not come to what they were sold as."""
    schemas = snapshots.schemas_of(thing for line in lines for thing in line.customizations)
    return [line for line in lines if not (_costs_the_same(line, schemas) and _looks_the_same(line, schemas))]


def total_again(line: OrderLine, schemas: Schemas) -> Decimal | None:
    """What the line costs by the answers that it keeps, and by the stages of its price; None if they are not legal."""
    currency = line.order.currency
    found = [_priced(thing, schemas, currency) for thing in line.customizations]
    if None in found:
        return None
    costs = [cost for cost in found if cost]
    stages = [stage for stage in line.stages if stage["stage"] != _CUSTOMIZED]
    before = Decimal(stages[-1]["amount"])
    unit_price = money.quantize(before + sum((per_unit for per_unit, _ in costs), Decimal(0)), currency)
    return unit_price * line.quantity + sum((once for _, once in costs), line.extra_charge)


def _priced(thing: Mapping[str, Any], schemas: Schemas, currency: str) -> tuple[Decimal, Decimal] | None:
    """What the answers about one thing cost: in a unit of the line, and once."""
    evaluation = snapshots.price_again(thing, _schema_of(thing, schemas), currency=currency)
    legal = evaluation.is_valid and evaluation.answers == thing["answers"]
    return (evaluation.per_unit * thing["pieces"], evaluation.once) if legal else None


def _costs_the_same(line: OrderLine, schemas: Schemas) -> bool:
    return total_again(line, schemas) == line.line_total


def _looks_the_same(line: OrderLine, schemas: Schemas) -> bool:
    return all(
        reprints.draw_again(thing, _schema_of(thing, schemas)) == thing["proof"]
        for thing in line.customizations
        if reprints.is_drawn_here(thing)
    )


def _schema_of(thing: Mapping[str, Any], schemas: Schemas) -> Schema:
    return schemas[thing["template"], thing["version"]]
