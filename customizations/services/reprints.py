"""What was sold, printed again: whether it still can be, and whether it comes out the same."""

from collections.abc import Iterable, Iterator
from itertools import chain

from customizations.engine import Fault, MessageOption, Schema, TextOption
from customizations.models import Upload
from customizations.services import assets, drawing
from customizations.services.evaluation import EvaluatedLine, EvaluatedThing
from customizations.services.snapshots import Frozen
from fantasize.core.errors import UnavailableError


def unprintable(line: EvaluatedLine, before: Iterable[Frozen]) -> tuple[Fault, ...]:
    """Why texts of a line with legal answers cannot be printed now; what it was sold with before is known to be.

    Raises:
        UnavailableError: text cannot be laid out here.
    """
    known = {(thing["part"], thing["template"], thing["version"]) for thing in before}
    new = (thing for thing in line.things if (thing.product, thing.template, thing.version) not in known)
    return tuple(chain(*(drawing.placed(thing.product, _unprintable(thing)) for thing in new)))


def _unprintable(thing: EvaluatedThing) -> Iterator[Fault]:
    from customizations import rendering  # noqa: PLC0415 - a big library, which few calls need

    try:
        for key, answer in thing.evaluation.answers.items():
            option = thing.schema.option(key)
            if isinstance(option, TextOption | MessageOption) and thing.schema.canvas:
                yield from rendering.check_text(option, answer)
    except rendering.UnavailableError:
        raise UnavailableError("Text cannot be laid out here.", extra={"retry_after": 30}) from None


def draw_again(thing: Frozen, schema: Schema) -> str | None:
    """The hash of the print file that the kept answers and pictures make now; None if they make none.

    Raises:
        BusyError: too much is being drawn just now.
        UnavailableError: it cannot be drawn here.
    """
    photos = Upload.objects.in_bulk([upload["id"] for upload in thing["uploads"]]).values()
    rendered, _ = drawing.print_file(schema, thing["answers"], assets.files_for(schema, photos))
    return rendered.sha256 if rendered else None


def is_drawn_here(thing: Frozen) -> bool:
    """Whether the thing has a proof of the renderer that there is now: others are what they were, and not made anew."""
    return thing["proof"] is not None and thing["renderer_version"] == drawing.renderer_version()
