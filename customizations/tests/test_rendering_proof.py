"""The print file: what lies where, and what is refused."""

from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from io import BytesIO

import pytest
from PIL import Image, ImageChops

from customizations.engine import Canvas, Schema, TextOption
from customizations.rendering import (
    RENDERER_VERSION,
    RenderError,
    pictures,
    preview,
    proof,
    render,
    render_preview,
    typefaces,
)
from customizations.tests.rendering_samples import PHOTO, SMALL, Sample, photo, sample, text

RED, BLUE = (255, 0, 0), (0, 0, 255)


@pytest.fixture(autouse=True)
def _nothing_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proof, "_REMEMBERING", proof._remembering())


def plain(colour: tuple[int, ...], size: tuple[int, int] = (100, 100), form: str = "PNG") -> bytes:
    content = BytesIO()
    Image.new("RGBA" if len(colour) > 3 else "RGB", size, colour).save(content, form)
    return content.getvalue()


def pixels(made: Sample, **assets: bytes) -> Image.Image:
    schema, answers, given = made
    return Image.open(BytesIO(render(schema, answers, {**given, **assets}).png))


def refused(made: Sample, assets: Mapping[str, bytes] | None = None) -> list[tuple[str, str]]:
    schema, answers, given = made
    with pytest.raises(RenderError) as caught:
        render(schema, answers, given if assets is None else assets)
    assert str(caught.value)
    return [(fault.pointer, fault.code) for fault in caught.value.faults]


def test_a_print_file_is_named_by_its_bytes() -> None:
    schema, answers, assets = sample([text("name", 10, 10, 300, 60)], {"name": "Anna"})
    made = render(schema, answers, assets)
    assert (made.width, made.height, made.renderer_version) == (400, 300, RENDERER_VERSION)
    assert made.sha256 == sha256(made.png).hexdigest()


def test_what_is_not_answered_is_not_drawn() -> None:
    image = pixels(sample([text("name", 10, 10, 300, 60), photo("photo", 0, 0, 9, 9)], {}))
    assert image.getcolors() == [(400 * 300, (245, 239, 230))]


def test_a_background_fills_the_canvas_and_keeps_its_middle() -> None:
    halves = Image.new("RGB", (1000, 300), RED)
    halves.paste(BLUE, (500, 0, 1000, 300))
    content = BytesIO()
    halves.save(content, "PNG")
    image = pixels(sample([], {}, background=content.getvalue()))
    assert image.getpixel((10, 150)) == RED
    assert image.getpixel((390, 150)) == BLUE
    assert image.getpixel((190, 5)) == RED


def test_a_transparent_background_lies_on_white() -> None:
    image = pixels(sample([], {}, background=plain((255, 0, 0, 0))))
    assert image.getcolors() == [(400 * 300, (255, 255, 255))]


def test_a_tint_multiplies_its_part_of_the_canvas_only() -> None:
    choices = [{"value": "a", "label": "A", "swatch": "#804000"}, {"value": "b", "label": "B"}]
    box = {"x": 100, "y": 100, "width": 50, "height": 50}
    option = {"key": "metal", "type": "button", "label": "Metal", "choices": choices, "tint": box}
    image = pixels(sample([option], {"metal": "a"}))
    assert image.getpixel((120, 120)) == (123, 60, 0)
    assert image.getpixel((99, 120)) == image.getpixel((150, 120)) == (245, 239, 230)
    assert pixels(sample([option], {"metal": "b"})).getcolors() == [(400 * 300, (245, 239, 230))]
    assert pixels(sample([{**option, "tint": "canvas"}], {"metal": "a"})).getcolors() == [(400 * 300, (123, 60, 0))]


