"""The form on the tracking page in which its owner answers anew what staff want otherwise about a line."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest

from customizations.engine import ImageOption, Option
from customizations.services import uploads
from customizations.services.evaluation import EvaluatedLine, EvaluatedThing
from fantasize.core import card_numbers, images, limits
from fantasize.core.api.client_address import client_address, site_of
from fantasize.core.errors import DomainError, InvalidError, NotFoundError
from orders import policies
from orders.enums import OrderStatus, ReviewOutcome, Role
from orders.errors import PriceChangedError, ReviewClosedError
from orders.models import Order, OrderLine
from orders.services import baskets, order_changes, order_edits
from orders.services.baskets import LineRequest
from orders.services.order_changes import Changes, LineChange

_MISSING = "Please answer this."
# Most often because somebody has pressed twice.
_CLOSED = "We have it already, and look at it again."


@dataclass(frozen=True, slots=True)
class Field:
    """An option as the form asks it.

    Attributes:
        name: of its input; a new picture comes under ``new-<name>``, for browsers send an empty one as well.
        value: what it is answered with; of a picture, its id.
        fault: what is wrong with that.
    """

    name: str
    option: Option
    value: str
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """The options of the line's own thing, without a title, or of a part."""

    title: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class ChangeForm:
    """What a line is asked again; ``total`` is what the order costs with it, as far as its owner was told."""

    line_id: int
    total: Decimal
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Owner:
    """Who has the owner's link to an order; its lines have their reviews."""

    holder: policies.LinkHolder
    order: Order
    lines: Sequence[OrderLine]

    @property
    def principal(self) -> str:
        """Whose pictures new ones are: the account's, or a guest's who is known by the link."""
        return self.order.user.actor if self.order.user else self.holder.actor

    def evaluate(self, wanted: Sequence[LineRequest]) -> list[EvaluatedLine]:
        """What these answers come to now."""
        kept = order_changes.kept_by(self.order, self.lines)
        return baskets.evaluate(wanted, principal=self.principal, kept=kept)


@dataclass(frozen=True, slots=True)
class Wish:
    """What the owner has answered, which is not taken as it is; ``faults`` by ``(part, option)``."""

    request: LineRequest
    total: Decimal
    line_id: int
    faults: Mapping[tuple[int | None, str], str]


class ChangeRefusedError(InvalidError):
    """A wish that cannot be fulfilled like this; the form is shown again with it."""

    def __init__(self, detail: str, wish: Wish) -> None:
        super().__init__(detail)
        self.wish = wish


def is_asked(order: Order, line: OrderLine) -> bool:
    """Whether staff wait for its owner to answer the line otherwise."""
    review = getattr(line, "review", None)
    is_open = order.status == OrderStatus.UNDER_REVIEW and line.erased_at is None
    return is_open and review is not None and review.outcome == ReviewOutcome.CHANGE_REQUESTED


def forms(owner: Owner, wish: Wish | None = None) -> dict[int, ChangeForm]:
    """A form for each line that is to be answered anew, by the line."""
    asked = [line for line in owner.lines if is_asked(owner.order, line)]
    if not asked:
        return {}
    wishes = [wish if wish and wish.line_id == line.pk else _as_it_is(owner.order, line) for line in asked]
    evaluated = owner.evaluate([each.request for each in wishes])
    return {
        line.pk: ChangeForm(line.pk, each.total, tuple(_groups(line, each, found)))
        for line, each, found in zip(asked, wishes, evaluated, strict=True)
        if found.things
    }


def change(holder: policies.LinkHolder, request: HttpRequest) -> None:
    """Have a line made otherwise, as the posted form says.

    Raises:
        ReviewClosedError: there is no such form, or not any more.
        ChangeRefusedError: it cannot be made like this, or costs another total than the form said.
        DomainError: as of ``order_edits.edit``.
    """
    order = Order.objects.select_related("user").get(pk=holder.order_id)
    lines = list(order.lines.select_related("review").order_by("position"))
    line = next((each for each in lines if str(each.pk) == request.POST.get("line") and is_asked(order, each)), None)
    if line is None:
        raise ReviewClosedError(_CLOSED)
    owner = Owner(holder, order, lines)
    wish = _read(owner, request, line)
    if wish.faults:
        raise ChangeRefusedError("Something about it is not possible like this. See below.", wish)
    if wish.request == _without_blanks(baskets.request_of(line)):
        raise ChangeRefusedError("That is what we have already. Please change what we ask you to.", wish)
    _edit(owner, wish, site_of(client_address(request)))


