"""What leaves the renderer: the print file, its preview and its PDF. No file says when or by whom it was made."""

import zlib
from collections import defaultdict
from io import BytesIO
from typing import Literal

from PIL import Image, PngImagePlugin

from customizations.rendering.pictures import SCALING

PreviewFormat = Literal["png", "webp"]

DPI = 300
_POINTS_PER_INCH = 72
_PERCEPTUAL = b"\x00"
# Runs of equal bytes and Huffman codes only: what a search for matches finds depends on the processor.
_COMPRESSION = zlib.Z_RLE
_LEVEL = 6
_QUALITY, _EFFORT = 90, 2
_SIGNATURE_BYTES = 8


def print_file(image: Image.Image) -> bytes:
    """``image`` as a PNG for 300 dots per inch, in sRGB."""
    information = PngImagePlugin.PngInfo()
    information.add(b"sRGB", _PERCEPTUAL)
    content = BytesIO()
    image.save(content, "PNG", dpi=(DPI, DPI), pnginfo=information, compress_type=_COMPRESSION, compress_level=_LEVEL)
    return content.getvalue()


def preview(rendered_png: bytes, *, max_side: int, format: PreviewFormat) -> bytes:  # noqa: A002 - the field's name
    """The print file, at most ``max_side`` pixels wide and high: bicubic; exact as PNG, nearly so as WebP."""
    with Image.open(BytesIO(rendered_png), formats=("PNG",)) as image:
        return scaled(image, max_side, format)


def scaled(image: Image.Image, max_side: int, form: PreviewFormat) -> bytes:
    """What ``preview`` makes of the print file of ``image``."""
    small = image.resize(scaled_size(image.size, max_side), SCALING)
    content = BytesIO()
    if form == "webp":
        small.save(content, "WEBP", quality=_QUALITY, method=_EFFORT)
    else:
        small.save(content, "PNG", compress_type=_COMPRESSION, compress_level=_LEVEL)
    return content.getvalue()


def scaled_size(size: tuple[int, int], max_side: int) -> tuple[int, int]:
    """``size`` with its proportions, rounded half up, so that no side is longer than ``max_side``."""
    longest = max(*size, 1)
    if longest <= max_side:
        return size
    width, height = (max(1, (2 * side * max_side + longest) // (2 * longest)) for side in size)
    return width, height


def pdf(rendered_png: bytes) -> bytes:
    """One page, as large as the print file at 300 dots per inch, that shows its pixels.

    The compressed pixels are those of the PNG, byte by byte: PDF knows its filters.
    """
    chunks = _chunks(rendered_png)
    width, height = (int.from_bytes(chunks[b"IHDR"][at : at + 4], "big") for at in (0, 4))
    wide, high = (f"{side * _POINTS_PER_INCH / DPI:.2f}" for side in (width, height))
    parameters = f"/Predictor 15 /Colors 3 /BitsPerComponent 8 /Columns {width}"
    picture = (
        f"/Type /XObject /Subtype /Image /Width {width} /Height {height} /ColorSpace /DeviceRGB /BitsPerComponent 8"
        f" /Filter /FlateDecode /DecodeParms << {parameters} >>"
    )
    return _document(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {wide} {high}] /Contents 4 0 R"
            " /Resources << /XObject << /Proof 5 0 R >> >> >>".encode(),
            _stream("", f"{wide} 0 0 {high} 0 0 cm /Proof Do".encode()),
            _stream(picture, chunks[b"IDAT"]),
        ]
    )


def _chunks(png: bytes) -> dict[bytes, bytes]:
    """The parts of a PNG by their names; its pixels in one piece, of the thousands that a big one is written in."""
    found = defaultdict[bytes, list[bytes]](list)
    at = _SIGNATURE_BYTES
    while at < len(png):
        size, name = int.from_bytes(png[at : at + 4], "big"), png[at + 4 : at + 8]
        found[name].append(png[at + 8 : at + 8 + size])
        at += size + 12
    return {name: b"".join(pieces) for name, pieces in found.items()}


def _stream(entries: str, content: bytes) -> bytes:
    return f"<< {entries} /Length {len(content)} >>\nstream\n".encode() + content + b"\nendstream"


def _document(objects: list[bytes]) -> bytes:
    """A PDF of these objects, numbered from 1; the first is its catalogue."""
    content = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(content))
        content += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(objects) + 1
    end = (
        f"xref\n0 {size}\n0000000000 65535 f \n{table}"
        f"trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{len(content)}\n%%EOF\n"
    )
    return content + end.encode()