def test_photos_lie_above_tints_and_later_options_above_earlier_ones() -> None:
    choices = [{"value": "a", "label": "A", "swatch": "#000000"}]
    options: list[dict[str, object]] = [
        photo("one", 0, 0, 200, 200),
        photo("two", 100, 100, 200, 200),
        {"key": "metal", "type": "button", "label": "Metal", "choices": choices, "tint": "canvas"},
    ]
    made = sample(options, {"one": PHOTO, "two": SMALL, "metal": "a"})
    image = pixels(made, **{PHOTO: plain(RED), SMALL: plain(BLUE)})
    found = [image.getpixel(place) for place in ((50, 50), (150, 150), (250, 250), (350, 50))]
    assert found == [RED, BLUE, BLUE, (0, 0, 0)]


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_a_photo_covers_its_box_or_is_contained_in_it(form: str) -> None:
    wide = {PHOTO: plain((10, 200, 30), (300, 100), form)}
    for fit, above in (("cover", True), ("contain", False)):
        image = pixels(sample([photo("photo", 100, 100, 90, 90, fit=fit)], {"photo": PHOTO}), **wide)
        assert (image.getpixel((145, 102)) != (245, 239, 230)) is above
        assert image.getpixel((145, 145)) != (245, 239, 230)
        assert image.getpixel((99, 145)) == image.getpixel((190, 145)) == (245, 239, 230)


def test_a_high_photo_is_contained_in_the_middle() -> None:
    high = {PHOTO: plain(RED, (200, 4000))}
    image = pixels(sample([photo("photo", 100, 100, 90, 90, fit="contain")], {"photo": PHOTO}), **high)
    assert image.getpixel((145, 100)) == RED
    assert image.getpixel((142, 145)) == image.getpixel((147, 145)) == (245, 239, 230)


@pytest.mark.parametrize(("mask", "shown"), [("none", 1.0), ("rounded", 0.99), ("circle", 0.785), ("heart", 0.62)])
def test_masks(mask: str, shown: float) -> None:
    image = pixels(sample([photo("p", 100, 50, 200, 200, mask=mask)], {"p": PHOTO}), **{PHOTO: plain(RED)})
    reds = sum(count for count, colour in image.getcolors(100_000) or [] if colour == RED)
    assert reds / 200**2 == pytest.approx(shown, abs=0.03)
    assert image.getpixel((200, 150)) == RED
    assert (image.getpixel((100, 50)) == RED) is (mask == "none")


def test_a_transparent_photo_lets_through_what_is_below() -> None:
    made = sample([photo("photo", 100, 50, 200, 200, mask="circle")], {"photo": PHOTO})
    image = pixels(made, **{PHOTO: plain((255, 0, 0, 128))})
    assert image.getpixel((200, 150)) == (250, 119, 115)
    assert image.getpixel((101, 51)) == (245, 239, 230)


def test_every_fault_is_named_at_once() -> None:
    options = [
        text("name", 10, 10, 60, 20, min_size=16),
        text("word", 10, 40, 300, 60),
        photo("photo", 0, 0, 50, 50),
        text("fine", 10, 100, 300, 60),
    ]
    answers = {"name": "Far too long for this", "word": "漢字 a", "photo": "nobody's", "fine": "Fine"}
    made = sample(options, answers)
    assert refused(made) == [("/name", "text_does_not_fit"), ("/word", "glyph_missing"), ("/photo", "asset_missing")]
    with pytest.raises(RenderError, match=r"漢 \(U\+6F22\), 字 \(U\+5B57\)\."):
        render(*made)


def test_of_many_missing_characters_the_first_are_named() -> None:
    made = sample([text("word", 10, 40, 300, 60)], {"word": "".join(map(chr, range(0x4E00, 0x4E20)))})
    with pytest.raises(RenderError, match=r"U\+4E09\) and more\.$"):
        render(*made)


@pytest.mark.parametrize("content", [b"", b"%PDF-1.4", b"<svg/>", plain(RED)[:60], b"GIF89a" + bytes(40)])
def test_what_is_no_picture_is_as_good_as_missing(content: bytes) -> None:
    schema, answers, assets = sample([photo("photo", 0, 0, 50, 50)], {"photo": PHOTO})
    assert refused((schema, answers, assets), {PHOTO: content}) == [("/photo", "asset_missing")]
    made = sample([], {}, background=content or b"-")
    assert refused(made) == [("", "asset_missing")]