def _edit(owner: Owner, wish: Wish, caller_address: str) -> None:
    order, wanted = owner.order, wish.request
    changes = Changes(
        lines=[
            LineChange(line.pk, answers=wanted.answers, parts=wanted.parts)
            if line.pk == wish.line_id
            else LineChange(line.pk)
            for line in owner.lines
        ]
    )
    editor = order_edits.Editor(Role.OWNER, owner.holder.actor, owner.principal, caller_address)
    try:
        drawings = order_edits.draw_proofs(order=order, changes=changes, editor=editor)
        order_edits.edit(
            order_id=order.pk, changes=changes, editor=editor, expected_total=wish.total, drawings=drawings
        )
    except PriceChangedError as refusal:
        total = Decimal(refusal.extra["total"])
        detail = f"Like this the order costs {total} {order.currency}. Do you agree?"
        raise ChangeRefusedError(detail, replace(wish, total=total)) from None
    except DomainError as refusal:
        details = dict.fromkeys(error.detail for error in refusal.errors)
        raise ChangeRefusedError(" ".join(details) or refusal.detail, wish) from None


def _read(owner: Owner, request: HttpRequest, line: OrderLine) -> Wish:
    """What was posted about a line, without what is not asked any more."""
    before = baskets.request_of(line)
    [known] = owner.evaluate([before])
    if not known.things:
        raise ReviewClosedError(_CLOSED)
    posted: dict[int | None, dict[str, str]] = {}
    faults: dict[tuple[int | None, str], str] = {}
    for thing in known.things:
        answers = posted.setdefault(thing.product, {})
        for option in thing.schema.options:
            try:
                answers[option.key] = _posted(owner, request, _name(thing, option), option)
            except DomainError as refusal:
                faults[thing.product, option.key] = refusal.detail
            if card_numbers.has_one(answers.get(option.key, "")):
                faults[thing.product, option.key] = card_numbers.MESSAGE
    wanted = replace(before, answers=posted.pop(None, {}), parts={part: said for part, said in posted.items() if part})
    [found] = owner.evaluate([wanted])
    for thing in found.things:
        for fault in thing.evaluation.errors:
            key = fault.pointer.lstrip("/")
            if key in thing.evaluation.visible:
                faults.setdefault((thing.product, key), _MISSING if fault.code == "required" else fault.detail)
    return Wish(_only_asked(wanted, found), total_in(request), line.pk, faults)


def _posted(owner: Owner, request: HttpRequest, name: str, option: Option) -> str:
    """What an input says; a picture is taken in.

    Raises:
        DomainError: as of ``uploads.store``; or they have sent too many of late.
    """
    file = request.FILES.get(f"new-{name}")
    if isinstance(option, ImageOption) and isinstance(file, UploadedFile):
        if verdict := limits.hit("uploads", f"address:{site_of(client_address(request))}"):
            verdict.require()
        content = file.read(images.MAX_BYTES + 1)
        return str(uploads.store(content=content, owner=owner.principal).pk)
    return request.POST.get(name, "")


def total_in(request: HttpRequest) -> Decimal:
    """What the order costs, as far as the owner was told.

    Raises:
        NotFoundError: they say no amount; no form of ours does so.
    """
    try:
        total = Decimal(request.POST.get("total", ""))
    except InvalidOperation:
        raise NotFoundError from None
    if not total.is_finite():
        raise NotFoundError
    return total


def _as_it_is(order: Order, line: OrderLine) -> Wish:
    return Wish(baskets.request_of(line), order.total, line.pk, {})


def _only_asked(wanted: LineRequest, found: EvaluatedLine) -> LineRequest:
    """Without answers to what is not asked, and without empty ones."""
    asked = {thing.product: thing.evaluation.visible for thing in found.things}

    def keep(part: int | None, answers: Mapping[str, Any]) -> dict[str, Any]:
        return {key: answer for key, answer in answers.items() if answer and key in asked.get(part, ())}

    parts = {part: keep(part, answers) for part, answers in wanted.parts.items()}
    return _without_blanks(replace(wanted, answers=keep(None, wanted.answers), parts=parts))


def _without_blanks(wanted: LineRequest) -> LineRequest:
    return replace(wanted, parts={part: answers for part, answers in wanted.parts.items() if answers})


def _groups(line: OrderLine, wish: Wish, found: EvaluatedLine) -> Iterator[Group]:
    names = {part["product"]: part["name"] for part in line.parts}
    for thing in found.things:
        answers = wish.request.answers if thing.product is None else wish.request.parts.get(thing.product, {})
        fields = tuple(
            Field(
                _name(thing, option),
                option,
                str(answers.get(option.key, "")),
                wish.faults.get((thing.product, option.key), ""),
            )
            for option in thing.schema.options
            if option.key in thing.evaluation.visible
        )
        yield Group(names.get(thing.product, ""), fields)


def _name(thing: EvaluatedThing, option: Option) -> str:
    return f"answer-{thing.product or ''}-{option.key}"
