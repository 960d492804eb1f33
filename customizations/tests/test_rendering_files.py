"""Print files, previews and PDFs."""

import re
import time
import zlib
from io import BytesIO

import pytest
from PIL import Image, ImageChops

from customizations.rendering import pdf, preview, render
from customizations.rendering.files import scaled_size
from customizations.tests.rendering_samples import pictures, texts

PNG = render(*pictures()).png


def chunks(png: bytes) -> list[bytes]:
    names, at = [], 8
    while at < len(png):
        names.append(png[at + 4 : at + 8])
        at += 12 + int.from_bytes(png[at : at + 4], "big")
    return names


def opened(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content))


def unfilter(raw: bytes, width: int, height: int) -> bytes:
    """PNG's filters undone, as a PDF's predictor 15 has it."""
    stride, rows, before = width * 3, [], bytes(width * 3)
    for number in range(height):
        kind, line = raw[number * (stride + 1)], bytearray(raw[number * (stride + 1) + 1 : (number + 1) * (stride + 1)])
        for at in range(stride):
            left, up, corner = line[at - 3] if at > 2 else 0, before[at], before[at - 3] if at > 2 else 0
            near = min((left, up, corner), key=lambda each: abs(left + up - corner - each))
            line[at] = (line[at] + (0, left, up, (left + up) // 2, near)[kind]) & 255
        before = bytes(line)
        rows.append(before)
    return b"".join(rows)


def test_a_print_file_says_its_resolution_and_colours_and_nothing_else() -> None:
    assert set(chunks(PNG)) == {b"IHDR", b"sRGB", b"pHYs", b"IDAT", b"IEND"}
    image = opened(PNG)
    assert image.mode == "RGB"
    assert image.info["dpi"] == pytest.approx((300, 300), abs=0.01)
    at = PNG.index(b"pHYs") + 4
    assert PNG[at : at + 9] == (11811).to_bytes(4, "big") * 2 + b"\x01"


@pytest.mark.parametrize("side", [50, 133, 399, 400, 1000])
def test_a_preview_is_the_print_file_scaled_down(side: int) -> None:
    shown = opened(preview(PNG, max_side=side, format="png"))
    width, height = min(side, 400), min(round(side * 0.75), 300)
    apart = opened(PNG).resize((width, height), Image.Resampling.BICUBIC)
    assert shown.size == (width, height)
    assert ImageChops.difference(shown, apart).getbbox() is None


def test_a_webp_preview_is_nearly_the_same() -> None:
    shown = opened(preview(PNG, max_side=200, format="webp"))
    exact = opened(preview(PNG, max_side=200, format="png"))
    assert shown.format == "WEBP"
    difference = ImageChops.difference(shown.convert("RGB"), exact.convert("RGB")).convert("L").histogram()
    assert sum(shade * count for shade, count in enumerate(difference)) / sum(difference) < 4


def test_previews_say_nothing_but_pixels() -> None:
    assert set(chunks(preview(PNG, max_side=100, format="png"))) == {b"IHDR", b"IDAT", b"IEND"}
    assert not {"exif", "xmp", "icc_profile"} & set(opened(preview(PNG, max_side=100, format="webp")).info)


@pytest.mark.parametrize(
    ("size", "side", "scaled"),
    [((400, 300), 200, (200, 150)), ((300, 400), 201, (151, 201)), ((6000, 16), 100, (100, 1)), ((5, 5), 9, (5, 5))],
)
def test_scaled_size(size: tuple[int, int], side: int, scaled: tuple[int, int]) -> None:
    assert scaled_size(size, side) == scaled


def test_a_pdf_is_one_page_of_the_print_files_size_with_its_pixels() -> None:
    content = pdf(PNG)
    assert content.startswith(b"%PDF-1.4")
    assert b"/MediaBox [0 0 96.00 72.00]" in content
    assert b"/Count 1" in content
    length = re.search(rb"/Columns 400 >> /Length (\d+) >>\nstream\n", content)
    assert length
    raw = zlib.decompress(content[length.end() : length.end() + int(length[1])])
    assert unfilter(raw, 400, 300) == opened(PNG).tobytes()


def test_a_big_print_file_becomes_a_pdf_in_one_go() -> None:
    """It is written in thousands of pieces: to put each behind all before it took minutes, and the web process."""
    piece = bytes(range(100))
    pixels = [piece] * 80_000
    written = b"".join(len(piece).to_bytes(4, "big") + b"IDAT" + piece + bytes(4) for _ in pixels)
    began = time.process_time()
    content = pdf(PNG[:33] + written)
    assert time.process_time() - began < 30
    assert b"".join(pixels) in content


def test_a_pdfs_table_finds_its_objects() -> None:
    content = pdf(PNG)
    start = int(content.rsplit(b"startxref\n", 1)[1].split(b"\n")[0])
    assert content[start:].startswith(b"xref\n0 6\n")
    places = [int(line.split()[0]) for line in content[start:].split(b"\n")[3:8]]
    assert [content[place : place + 7] for place in places] == [f"{number} 0 obj".encode() for number in range(1, 6)]


def test_a_pdf_says_nothing_of_when_and_by_whom() -> None:
    assert pdf(PNG) == pdf(PNG)
    assert not re.search(rb"/(CreationDate|ModDate|Producer|Creator|Author|ID)\b", pdf(PNG))
    assert pdf(PNG) != pdf(render(*texts()).png)