def test_a_missing_background_is_named() -> None:
    schema, answers, _ = sample([], {}, background=plain(RED))
    assert refused((schema, answers, {}), {}) == [("", "asset_missing")]


@pytest.mark.parametrize(("width", "is_read"), [(101, True), (102, False)])
def test_a_picture_of_too_many_pixels_is_not_decoded(
    monkeypatch: pytest.MonkeyPatch, width: int, *, is_read: bool
) -> None:
    monkeypatch.setattr(pictures, "MOST_PIXELS", 101 * 100)
    made = sample([], {}, background=plain(RED, (width, 100)))
    if is_read:
        assert pixels(made).size == (400, 300)
    else:
        assert refused(made) == [("", "asset_missing")]


@pytest.mark.parametrize("canvas", [None, Canvas(6001, 6000, "#ffffff")])
def test_without_a_canvas_of_bounded_size_there_is_nothing_to_render(canvas: Canvas | None) -> None:
    with pytest.raises(ValueError, match="canvas"):
        render(Schema((), canvas), {}, {})


def test_a_preview_is_the_same_with_and_without_the_print_file() -> None:
    schema, answers, assets = sample([text("name", 10, 10, 300, 60)], {"name": "Anna"})
    direct = render_preview(schema, answers, assets, max_side=150, format="png")
    assert direct == preview(render(schema, answers, assets).png, max_side=150, format="png")


def test_text_that_lies_above_a_photo_takes_its_colour() -> None:
    options = [photo("p", 0, 0, 400, 300), text("name", 50, 100, 300, 100, color="#00ff00")]
    image = pixels(sample(options, {"p": PHOTO, "name": "MMM"}), **{PHOTO: plain(BLUE)})
    colours = {colour for _, colour in image.getcolors(100_000) or []}
    assert {(0, 255, 0), BLUE} <= colours
    assert ImageChops.difference(image, Image.new("RGB", image.size, BLUE)).getbbox() is not None


def test_a_retired_font_still_draws_what_was_sold_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    made = sample([text("name", 10, 10, 300, 60, font="hand")], {"name": "Anna"})
    before = render(*made)
    monkeypatch.setattr(typefaces, "RETIRED", {"hand": typefaces.FONTS["hand"]})
    monkeypatch.setattr(typefaces, "FONTS", {"serif": typefaces.FONTS["serif"]})
    assert render(*made) == before


def test_without_fribidi_no_text_is_drawn_wrongly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("PIL.features.check", lambda _: False)
    typefaces.load.cache_clear()
    schema, answers, assets = sample([text("name", 10, 10, 300, 60)], {"name": "Anna without"})
    with pytest.raises(typefaces.UnavailableError, match="libfribidi0"):
        render(schema, answers, assets)
    option = schema.option("name")
    assert isinstance(option, TextOption)
    assert render(Schema((replace(option, placement=None),), schema.canvas), answers, assets).width == 400


def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Notes every picture that is read."""
    read: list[str] = []
    bare = pictures._read

    def noting(content: bytes, *size: int) -> Image.Image:
        read.append(sha256(content).hexdigest())
        return bare(content, *size)

    monkeypatch.setattr(pictures, "_read", noting)
    return read


def test_whoever_changes_a_text_has_no_picture_read_again_and_none_drawn_over(monkeypatch: pytest.MonkeyPatch) -> None:
    read = counted(monkeypatch)
    options = [photo("photo", 0, 0, 200, 200), text("name", 10, 10, 300, 60)]
    background = plain((200, 220, 240))
    made = [
        render(*sample(options, {"photo": PHOTO, "name": name}, background=background)).sha256
        for name in ("Anna", "Bartholomew", "Anna")
    ]
    assert made[0] == made[2] != made[1]
    assert len(read) == 2


def test_a_print_as_large_as_a_poster_is_not_kept_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    read = counted(monkeypatch)
    schema, answers, assets = sample([photo("photo", 0, 0, 200, 200)], {"photo": PHOTO})
    large = replace(schema, canvas=Canvas(2100, 2000, "#ffffff"))
    for _ in range(2):
        render(large, answers, assets)
    assert len(read) == 2
