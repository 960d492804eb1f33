"""What answers to the options of things come to: for a basket as for a single line, in the same few queries."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from uuid import UUID

from django.conf import settings

from catalog.models import PackageItem
from customizations import engine
from customizations.engine import Evaluation, Fault, ImageOption, Schema, UploadFacts
from customizations.engine.answers import UPLOAD_ID
from customizations.engine.faults import below
from customizations.models import Upload
from customizations.policies import uploads_of
from customizations.selectors.templates import LiveTemplate, live_templates, stock_of

Answers = Mapping[str, object]
_UPLOAD_ID = re.compile(UPLOAD_ID)


@dataclass(frozen=True, slots=True)
class Line:
    """What somebody wants made: one product or one package, by id.

    Attributes:
        answers: to its own options.
        parts: to the options of a package's parts, by the part's product.
        unit_price: what one costs after offers and price breaks, not rounded yet; percentages are of it. Those of a
            part are of its list price, of which the package's is made.
    """

    product: int | None = None
    package: int | None = None
    answers: Answers = field(default_factory=dict)
    parts: Mapping[int, Answers] = field(default_factory=dict)
    unit_price: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Kept:
    """What somebody has already, when what they have is changed.

    Attributes:
        uploads: the pictures among the answers until now, whoever sent them.
        pieces: of stock items, by id; nobody else can have them.
    """

    uploads: Collection[UUID] = ()
    pieces: Mapping[int, int] = field(default_factory=dict)


_NOTHING = Kept()


@dataclass(frozen=True, slots=True)
class EvaluatedThing:
    """The answers about one thing.

    Attributes:
        product: which part of the package it is; None for the line's own thing.
        pieces: of it in one unit of the line.
        unit_price: what percentages are of, exactly.
        template: id of the template that asks.
        version: of that template.
        schema: what it asks.
        evaluation: what the answers come to, for one piece.
        stock_items: of its stocked choices, by option and value.
    """

    product: int | None
    pieces: int
    unit_price: Decimal
    template: int
    version: int
    schema: Schema
    evaluation: Evaluation
    stock_items: Mapping[tuple[str, str], int]

    @property
    def uploads(self) -> tuple[UUID, ...]:
        """The pictures among the answers."""
        answers = self.evaluation.answers
        images = [option.key for option in self.schema.options if isinstance(option, ImageOption)]
        return tuple(UUID(answers[key]) for key in images if key in answers)


@dataclass(frozen=True, slots=True)
class EvaluatedLine:
    """The answers of one line.

    Attributes:
        things: the line's own thing, if it has options, and then the parts that have, in the package's order.
        errors: every fault; pointers begin with ``/answers`` or ``/parts/<product>``.
    """

    things: tuple[EvaluatedThing, ...]
    errors: tuple[Fault, ...]

    @property
    def is_valid(self) -> bool:
        """Whether it can be sold like this."""
        return not self.errors

    @property
    def per_unit(self) -> Decimal:
        """What the answers add to the price of one; exact."""
        return sum((thing.evaluation.per_unit * thing.pieces for thing in self.things), Decimal(0))

    @property
    def once(self) -> Decimal:
        """What they add to the line, however many there are; exact."""
        return sum((thing.evaluation.once for thing in self.things), Decimal(0))

    @property
    def needs_approval(self) -> bool:
        """Whether staff look at it before it is made."""
        return any(thing.evaluation.needs_approval for thing in self.things)

    @property
    def uploads(self) -> tuple[UUID, ...]:
        """All pictures among the answers."""
        return tuple(upload for thing in self.things for upload in thing.uploads)

    @property
    def stock_demand(self) -> dict[int, int]:
        """Pieces of stock items that one unit of the line takes for its choices, by stock item."""
        demand: Counter[int] = Counter()
        for thing in self.things:
            for choice in thing.evaluation.stock_demand:
                demand[thing.stock_items[choice]] += thing.pieces
        return dict(demand)


def evaluate_line(
    *,
    product: int | None = None,
    package: int | None = None,
    answers: Answers | None = None,
    parts: Mapping[int, Answers] | None = None,
    principal: str | None,
    unit_price: Decimal,
) -> EvaluatedLine:
    """The answers of one line; see ``evaluate_lines``."""
    line = Line(product, package, answers or {}, parts or {}, unit_price)
    return evaluate_lines([line], principal=principal)[0]


def evaluate_lines(lines: Sequence[Line], *, principal: str | None, kept: Kept = _NOTHING) -> list[EvaluatedLine]:
    """What the answers of each line come to now, for whom ``principal`` names: pictures of others are not there.

    What is ``kept`` already is there too.

    Things without options take no answers. At most four queries, for any number of lines. Reads only: what there is of
    a choice may be gone a moment later, and is taken by ``catalog.services.stock``.
    """
    facts = _Facts(lines, principal, kept)
    return [facts.evaluate(line) for line in lines]


@dataclass(frozen=True, slots=True)
class _Part:
    product: int
    pieces: int
    price: Decimal


@dataclass(frozen=True, slots=True)
class _Asked:
    """One thing of a line, and what was answered about it."""

    product: int | None
    pieces: int
    price: Decimal
    template: LiveTemplate | None
    answers: Answers
    pointer: str


class _Facts:
    """Everything that the lines are judged by, read at once."""

    def __init__(self, lines: Sequence[Line], principal: str | None, kept: Kept) -> None:
        self._parts = _read_parts({line.package for line in lines if line.package is not None})
        products = {line.product for line in lines if line.product is not None}
        products |= {part.product for parts in self._parts.values() for part in parts}
        packages = {line.package for line in lines if line.package is not None}
        self._of_products, self._of_packages = live_templates(products=products, packages=packages)
        templates = {found.id for found in (*self._of_products.values(), *self._of_packages.values())}
        self._stock = stock_of(templates) if templates else {}
        self._uploads = _read_uploads(lines, principal, kept.uploads) if templates else {}
        self._pieces = kept.pieces

    def evaluate(self, line: Line) -> EvaluatedLine:
        faults = list(_unknown_parts(line, self._parts.get(line.package or 0, [])))
        things = []
        for asked in self._things_of(line):
            if asked.template is None:
                faults += _needless(asked)
                continue
            thing = self._answered(asked, asked.template)
            things.append(thing)
            faults += (replace(fault, pointer=asked.pointer + fault.pointer) for fault in thing.evaluation.errors)
        return EvaluatedLine(tuple(things), tuple(faults))

    def _things_of(self, line: Line) -> Iterator[_Asked]:
        own = self._of_products.get(line.product or 0) or self._of_packages.get(line.package or 0)
        yield _Asked(None, 1, line.unit_price, own, line.answers, "/answers")
        for part in self._parts.get(line.package or 0, []):
            template, answers = self._of_products.get(part.product), line.parts.get(part.product, {})
            yield _Asked(part.product, part.pieces, part.price, template, answers, f"/parts/{part.product}")

    def _answered(self, asked: _Asked, template: LiveTemplate) -> EvaluatedThing:
        stock = self._stock.get(template.id, {})
        evaluation = engine.evaluate(
            template.schema,
            asked.answers,
            unit_price=asked.price,
            currency=settings.SHOP_CURRENCY,
            uploads=self._uploads,
            stock={choice: level.available + self._pieces.get(level.item, 0) for choice, level in stock.items()},
        )
        items = {choice: level.item for choice, level in stock.items()}
        facts = (template.id, template.version, template.schema)
        return EvaluatedThing(asked.product, asked.pieces, asked.price, *facts, evaluation, items)


def _needless(asked: _Asked) -> Iterator[Fault]:
    """Faults of answers about something that asks nothing."""
    for key in asked.answers:
        pointer = below(asked.pointer, str(key))
        yield Fault(pointer, "no_options", "There is nothing to be answered about this.")


def _unknown_parts(line: Line, parts: Sequence[_Part]) -> Iterator[Fault]:
    known = {part.product for part in parts}
    for product in line.parts:
        if product not in known:
            yield Fault(f"/parts/{product}", "unknown_part", "There is no such part in it.")


def _read_parts(packages: Collection[int]) -> Mapping[int, list[_Part]]:
    """The parts of packages, by package. One query, if there are any packages."""
    found: defaultdict[int, list[_Part]] = defaultdict(list)
    if packages:
        items = PackageItem.objects.filter(package__in=packages).order_by("position", "pk")
        facts = ("package_id", "product_id", "quantity", "product__list_price")
        for package, product, pieces, price in items.values_list(*facts):
            found[package].append(_Part(product, pieces, price))
    return found


def _read_uploads(lines: Iterable[Line], principal: str | None, kept: Collection[UUID]) -> dict[str, UploadFacts]:
    """The pictures of the principal's, and those kept, among all answers, by id in small letters. One query."""
    texts = (text for line in lines for answers in (line.answers, *line.parts.values()) for text in answers.values())
    ids = {UUID(text) for text in texts if isinstance(text, str) and _UPLOAD_ID.fullmatch(text)}
    mine = uploads_of(principal) | Upload.objects.filter(pk__in=kept) if kept else uploads_of(principal)
    rows = mine.filter(pk__in=ids).values_list("pk", "width", "height") if ids else ()
    return {str(pk): UploadFacts(width, height) for pk, width, height in rows}
