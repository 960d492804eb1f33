"""What answers look like, what is wrong with them and what they cost, while a shopper gives them."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from itertools import chain
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.crypto import salted_hmac

from catalog.models import Package, Product
from catalog.selectors import prices
from customizations.caching import PREVIEW_SECONDS
from customizations.caching import previews as kept_previews
from customizations.engine import Fault, Schema, Surcharge
from customizations.models import Upload
from customizations.policies import uploads_of
from customizations.services import assets, drawing
from customizations.services.drawing import Format
from customizations.services.evaluation import Answers, EvaluatedLine, EvaluatedThing, evaluate_line
from fantasize.core import clock, money
from fantasize.core.errors import FieldError, InvalidError, NotFoundError

MAX_SIDE = 1000
_HOME = "/api/v2/customizations/previews"
_NAME = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Picture:
    """A preview of one thing's answers.

    Attributes:
        content: the file; None if there was nothing left to draw on.
        faults: what cannot be printed of the answers; the picture is without them.
        photos: the uploads that it shows; whose they are may see it. Without any: whoever knows its name.
        form: ``png`` or ``webp``.
    """

    content: bytes | None
    faults: tuple[Fault, ...]
    photos: tuple[UUID, ...]
    form: Format


@dataclass(frozen=True, slots=True)
class Preview:
    """What a line's answers come to.

    Attributes:
        line: as it was evaluated.
        errors: every fault of the line's answers, those too that drawing found.
        unit_price: what one costs with its answers, in whole minor units.
        pictures: of the things that have a canvas, in the line's order: by the part's product, None for its own.
        names: under which pictures are kept for a while; without those that are not.
        is_hit: every picture was there already.
    """

    line: EvaluatedLine
    errors: tuple[Fault, ...]
    unit_price: Decimal
    pictures: Mapping[int | None, Picture]
    names: Mapping[int | None, str]
    is_hit: bool

    @property
    def is_valid(self) -> bool:
        """Whether it can be ordered like this."""
        return not self.errors

    @property
    def picture(self) -> Picture | None:
        """The first one: of the line's own thing, or of the first part that has one."""
        return next(iter(self.pictures.values()), None)


def render_preview(
    *,
    product: int | None = None,
    package: int | None = None,
    answers: Answers,
    parts: Mapping[int, Answers],
    principal: str | None,
    form: Format = "webp",
) -> Preview:
    """Judge, price and draw the answers about one product or one package, by id.

    Legal answers are drawn, whatever is wrong with others. A fixed number of queries, and none of them while something
    is drawn; writes nothing.

    Raises:
        InvalidError: there is no such thing on sale.
        BusyError: too much is being drawn just now.
        UnavailableError: it cannot be drawn here.
    """
    drawing.require_room()
    exact = _price_of(product, package)
    wish: dict[str, Any] = {"product": product, "package": package, "answers": answers, "parts": parts}
    line = evaluate_line(**wish, principal=principal, unit_price=exact)
    desk = _Desk(_photos_of(line, principal), form)
    pictures = {thing.product: desk.picture_of(thing) for thing in line.things if thing.schema.canvas}
    errors = line.errors + tuple(chain(*(drawing.placed(part, each.faults) for part, each in pictures.items())))
    unit_price = money.quantize(exact + line.per_unit, settings.SHOP_CURRENCY)
    return Preview(line, errors, unit_price, pictures, desk.names, desk.drawn == 0)


def describe(preview: Preview) -> dict[str, Any]:
    """The preview as it is told over HTTP and over the sockets: what JSON knows, amounts as text."""
    own, parts = _by_part(preview)
    first = next((part for part in preview.pictures), None)
    return {
        "valid": preview.is_valid,
        "errors": [asdict(fault) for fault in preview.errors],
        "visible": list(own.evaluation.visible) if own else [],
        "surcharges": [
            _surcharge(thing, each) for thing in preview.line.things for each in thing.evaluation.surcharges
        ],
        "unit_price": _amount(preview.unit_price),
        "once": _amount(preview.line.once),
        "currency": settings.SHOP_CURRENCY,
        "needs_approval": preview.line.needs_approval,
        "preview_url": _address_in(preview.names, first),
        "parts": [
            {
                "product": thing.product,
                "visible": list(thing.evaluation.visible),
                "preview_url": _address_in(preview.names, thing.product),
            }
            for thing in parts
        ],
    }


def find_picture(name: str, principal: str | None) -> bytes:
    """A WebP preview that is kept, by its name. One query, if it shows photos.

    Raises:
        NotFoundError: it is not there any more, or it shows photos that are gone or somebody else's.
    """
    known = _NAME.fullmatch(name) and kept_previews.get_or_compute(name, names=(), ttl=0, compute=lambda: None)
    picture: Picture | None = known or None
    if picture is None or picture.content is None or not _may_see(picture, principal):
        raise NotFoundError
    return picture.content


