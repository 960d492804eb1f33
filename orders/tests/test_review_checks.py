"""What the automatic checks say of photos, texts and words."""

from types import SimpleNamespace
from typing import Any

import pytest

from customizations import rendering
from customizations.engine import Fit, ImagePlacement, parse
from customizations.models import BlockedWord
from customizations.services import snapshots
from customizations.tests.documents import button, document, image, message, text
from fantasize.core.errors import UnavailableError
from orders.enums import CheckOutcome
from orders.services import review_checks
from orders.services.review_checks import VERSION, Check, checks_of, dpi_of, judge_dpi

BOX = {"x": 0, "y": 0, "width": 400, "height": 60}
PLACED = {**BOX, "font": "serif", "color": "#222222"}
OK, WARN, FAIL = CheckOutcome


@pytest.mark.parametrize(
    ("fit", "size", "dpi"),
    [
        (Fit.COVER, (600, 300), 300),
        (Fit.COVER, (1200, 300), 300),
        (Fit.COVER, (300, 600), 150),
        (Fit.CONTAIN, (1200, 300), 600),
        (Fit.CONTAIN, (200, 100), 100),
    ],
)
def test_dots_are_counted_where_they_are_printed(fit: Fit, size: tuple[int, int], dpi: int) -> None:
    width, height = size
    assert dpi_of(ImagePlacement(0, 0, 600, 300, fit=fit), width=width, height=height) == dpi
    assert review_checks.PRINT_DPI == rendering.DPI


@pytest.mark.parametrize(("dots", "outcome"), [(300, OK), (299, WARN), (150, WARN), (149, FAIL)])
def test_sharp_enough_is_good(dots: int, outcome: CheckOutcome) -> None:
    assert judge_dpi(dots) == outcome


def found(monkeypatch: pytest.MonkeyPatch, answers: dict[str, str], *options: Any, **photo: int) -> list[Check]:
    """What is said of a line with these answers; blocked is "mist"."""
    schema = parse(document(*options))
    shown = [
        {"key": key, "label": key.title(), "type": option.type, "value": value, "text": value}
        for key, value in answers.items()
        if (option := schema.option(key))
    ]
    thing = {"template": 1, "version": 1, "answers": answers, "shown": shown, "uploads": []}
    thing["uploads"] = [{"option": "photo", **photo}] if photo else []
    monkeypatch.setattr(snapshots, "schemas_of", lambda _things: {(1, 1): schema})
    monkeypatch.setattr(BlockedWord.objects, "values_list", lambda *_names, **_more: ["mist"])
    line: Any = SimpleNamespace(pk=7, customizations=[thing])
    return checks_of([line])[7]


def test_a_photo_is_judged_by_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    placed = image("photo", placement={"x": 0, "y": 0, "width": 600, "height": 280})
    (check,) = found(monkeypatch, {}, placed, width=300, height=200)
    assert (check.name, check.outcome, check.label, check.version) == ("resolution", WARN, "Photo", VERSION)
    assert check.detail == "150 dpi where it is printed, of 300 by 200 pixels"
    assert found(monkeypatch, {}, image("photo"), width=300, height=200) == []


@pytest.mark.parametrize(
    ("written", "name", "outcome"),
    [
        ("Ada", "fit", OK),
        ("Ada Lovelace " * 15, "fit", WARN),
        ("Ada Lovelace " * 90, "fit", FAIL),
        ("\U00013000", "glyphs", FAIL),
    ],
)
def test_a_text_is_judged_by_its_place(
    monkeypatch: pytest.MonkeyPatch, written: str, name: str, outcome: CheckOutcome
) -> None:
    option = message("name", max_length=2000, placement={**PLACED, "size": 30, "min_size": 14})
    (check,) = found(monkeypatch, {"name": written.strip()}, option)
    assert (check.name, check.outcome) == (name, outcome), check.detail


def test_a_font_that_is_gone_and_one_that_is_retired(monkeypatch: pytest.MonkeyPatch) -> None:
    option = text("name", placement=PLACED)
    retired = {"serif": rendering.FONTS["serif"]}
    monkeypatch.setattr(rendering, "RETIRED", retired)
    assert [(each.name, each.outcome) for each in found(monkeypatch, {"name": "Ada"}, option)] == [("font", WARN)]
    gone = text("name", placement={**PLACED, "font": "nobodys"})
    assert [(each.name, each.outcome) for each in found(monkeypatch, {"name": "Ada"}, gone)] == [("font", FAIL)]


def test_what_cannot_be_laid_out_here_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object) -> None:
        raise rendering.UnavailableError

    monkeypatch.setattr(rendering, "check_text", refuse)
    (check,) = found(monkeypatch, {"name": "Ada"}, text("name", placement=PLACED))
    assert (check.outcome, check.detail) == (WARN, "This cannot be looked at here just now.")
    assert not issubclass(rendering.UnavailableError, UnavailableError)


def test_blocked_words_are_found_wherever_somebody_wrote_and_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = {"name": "Ada", "wish": "So ein MÏST", "colour": "red"}
    checks = found(monkeypatch, answers, text("name", placement=PLACED), text("wish"), button("colour"))
    assert [(each.name, each.outcome, each.label) for each in checks] == [("words", FAIL, "Wish"), ("fit", OK, "Name")]
    assert checks[0].detail == "Blocked: mist"


def test_what_was_forgotten_is_not_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "schemas_of", lambda _things: {})
    monkeypatch.setattr(BlockedWord.objects, "values_list", lambda *_names, **_more: [])
    gone: Any = SimpleNamespace(pk=1, customizations=[{"template": 1, "version": 1, "shown": []}])
    assert checks_of([gone]) == {1: []}
