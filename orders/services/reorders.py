"""Whether an order can be placed again as it was, and what has changed since. Reads only."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from catalog.models import StockItem
from customizations.engine import Fault
from customizations.models import Upload
from customizations.services import reprints
from customizations.services.evaluation import EvaluatedLine
from fantasize.core import clock
from orders.models import Order, OrderLine
from orders.pricing import QuotedLine
from orders.services import baskets
from orders.services.baskets import BasketLine, LineRequest, Thing

_Read = tuple[BasketLine, QuotedLine]


@dataclass(frozen=True, slots=True)
class Change:
    """What is otherwise than it was.

    Attributes:
        line: id of the line.
        pointer: what of it, as a JSON pointer into the line as it would be sent.
        code: of what the engine or the renderer refuses, its own; else ``not_sold``, ``erased``, ``options_gone``,
            ``template_changed``, ``parts_changed``, ``price_changed`` or ``out_of_stock``.
        detail: one sentence for a person.
        blocks: the line cannot be ordered again as it was.
    """

    line: int
    pointer: str
    code: str
    detail: str
    blocks: bool = True


@dataclass(frozen=True, slots=True)
class Reorder:
    """What can be sent again, and what has changed, in the order of the lines."""

    lines: list[dict[str, Any]]
    changes: list[Change]


@dataclass(slots=True, eq=False)
class _Candidate:
    """A line of old, and what has been found out about it."""

    line: OrderLine
    request: LineRequest
    thing: Thing | None = None
    changes: list[Change] = field(default_factory=list)

    @property
    def is_possible(self) -> bool:
        return not any(change.blocks for change in self.changes)

    def note(self, pointer: str, code: str, detail: str, *, blocks: bool = True) -> None:
        self.changes.append(Change(self.line.pk, pointer, code, detail, blocks))


def check(order: Order) -> Reorder:
    """What of ``order`` its owner could place again now. A fixed number of queries for any number of lines."""
    at = clock.now()
    lines = sorted(order.lines.all(), key=lambda line: line.position)
    principal = order.user.actor if order.user else _guest_of(lines)
    candidates = [_Candidate(line, baskets.request_of(line)) for line in lines]
    _look_at_things(candidates, at)
    _look_at_answers(_possible(candidates), principal)
    possible = _possible(candidates)
    read = _read(possible, principal, at)
    _look_at_stock(possible, read)
    if (left := _possible(possible)) != possible:
        read = _read(left, principal, at)
    _look_at_prices(left, read, order.currency)
    changes = [change for candidate in candidates for change in candidate.changes]
    return Reorder([_as_sent(candidate.request) for candidate in _possible(candidates)], changes)


def _guest_of(lines: Sequence[OrderLine]) -> str:
    """Whose pictures a guest's order was made with; nobody's, if there are none."""
    ids = [upload["id"] for line in lines for thing in line.customizations for upload in thing["uploads"]]
    return Upload.objects.filter(pk__in=ids).values_list("owner", flat=True).first() or ""


def _as_sent(request: LineRequest) -> dict[str, Any]:
    kind, pk = ("product", request.product_id) if request.package_id is None else ("package", request.package_id)
    parts = {str(part): answers for part, answers in request.parts.items()}
    return {kind: pk, "quantity": request.quantity, "answers": request.answers, "parts": parts}


def _possible(candidates: Sequence[_Candidate]) -> list[_Candidate]:
    return [candidate for candidate in candidates if candidate.is_possible]


def _look_at_things(candidates: Sequence[_Candidate], at: datetime) -> None:
    """What is sold no more, and packages that are made of something else."""
    things = baskets.find_things([candidate.request for candidate in candidates], at=at)
    for candidate, thing in zip(candidates, things, strict=True):
        line, candidate.thing = candidate.line, thing
        if thing is None:
            candidate.note("", "not_sold", f"{line.name} is not sold any more.")
        elif line.erased_at:
            candidate.note("/answers", "erased", "What was answered is forgotten.")
        else:
            _look_at_parts(candidate, thing)


def _look_at_parts(candidate: _Candidate, thing: Thing) -> None:
    parts = baskets.parts_of(thing)
    before = {part["product"]: part["quantity"] for part in candidate.line.parts}
    if {part.product_id: part.quantity for part in parts} != before:
        candidate.note("/package", "parts_changed", f"{thing.name} is made of other parts now.", blocks=False)
    for part in parts:
        if not part.product.is_active:
            candidate.note("/package", "out_of_stock", f"{part.product.name} is not sold any more.")


def _look_at_answers(candidates: Sequence[_Candidate], principal: str) -> None:
    """What cannot be answered so any more; and what is asked in another way, but takes the answers."""
    evaluated = baskets.evaluate([candidate.request for candidate in candidates], principal=principal)
    for candidate, line in zip(candidates, evaluated, strict=True):
        faults = [*line.errors, *(reprints.unprintable(line, candidate.line.customizations) if line.is_valid else ())]
        for fault in _without_repetition(faults):
            candidate.note(fault.pointer, fault.code, fault.detail)
        if not faults and _versions(candidate.line.customizations) != _versions_of(line):
            candidate.note("/answers", "template_changed", "The options have been changed since.", blocks=False)


def _without_repetition(faults: Sequence[Fault]) -> Iterator[Fault]:
    """The faults; that nothing is asked any more about a thing, once for all its answers."""
    gone = dict.fromkeys(fault.pointer.rpartition("/")[0] for fault in faults if fault.code == "no_options")
    yield from (Fault(place, "options_gone", "There is nothing to be chosen about it any more.") for place in gone)
    yield from (fault for fault in faults if fault.code != "no_options")


def _versions(things: Sequence[Mapping[str, Any]]) -> set[tuple[int | None, int, int]]:
    return {(thing["part"], thing["template"], thing["version"]) for thing in things}


def _versions_of(line: EvaluatedLine) -> set[tuple[int | None, int, int]]:
    return {(thing.product, thing.template, thing.version) for thing in line.things}


def _look_at_stock(candidates: Sequence[_Candidate], read: Sequence[_Read]) -> None:
    """What there is too little of; whoever comes first gets it."""
    wanted = {item for line, _ in read for item in line.demand}
    left = {item.pk: item.available for item in StockItem.objects.filter(pk__in=wanted)}
    for candidate, (line, _) in zip(candidates, read, strict=True):
        if any(left.get(item, 0) < pieces for item, pieces in line.demand.items()):
            candidate.note("/quantity", "out_of_stock", f"There are not {candidate.line.quantity} of it now.")
            continue
        for item, pieces in line.demand.items():
            left[item] -= pieces


def _look_at_prices(candidates: Sequence[_Candidate], read: Sequence[_Read], currency: str) -> None:
    """What costs something else when all that is possible is ordered together."""
    for candidate, (_, priced) in zip(candidates, read, strict=True):
        before, now = candidate.line.line_total, priced.total
        if (candidate.line.unit_price, candidate.line.once) != (priced.unit_price, priced.once):
            detail = f"It was {before} {currency} and is {now} {currency} now."
            candidate.note("", "price_changed", detail, blocks=False)


def _read(candidates: Sequence[_Candidate], principal: str, at: datetime) -> list[_Read]:
    basket = baskets.read([candidate.request for candidate in candidates], principal=principal, at=at)
    return list(zip(basket.lines, basket.quote.lines, strict=True))