def find_addresses(lines: Sequence[EvaluatedLine], principal: str | None) -> list[dict[int | None, str]]:
    """Where pictures of the lines' things are, by part, as far as they were drawn a moment ago. Draws nothing.

    One query, if there are photos among the answers.
    """
    ids = {upload for line in lines for upload in line.uploads}
    desk = _Desk(uploads_of(principal).in_bulk(ids) if ids else {}, "webp")
    names = [{thing.product: desk.name_of(thing) for thing in line.things if thing.schema.canvas} for line in lines]
    kept = kept_previews.find_many({name for each in names for name in each.values()})
    drawn = {name for name, picture in kept.items() if picture.content is not None}
    return [{part: _address(name) for part, name in each.items() if name in drawn} for each in names]


def draw_what_can(
    schema: Schema, answers: Mapping[str, str], files: Mapping[str, bytes], *, form: Format = "webp"
) -> tuple[bytes | None, tuple[Fault, ...]]:
    """The picture of legal answers; once more without those that cannot be printed, and what is wrong with them.

    None if nothing can be drawn at all. Raises as ``drawing.preview``.
    """
    content, faults = drawing.preview(schema, answers, files, max_side=MAX_SIDE, form=form)
    bad = {fault.pointer.removeprefix("/") for fault in faults}
    legal = {key: answer for key, answer in answers.items() if key not in bad}
    if len(legal) < len(answers):
        content, _ = drawing.preview(schema, legal, files, max_side=MAX_SIDE, form=form)
    return content, faults


def _may_see(picture: Picture, principal: str | None) -> bool:
    theirs = uploads_of(principal).filter(pk__in=picture.photos)
    return not picture.photos or theirs.count() == len(set(picture.photos))


def _price_of(product: int | None, package: int | None) -> Decimal:
    """What one costs now, not rounded yet."""
    rows: Any = Package.objects.active() if product is None else Product.objects.active()
    kind, row = ("package", package) if product is None else ("product", product)
    found = rows.filter(pk=row).first()
    if found is None:
        fault = FieldError(f"/{kind}", "does_not_exist", f"There is no such {kind} on sale.")
        raise InvalidError(fault.detail, errors=[fault])
    prices.attach([found], at=clock.now())
    exact: Decimal = found.current_price.exact_price
    return exact


def _photos_of(line: EvaluatedLine, principal: str | None) -> dict[UUID, Upload]:
    """The uploads among the answers. One query, if there are any."""
    return uploads_of(principal).in_bulk(line.uploads) if line.uploads else {}


def _by_part(preview: Preview) -> tuple[EvaluatedThing | None, list[EvaluatedThing]]:
    """The line's own thing, if it asks something, and its parts that do."""
    things = preview.line.things
    own = next((thing for thing in things if thing.product is None), None)
    return own, [thing for thing in things if thing.product is not None]


def _surcharge(thing: EvaluatedThing, surcharge: Surcharge) -> dict[str, Any]:
    amount = surcharge.amount if surcharge.is_once else surcharge.amount * thing.pieces
    return {
        "part": thing.product,
        "key": surcharge.key,
        "label": surcharge.label,
        "mode": surcharge.mode,
        "amount": _exact(amount),
        "is_once": surcharge.is_once,
    }


def _amount(amount: Decimal) -> str:
    return format(money.quantize(amount, settings.SHOP_CURRENCY), "f")


def _exact(amount: Decimal) -> str:
    """As many decimals as a price has, or more where it takes them."""
    rounded = money.quantize(amount, settings.SHOP_CURRENCY)
    return format(rounded if rounded == amount else amount.normalize(), "f")


def _address(name: str) -> str:
    return f"{settings.PUBLIC_BASE_URL}{_HOME}/{name}"


def _address_in(names: Mapping[int | None, str], part: int | None) -> str | None:
    return _address(names[part]) if part in names else None


class _Desk:
    """Finds or draws the pictures of one line.

    Attributes:
        names: of the pictures that are kept, by part.
        drawn: how many had to be drawn.
    """

    def __init__(self, photos: Mapping[UUID, Upload], form: Format) -> None:
        self._photos, self._form = photos, form
        self.names: dict[int | None, str] = {}
        self.drawn = 0

    def picture_of(self, thing: EvaluatedThing) -> Picture:
        """Of one thing with a canvas."""
        name = self.name_of(thing)
        picture: Picture = kept_previews.get_or_compute(
            name, names=(), ttl=PREVIEW_SECONDS, compute=lambda: self._draw(thing)
        )
        if picture.content is not None and kept_previews.find_near(name) is not None:
            self.names[thing.product] = name
        return picture

    def name_of(self, thing: EvaluatedThing) -> str:
        """Names everything that the picture shows; nobody can make one up who does not know our key."""
        facts = [
            drawing.renderer_version(),
            [thing.template, thing.version, MAX_SIDE, self._form],
            thing.evaluation.answers,
            [[str(pk), self._photos[pk].sha256] for pk in thing.uploads if pk in self._photos],
        ]
        return salted_hmac(__name__, json.dumps(facts, sort_keys=True), algorithm="sha256").hexdigest()

    def _draw(self, thing: EvaluatedThing) -> Picture:
        """Draw what can be drawn."""
        self.drawn += 1
        files = assets.files_for(thing.schema, [self._photos[pk] for pk in thing.uploads if pk in self._photos])
        content, faults = draw_what_can(thing.schema, thing.evaluation.answers, files, form=self._form)
        return Picture(content, faults, thing.uploads, self._form)
