"""What a machine can say of a special request: will the photo be sharp, does the text fit, can it be printed, may it.

It decides nothing: it stands beside the proof for whoever does.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from customizations.engine import Fit, ImageOption, ImagePlacement, MessageOption, Schema, TextOption
from customizations.engine.words import blocked_in
from customizations.models import BlockedWord
from customizations.services import snapshots
from orders.enums import CheckOutcome
from orders.models import OrderLine

# Of the rules below: another one tells that a check says something else of the same thing.
VERSION = "1"
GOOD_DPI, LEAST_DPI = 300, 150
# What a canvas is printed with: one of its pixels is one dot.
PRINT_DPI = 300

_CANNOT_SAY = "This cannot be looked at here just now."


@dataclass(frozen=True, slots=True)
class Check:
    """One finding.

    Attributes:
        name: what was looked at: resolution, fit, font, glyphs or words.
        outcome: whether it is good.
        label: of the answer that it is about.
        detail: what was found, for staff.
        version: of the rules.
    """

    name: str
    outcome: CheckOutcome
    label: str
    detail: str
    version: str = VERSION


def checks_of(lines: Sequence[OrderLine]) -> dict[int, list[Check]]:
    """What there is to say of each line, by id, the worst first. Two queries, however many lines."""
    schemas = snapshots.schemas_of(thing for line in lines for thing in line.customizations)
    blocked = frozenset(BlockedWord.objects.values_list("word", flat=True))
    return {line.pk: sorted(_of_line(line, schemas, blocked), key=_badness) for line in lines}


def dpi_of(placement: ImagePlacement, *, width: int, height: int) -> int:
    """How many dots of a photo of these pixels come to an inch where it is printed."""
    across, down = width / placement.width, height / placement.height
    scale = min(across, down) if placement.fit is Fit.COVER else max(across, down)
    return int(PRINT_DPI * scale)


def judge_dpi(dots: int) -> CheckOutcome:
    """Whether a photo with so many dots to an inch is sharp in print."""
    if dots >= GOOD_DPI:
        return CheckOutcome.OK
    return CheckOutcome.WARN if dots >= LEAST_DPI else CheckOutcome.FAIL


def _badness(check: Check) -> int:
    return [CheckOutcome.FAIL, CheckOutcome.WARN, CheckOutcome.OK].index(check.outcome)


def _of_line(line: OrderLine, schemas: Mapping[tuple[int, int], Schema], blocked: Collection[str]) -> Iterator[Check]:
    for thing in line.customizations:
        schema = schemas.get((thing["template"], thing["version"]))
        if schema is not None:
            yield from _photos(thing, schema)
            yield from _texts(thing, schema)
        yield from _words(thing, blocked)


def _photos(thing: Mapping[str, Any], schema: Schema) -> Iterator[Check]:
    for photo in thing["uploads"]:
        option = schema.option(photo["option"])
        if isinstance(option, ImageOption) and option.placement:
            width, height = photo["width"], photo["height"]
            dots = dpi_of(option.placement, width=width, height=height)
            detail = f"{dots} dpi where it is printed, of {width} by {height} pixels"
            yield Check("resolution", judge_dpi(dots), option.label, detail)


def _texts(thing: Mapping[str, Any], schema: Schema) -> Iterator[Check]:
    for key, text in thing["answers"].items():
        option = schema.option(key)
        if isinstance(option, TextOption | MessageOption) and option.placement:
            yield _text(option, text)


def _text(option: TextOption | MessageOption, text: str) -> Check:
    """The worst that there is to say of a text in its place."""
    from customizations import rendering  # noqa: PLC0415 - a big library, which few calls need

    try:
        for fault in rendering.check_text(option, text):
            return Check(_NAMES.get(fault.code, "fit"), CheckOutcome.FAIL, option.label, fault.detail)
        if rendering.is_smallest(option, text):
            return Check("fit", CheckOutcome.WARN, option.label, "It fits only in the smallest letters")
    except rendering.UnavailableError:
        return Check("fit", CheckOutcome.WARN, option.label, _CANNOT_SAY)
    if option.placement and option.placement.font in rendering.RETIRED:
        return Check("font", CheckOutcome.WARN, option.label, "Its font is not offered any more")
    return Check("fit", CheckOutcome.OK, option.label, "It fits, and every letter can be printed")


_NAMES = {"unknown_font": "font", "glyph_missing": "glyphs"}


def _words(thing: Mapping[str, Any], blocked: Collection[str]) -> Iterator[Check]:
    """Of everything that somebody wrote, printed or not."""
    for shown in thing["shown"]:
        if shown["type"] in {TextOption.type, MessageOption.type} and (found := blocked_in(shown["value"], blocked)):
            detail = f"Blocked: {', '.join(found)}"
            yield Check("words", CheckOutcome.FAIL, shown["label"], detail)
