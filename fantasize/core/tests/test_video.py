"""Videos: known by their own bytes, whole, and nothing else before or behind them."""

import io
import random
import time

import pytest

from fantasize.core import video
from fantasize.core.errors import DomainError, InvalidError, TooLargeError
from fantasize.core.tests.videos import box, element, mp4, picture, track, webm
from fantasize.core.video import Video

HTML = b"<!doctype html><script>alert(1)</script>"


def inspect(content: bytes) -> Video:
    return video.inspect(io.BytesIO(content))


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (mp4(), Video("mp4", 640, 480)),
        (mp4(tracks=track(640, 480, is_turned=True)), Video("mp4", 480, 640)),
        (mp4(tracks=track(0, 0) + track(1920, 1080)), Video("mp4", 1920, 1080)),
        (mp4(brand=b"mp42"), Video("mp4", 640, 480)),
        (mp4()[:-14] + (1).to_bytes(4, "big") + b"mdat" + (22).to_bytes(8, "big") + b"frames", Video("mp4", 640, 480)),
        (mp4()[:-14] + (0).to_bytes(4, "big") + b"mdat" + b"to the end", Video("mp4", 640, 480)),
        (webm(), Video("webm", 320, 240)),
        (webm(is_open=True), Video("webm", 320, 240)),
        (webm() + element(b"\xec", bytes(9)), Video("webm", 320, 240)),
        (webm(tracks=element(b"\xae", b"") + picture(64, 48)), Video("webm", 64, 48)),
    ],
)
def test_a_video_says_what_it_is_and_how_large(content: bytes, found: Video) -> None:
    assert inspect(content) == found


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0\0\0\x18ftyp",
        HTML,
        HTML + mp4(),
        HTML + webm(),
        mp4() + HTML,
        mp4() + b"PK\x03\x04" + bytes(30),
        webm() + HTML,
        mp4()[:-1],
        webm()[:-1],
        mp4()[:60],
        webm()[:40],
        mp4(brand=b"qt  "),
        mp4(brand=b"3gp4"),
        mp4(brand=b"avif"),
        mp4(brand=b"heic"),
        webm(kind=b"matroska"),
        webm(kind=b"webm<script>"),
        mp4(tracks=b""),
        mp4(tracks=track(0, 0)),
        mp4(tracks=track(30_000, 48)),
        mp4(tracks=box(b"trak", box(b"tkhd", b"short"))),
        mp4(tracks=box(b"trak", HTML)),
        box(b"ftyp", b"isom" + bytes(4)) + box(b"mdat", bytes(9)),
        box(b"ftyp", b"isom" + bytes(4)) + box(b"moov", track(64, 48)),
        box(b"ftyp", b"isom" + bytes(4)) + (4).to_bytes(4, "big") + b"moov",
        webm(tracks=b""),
        webm(tracks=picture(0, 0)),
        webm(tracks=element(b"\xae", element(b"\xe0", b""))),
        webm(tracks=b"\0\0\0\0"),
        element(b"\x1a\x45\xdf\xa3", element(b"\x42\x82", b"webm")),
        element(b"\x1a\x45\xdf\xa3", element(b"\x42\x82", b"webm")) + element(b"\x18\x53\x80\x67", b""),
        b"RIFF\x24\0\0\0AVI LIST",
        b"GIF89a" + bytes(20),
        b"OggS" + bytes(30),
    ],
)
def test_everything_else_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidError) as caught:
        inspect(content)
    assert caught.value.code == "video_refused"
    assert [(fault.location, fault.code) for fault in caught.value.errors] == [("/file", "video_refused")]


def test_a_larger_one_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(video, "MAX_BYTES", 100)
    with pytest.raises(TooLargeError) as caught:
        inspect(mp4())
    assert caught.value.code == "video_too_large"


def test_rubbish_is_refused_and_never_a_crash() -> None:
    dice = random.Random(7)  # noqa: S311 - the same rubbish every time
    taken = 0
    for turn in range(3000):
        content = bytearray((mp4(), webm())[turn % 2])
        for _ in range(dice.randrange(1, 8)):
            content[dice.randrange(8, len(content))] = dice.randrange(256)
        try:
            inspect(bytes(content))
        except DomainError:
            continue
        taken += 1
    assert taken < 2500


@pytest.mark.parametrize(
    "content",
    [
        mp4() + box(b"free", b"") * 2_000_000,
        mp4(tracks=box(b"trak", b"") * 2_000_000),
        mp4(tracks=box(b"trak", box(b"free", b"") * 4_000) * 400),
        mp4(tracks=box(b"trak", box(b"tkhd", bytes(20 * 1024 * 1024)))),
        webm(tracks=element(b"\xae", b"") * 1_000_000),
        webm(tracks=element(b"\xae", element(b"\x86", b"") * 4_000) * 400),
    ],
)
def test_one_with_endlessly_many_parts_is_cheap(content: bytes) -> None:
    started = time.thread_time()
    with pytest.raises(InvalidError):
        inspect(content)
    assert time.thread_time() - started < 1.5


@pytest.mark.parametrize(
    ("head", "is_video"),
    [
        (mp4()[:12], True),
        (webm()[:12], True),
        (mp4(brand=b"qt  ")[:12], True),
        (mp4(brand=b"heic")[:12], False),
        (b"", False),
    ],
)
def test_what_means_to_be_a_video_is_treated_as_one(head: bytes, is_video: bool) -> None:  # noqa: FBT001
    assert video.is_video(head) == is_video
