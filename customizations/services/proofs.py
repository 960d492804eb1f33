"""Print files of what is sold: drawn before an order's transaction, written within it, never changed afterwards."""

import hashlib
from collections.abc import Iterable
from contextlib import ExitStack
from typing import TYPE_CHECKING

from django.db import transaction

from customizations.models import Proof, Upload
from customizations.services import assets, drawing, files
from customizations.services.evaluation import EvaluatedThing
from fantasize.core import invariants
from fantasize.core.errors import FieldError, InvalidError

if TYPE_CHECKING:
    from customizations.rendering import Rendered

FOLDER = "proofs"


def register() -> None:
    """Have ``verify_invariants`` look at what was sold."""
    invariants.register("proofs.files_are_as_sold", count_changed)


def draw(thing: EvaluatedThing) -> "Rendered | None":
    """The print file of legal answers about one thing; None if it has no canvas.

    Takes a moment, up to seconds: not for a transaction that holds locks.

    Raises:
        InvalidError: naming every answer that cannot be printed, by pointers as ``EvaluatedLine`` has them.
        BusyError: too much is being drawn just now.
        UnavailableError: it cannot be drawn here.
    """
    if thing.schema.canvas is None:
        return None
    photos = Upload.objects.in_bulk(thing.uploads).values() if thing.uploads else ()
    rendered, faults = drawing.print_file(
        thing.schema, thing.evaluation.answers, assets.files_for(thing.schema, photos)
    )
    if faults:
        placed = drawing.placed(thing.product, faults)
        errors = [FieldError(fault.pointer, fault.code, fault.detail) for fault in placed]
        raise InvalidError("This cannot be printed as it is.", errors=errors)
    return rendered


@transaction.atomic
def store(drawn: "Iterable[Rendered]") -> dict[str, Proof]:
    """Keep print files, in the caller's transaction; by their hashes, of which there are as many as there are files.

    The files are written before that commits: no order names one that is not there. If it does not, they are nobody's,
    and are collected. Rows are made in the order of their hashes, so that orders do not wait for each other in a ring.
    Three queries at most, however many there are.
    """
    by_hash = {each.sha256: each for each in drawn}
    known = Proof.objects.in_bulk(list(by_hash))
    new = [by_hash[sha256] for sha256 in sorted(by_hash.keys() - known.keys())]
    if new:
        with ExitStack() as stack:
            names = [stack.enter_context(files.written(FOLDER, each.png, "png")) for each in new]
            # What somebody else orders in this moment is there already; our file of it is nobody's.
            rows = (_row(*each) for each in zip(new, names, strict=True))
            Proof.objects.bulk_create(rows, ignore_conflicts=True)
        known = Proof.objects.in_bulk(list(by_hash))
    return known


def store_proof(thing: EvaluatedThing) -> Proof | None:
    """Draw a thing and keep its print file; None if it has no canvas. Raises as ``draw``."""
    rendered = draw(thing)
    return store([rendered])[rendered.sha256] if rendered else None


def content_of(proof: Proof) -> bytes:
    """The print file, a PNG for 300 dots per inch.

    Raises:
        FileNotFoundError: somebody has taken it away.
    """
    with proof.file.open() as file:
        content: bytes = file.read()
    return content


def pdf(proof: Proof) -> bytes:
    """The same pixels as a page of the same size. Raises as ``content_of``."""
    from customizations import rendering  # noqa: PLC0415 - a big library, which few calls need

    return rendering.pdf(content_of(proof))


def count_changed() -> int:
    """How many print files are not what they were sold as, or are not there: every one is read."""
    wrong = [proof.pk for proof in Proof.objects.order_by("pk").iterator(chunk_size=100) if not _is_true(proof)]
    # Asked again: an order may have been forgotten meanwhile, files and all.
    return Proof.objects.filter(pk__in=wrong).count() if wrong else 0


def _row(drawn: "Rendered", name: str) -> Proof:
    facts = {"renderer_version": drawn.renderer_version, "width": drawn.width, "height": drawn.height}
    return Proof(sha256=drawn.sha256, file=name, **facts)


def _is_true(proof: Proof) -> bool:
    try:
        return hashlib.sha256(content_of(proof)).hexdigest() == proof.pk
    except OSError:
        return False
