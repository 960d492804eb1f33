"""Videos from staff: known by their own bytes, and whole from the first to the last of them.

They are stored as they came: nothing is decoded here, only the containers' outlines are read, piece by piece.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import IO

from fantasize.core.errors import FieldError, InvalidError, TooLargeError

_MIB = 1024 * 1024
MAX_BYTES = 100 * _MIB
MAX_SIDE = 16_384
HEAD_BYTES = 12

_EBML = b"\x1a\x45\xdf\xa3"
_MP4_BRANDS = frozenset(
    {*(b"iso%d" % number for number in range(2, 10)), b"isom", b"mp41", b"mp42", b"avc1", b"M4V ", b"dash", b"MSNV"}
)
# The same container, but pictures in it.
_PICTURE_BRANDS = frozenset({b"avif", b"avis", b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"jxl "})
_MOST_PARTS = 5_000
_MOST_TRACKS = 20
_MOST_OUTLINE = 16 * _MIB
_BOX_HEAD, _LARGE_BOX_HEAD = 8, 16
_LONGEST_HEAD = 16

_DOC_TYPE, _SEGMENT, _TRACKS, _TRACK, _PICTURE, _WIDTH, _HEIGHT = (
    b"\x42\x82", b"\x18\x53\x80\x67", b"\x16\x54\xae\x6b", b"\xae", b"\xe0", b"\xb0", b"\xba",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Video:
    """What a file says of itself.

    Attributes:
        format: ``mp4`` or ``webm``: the file's extension and the second half of its media type.
        width: pixels.
        height: pixels.
    """

    format: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class _Part:
    """One box or element: its name, and where its content begins and ends."""

    name: bytes
    start: int
    end: int


def is_video(head: bytes) -> bool:
    """Whether a file that begins with ``head`` (``HEAD_BYTES``) means to be a video, a good one or not."""
    is_iso = head[4:8] == b"ftyp" and head[8:12] not in _PICTURE_BRANDS
    return is_iso or head.startswith(_EBML)


def inspect(file: IO[bytes]) -> Video:
    """What the video is; its name and declared type do not count.

    Raises:
        TooLargeError: ``video_too_large``, more than 100 MiB.
        InvalidError: ``video_refused`` at ``/file``: neither MP4 nor WebM, incomplete, something stands before or
            behind it, or it shows nothing.
    """
    size = file.seek(0, os.SEEK_END)
    if size > MAX_BYTES:
        raise TooLargeError("A video has at most 100 MiB.", code="video_too_large", title="Video too large")
    head = _read(file, 0, HEAD_BYTES)
    if head[4:8] == b"ftyp" and head[8:12] in _MP4_BRANDS:
        return _checked("mp4", _size_in_mp4(file, size))
    if head.startswith(_EBML):
        return _checked("webm", _size_in_webm(file, size))
    raise _refusal("Only MP4 and WebM videos are taken.")


def _checked(kind: str, size: tuple[int, int]) -> Video:
    if not all(0 < side <= MAX_SIDE for side in size):
        raise _refusal("The file shows no picture.")
    return Video(kind, *size)


def _size_in_mp4(file: IO[bytes], size: int) -> tuple[int, int]:
    """Width and height of the largest track; the boxes fill the file to its last byte."""
    boxes = {box.name: box for box in _boxes(file, 0, size)}
    if b"moov" not in boxes or not {b"mdat", b"moof"} & boxes.keys():
        raise _broken()
    movie = boxes[b"moov"]
    tracks = (track for track in _boxes(file, movie.start, movie.end) if track.name == b"trak")
    heads = (
        box
        for track in islice(tracks, _MOST_TRACKS)
        for box in _boxes(file, track.start, track.end)
        if box.name == b"tkhd"
    )
    return max((_size_in_track(_read(file, box.start, box.end)) for box in heads), default=(0, 0))


def _size_in_track(head: bytes) -> tuple[int, int]:
    """It ends with a matrix of nine numbers and two sides with 16 bits behind the point."""
    numbers = [int.from_bytes(head[at : at + 4], "big") for at in range(len(head) - 44, len(head), 4)]
    if len(head) < 44:  # noqa: PLR2004 - as long as what it ends with
        raise _broken()
    width, height = numbers[9] >> 16, numbers[10] >> 16
    # Held upright by a phone: the matrix turns it by a quarter.
    is_turned = numbers[0] == 0 and numbers[1] != 0
    return (height, width) if is_turned else (width, height)


def _boxes(file: IO[bytes], start: int, end: int) -> Iterator[_Part]:
    """The ISO boxes between two places, which they fill."""
    for _ in range(_MOST_PARTS):
        if start == end:
            return
        box = _box(_read(file, start, min(start + _LARGE_BOX_HEAD, end)), start, end)
        if box.end > end or box.start > box.end:
            raise _broken()
        yield box
        start = box.end
    raise _broken()


def _box(head: bytes, start: int, end: int) -> _Part:
    size, name = int.from_bytes(head[:4], "big"), head[4:8]
    if size == 1:
        return _Part(name, start + _LARGE_BOX_HEAD, start + int.from_bytes(head[8:16], "big"))
    # A last box may leave its length open.
    return _Part(name, start + _BOX_HEAD, start + size if size else end)


def _size_in_webm(file: IO[bytes], size: int) -> tuple[int, int]:
    """Width and height of the largest track; header and segment fill the file to its last byte."""
    header, *others = _elements(file, 0, size)
    kinds = [_read(file, it.start, it.end) for it in _elements(file, header.start, header.end) if it.name == _DOC_TYPE]
    segments = [it for it in others if it.name == _SEGMENT]
    if kinds != [b"webm"]:
        raise _refusal("Only MP4 and WebM videos are taken.")
    if len(segments) != 1:
        raise _broken()
    tracks = _first(file, segments[0], _TRACKS)
    entries = (it for it in _elements(file, tracks.start, tracks.end) if it.name == _TRACK)
    pictures = (
        it
        for entry in islice(entries, _MOST_TRACKS)
        for it in _elements(file, entry.start, entry.end)
        if it.name == _PICTURE
    )
    return max((_size_of_picture(file, it) for it in pictures), default=(0, 0))


def _first(file: IO[bytes], parent: _Part, name: bytes) -> _Part:
    found = next((it for it in _elements(file, parent.start, parent.end) if it.name == name), None)
    if found is None:
        raise _broken()
    return found


def _size_of_picture(file: IO[bytes], picture: _Part) -> tuple[int, int]:
    facts = {it.name: it for it in _elements(file, picture.start, picture.end)}
    sides = (facts.get(name, picture) for name in (_WIDTH, _HEIGHT))
    width, height = (int.from_bytes(_read(file, it.start, min(it.end, it.start + 8)), "big") for it in sides)
    return width, height


def _elements(file: IO[bytes], start: int, end: int) -> Iterator[_Part]:
    """The EBML elements between two places, which they fill."""
    for _ in range(_MOST_PARTS):
        if start == end:
            return
        element = _element(_read(file, start, min(start + _LONGEST_HEAD, end)), start, end)
        if element.end > end or element.start > end:
            raise _broken()
        yield element
        start = element.end
    raise _broken()


def _element(head: bytes, start: int, end: int) -> _Part:
    """An id and a length, each as long as its first bits say; a length of nothing but ones is left open."""
    name_length = _length_of_number(head[:1])
    size_length = _length_of_number(head[name_length : name_length + 1])
    content = start + name_length + size_length
    size = int.from_bytes(head[name_length : name_length + size_length], "big") & (1 << 7 * size_length) - 1
    is_open = size == (1 << 7 * size_length) - 1
    return _Part(head[:name_length], content, end if is_open else content + size)


def _length_of_number(first: bytes) -> int:
    if first in (b"", b"\0"):
        raise _broken()
    return 9 - first[0].bit_length()


def _read(file: IO[bytes], start: int, end: int) -> bytes:
    if end - start > _MOST_OUTLINE:
        raise _broken()
    file.seek(start)
    return file.read(end - start)


def _broken() -> InvalidError:
    return _refusal("The video is broken or incomplete, or something is attached to it.")


def _refusal(detail: str) -> InvalidError:
    fault = FieldError("/file", "video_refused", detail)
    return InvalidError(detail, code="video_refused", title="Video refused", errors=[fault])
