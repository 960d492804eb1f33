"""What an order keeps of the answers it was placed with, and what can be made of that years later.

A frozen thing is a JSON object of an order line: the line's own thing, or a part of a package (``part``, with its
``pieces`` in one unit). It names the template's version, which is there for ever, and holds the labels and prices as
they were read, so that nothing that staff change later reaches it:

``part, pieces, template, version, schema_sha256, unit_price`` (what percentages are of), ``answers`` (by option),
``shown`` (key, label, type, value and text of each answer), ``surcharges`` (of one piece), ``uploads`` (option, id,
sha256, width, height), ``fonts, proof`` (its SHA-256, or null without a canvas), ``renderer_version``,
``needs_approval`` (the options whose answers staff look at).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import connection
from django.db.models import Q, TextField
from django.db.models.functions import Cast

from customizations import engine
from customizations.engine import (
    ButtonOption,
    Evaluation,
    ImageOption,
    MessageOption,
    Schema,
    Surcharge,
    TextOption,
    UploadFacts,
)
from customizations.models import TemplateVersion, Upload
from customizations.selectors.templates import parse
from customizations.services import proofs, uploads
from customizations.services.evaluation import EvaluatedLine, EvaluatedThing
from fantasize.core.errors import ConflictError, FieldError, InvalidError

if TYPE_CHECKING:
    from customizations.rendering import Rendered

Frozen = Mapping[str, Any]
Drawing = tuple[int, int, tuple[tuple[str, str], ...]]


@dataclass(frozen=True, slots=True)
class Drawings:
    """The print files of some lines, drawn before anything is ordered.

    Attributes:
        files: by what was drawn; None for what has no canvas.
        errors: why some cannot be drawn, by ``/<number of the line>/answers/...`` or ``/<number>/parts/...``.
    """

    files: "Mapping[Drawing, Rendered | None]"
    errors: tuple[FieldError, ...]


def draw(lines: Sequence[EvaluatedLine], *, known: Iterable[Frozen] = ()) -> Drawings:
    """Draw everything that has a canvas in lines whose answers are legal; what is equal, once, and nothing ``known``.

    Takes its time, so that no transaction should be around it. Stores nothing.

    Raises:
        BusyError: too much is being drawn just now.
        UnavailableError: it cannot be drawn here.
    """
    drawn: dict[Drawing, Rendered | None] = {}
    errors: list[FieldError] = []
    sold = {_sold_as(thing) for thing in known}
    for number, line in enumerate(lines):
        for thing in line.things if line.is_valid else ():
            if _drawing_of(thing) in drawn or _drawing_of(thing) in sold:
                continue
            try:
                drawn[_drawing_of(thing)] = proofs.draw(thing)
            except InvalidError as refusal:
                errors += (replace(error, location=f"/{number}{error.location}") for error in refusal.errors)
    return Drawings(drawn, tuple(errors))


def freeze(
    lines: Sequence[EvaluatedLine], drawings: Drawings, *, known: Iterable[Frozen] = (), dry_run: bool = False
) -> list[list[dict[str, Any]]]:
    """What an order keeps of each line, in the caller's transaction; its pictures and proofs are kept from then on.

    What is the same as something ``known`` keeps its proof, to the byte, whatever draws them now. ``dry_run`` is for
    transactions that are undone: no file is written, which nothing would undo.
    Locks the pictures, then the proofs, each by primary key. A fixed number of queries; none if nothing has options.

    Raises:
        ConflictError: ``options_changed``: something is asked otherwise than when it was drawn; ``upload_gone``.
    """
    things = [thing for line in lines for thing in line.things]
    if not things:
        return [[] for _ in lines]
    sold = {_sold_as(thing): (thing["proof"], thing["renderer_version"]) for thing in known}
    new = {_drawing_of(thing) for thing in things} - sold.keys()
    if not new <= drawings.files.keys():
        raise _changed()
    wanted = {each: drawings.files[each] for each in new}
    kept = {proof for proof, _ in sold.values()}
    pictures, versions = _keep_uploads(things), _keep_proofs(wanted.values(), kept, dry_run=dry_run)
    drawn = {each: (file.sha256, versions[file.sha256]) for each, file in wanted.items() if file}
    keeper = _Keeper(pictures, _schema_hashes(things), {**dict.fromkeys(new, (None, None)), **sold, **drawn})
    return [[keeper.freeze(thing) for thing in line.things] for line in lines]


def surcharges_of(things: Iterable[Frozen]) -> Iterator[dict[str, Any]]:
    """What the answers of a line cost: for one unit of it, all pieces counted, or once."""
    for thing in things:
        for each in thing["surcharges"]:
            pieces = 1 if each["is_once"] else thing["pieces"]
            yield {"part": thing["part"], **each, "amount": f"{Decimal(each['amount']) * pieces:f}"}


def schemas_of(things: Iterable[Frozen]) -> dict[tuple[int, int], Schema]:
    """What was asked when things were sold, by template and version. One query."""
    versions = {(thing["template"], thing["version"]) for thing in things}
    rows = _versions(versions).values_list("template_id", "number", Cast("schema", TextField()))
    return {(template, number): parse(text) for template, number, text in rows} if versions else {}


def price_again(thing: Frozen, schema: Schema, *, currency: str) -> Evaluation:
    """What the engine says of the kept answers, by what was asked then: it comes to the same."""
    facts = {upload["id"]: UploadFacts(upload["width"], upload["height"]) for upload in thing["uploads"]}
    price = Decimal(thing["unit_price"])
    return engine.evaluate(schema, thing["answers"], unit_price=price, currency=currency, uploads=facts)


def forget(things: Iterable[Frozen]) -> list[dict[str, Any]]:
    """What is left of things once their answers are forgotten; what they cost stays."""
    nothing: dict[str, Any] = {"answers": {}, "shown": [], "uploads": [], "fonts": [], "proof": None}
    nothing["needs_approval"] = []
    return [{**thing, **nothing} for thing in things]


_KEEP_PROOFS = "SELECT sha256 FROM customizations_proof WHERE sha256 = ANY (%s) ORDER BY sha256 FOR KEY SHARE"


def _keep_proofs(files: "Iterable[Rendered | None]", known: set[str | None], *, dry_run: bool) -> dict[str, str]:
    """Store what is not stored yet, and have none of it go until the commit; others may keep the same ones.

    Returns what drew each of the files, by its hash.
    """
    drawn = [each for each in files if each]
    kept = {sha256 for sha256 in known if sha256}
    if dry_run:
        versions = {each.sha256: each.renderer_version for each in drawn}
    else:
        versions = {sha256: row.renderer_version for sha256, row in proofs.store(drawn).items()}
        kept |= {each.sha256 for each in drawn}
    with connection.cursor() as cursor:
        cursor.execute(_KEEP_PROOFS, [sorted(kept)])
        if len(cursor.fetchall()) < len(kept):
            raise _changed()
    return versions


def _changed() -> ConflictError:
    detail = "What can be chosen has changed in this moment. Look at it again."
    return ConflictError(detail, code="options_changed", title="Options have changed")


def _keep_uploads(things: Sequence[EvaluatedThing]) -> dict[UUID, Upload]:
    """The pictures among the answers, kept for good."""
    ids = {upload for thing in things for upload in thing.uploads}
    if not ids:
        return {}
    uploads.keep(ids)
    return Upload.objects.in_bulk(ids)


def _drawing_of(thing: EvaluatedThing) -> Drawing:
    """What is drawn, as far as it makes a difference."""
    return thing.template, thing.version, tuple(sorted(thing.evaluation.answers.items()))


def _sold_as(thing: Frozen) -> Drawing:
    """What was drawn of a thing when it was sold."""
    return thing["template"], thing["version"], tuple(sorted(thing["answers"].items()))


def _schema_hashes(things: Iterable[EvaluatedThing]) -> dict[tuple[int, int], str]:
    rows = _versions({(thing.template, thing.version) for thing in things})
    return {(row[0], row[1]): row[2] for row in rows.values_list("template_id", "number", "schema_sha256")}


def _versions(versions: set[tuple[int, int]]) -> Any:
    named = [Q(template=template, number=number) for template, number in sorted(versions)]
    return TemplateVersion.objects.filter(reduce(or_, named, Q(pk=None)))


@dataclass(frozen=True, slots=True)
class _Keeper:
    """Everything that is kept of the things of an order, read at once."""

    pictures: Mapping[UUID, Upload]
    hashes: Mapping[tuple[int, int], str]
    proofs: Mapping[Drawing, tuple[str | None, str | None]]

    def freeze(self, thing: EvaluatedThing) -> dict[str, Any]:
        """What an order keeps of one thing."""
        evaluation = thing.evaluation
        proof, renderer_version = self.proofs[_drawing_of(thing)]
        return {
            "part": thing.product,
            "pieces": thing.pieces,
            "template": thing.template,
            "version": thing.version,
            "schema_sha256": self.hashes[thing.template, thing.version],
            "unit_price": f"{thing.unit_price:f}",
            "answers": evaluation.answers,
            "shown": answered(thing),
            "surcharges": [_cost(each) for each in evaluation.surcharges],
            "uploads": [_picture(key, self.pictures[UUID(answer)]) for key, answer in _images(thing)],
            "fonts": sorted(_fonts(thing)),
            "proof": proof,
            "renderer_version": renderer_version,
            "needs_approval": list(evaluation.needs_approval),
        }


def _cost(surcharge: Surcharge) -> dict[str, Any]:
    facts = {"key": surcharge.key, "label": surcharge.label, "mode": surcharge.mode.value}
    return {**facts, "amount": f"{surcharge.amount:f}", "is_once": surcharge.is_once}


def answered(thing: EvaluatedThing) -> list[dict[str, str]]:
    """The legal answers about a thing as people read them: key, label, type, value and text of each."""
    return [_shown(thing.schema, *answer) for answer in thing.evaluation.answers.items()]


def _shown(schema: Schema, key: str, answer: str) -> dict[str, str]:
    """An answer as people read it."""
    option = schema.option(key)
    assert option is not None  # noqa: S101 - the engine names no other
    choice = option.choice(answer) if isinstance(option, ButtonOption) else None
    text = choice.label if choice else "" if isinstance(option, ImageOption) else answer
    return {"key": key, "label": option.label, "type": option.type, "value": answer, "text": text}


def _images(thing: EvaluatedThing) -> Iterator[tuple[str, str]]:
    for key, answer in thing.evaluation.answers.items():
        if isinstance(thing.schema.option(key), ImageOption):
            yield key, answer


def _picture(key: str, upload: Upload) -> dict[str, Any]:
    facts = {"sha256": upload.sha256, "width": upload.width, "height": upload.height}
    return {"option": key, "id": str(upload.pk), **facts}


def _fonts(thing: EvaluatedThing) -> set[str]:
    """The fonts that the answers are written in."""
    options = (thing.schema.option(key) for key in thing.evaluation.answers)
    return {
        option.placement.font
        for option in options
        if isinstance(option, TextOption | MessageOption) and option.placement
    }
