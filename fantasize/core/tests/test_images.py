"""Pictures: whatever comes in, only a clean picture of bounded cost goes on."""

import json
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from PIL import Image

from fantasize.core import images
from fantasize.core.errors import InvalidError, TooLargeError, UnavailableError
from fantasize.core.tests.pictures import SECRET, chunk, corners, encoded, png, size, webp_canvas, zeros

pytestmark = pytest.mark.usefixtures("decoder")


def refusal(content: bytes, **options: Any) -> InvalidError:
    with pytest.raises(InvalidError) as caught:
        images.reencode(content, **options)
    assert caught.value.code == "image_refused"
    assert [(error.location, error.code) for error in caught.value.errors] == [("/file", "image_refused")]
    return caught.value


# --- what is refused --------------------------------------------------------------------------


@pytest.mark.parametrize("content", [b"", b"hello", encoded(corners(), "gif"), encoded(corners(), "png")[:90]])
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    refusal(content)


def test_a_file_over_ten_mebibytes_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "run", None)
    with pytest.raises(TooLargeError) as caught:
        images.reencode(encoded(corners(), "jpeg") + bytes(images.MAX_BYTES))
    assert (caught.value.code, caught.value.status) == ("image_too_large", 413)


# --- what is cheap --------------------------------------------------------------------------------


_METER = """
import resource, runpy, sys
runpy.run_path(sys.argv[1], run_name="__main__")
sys.stdout.flush()
lines = dict(line.split(":", 1) for line in open("/proc/self/status"))
used = resource.getrusage(resource.RUSAGE_SELF)
sys.stderr.write(f"{int(lines['VmHWM'].split()[0]) / 1024} {used.ru_utime + used.ru_stime}")
"""


class Meter:
    """Runs the decoder so that it says what it took: MiB of memory, seconds of CPU; and this process's own seconds."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.memory = self.cpu = self.parent = 0.0
        self._run = subprocess.run
        monkeypatch.setattr(subprocess, "run", self._metered)

    def _metered(self, command: list[str], **options: Any) -> Any:
        done = self._run([sys.executable, "-I", "-c", _METER, command[-1]], **options)
        self.memory, self.cpu = map(float, done.stderr.split())
        return done

    def reencode(self, content: bytes) -> dict[str, Any]:
        started = time.thread_time()
        try:
            picture = images.reencode(content)
        except InvalidError as error:
            return {"refused": error.detail}
        finally:
            self.parent = time.thread_time() - started
        return {"width": picture.width}


@pytest.fixture
def meter(monkeypatch: pytest.MonkeyPatch) -> Meter:
    return Meter(monkeypatch)


BOMBS: dict[str, Callable[[], bytes]] = {
    "144 megapixels": lambda: png(12_000, 12_000, rows=2000),
    "900 megapixels": lambda: png(30_000, 30_000, rows=500),
    "2^31 a side": lambda: png(8, 8).replace(size(8, 8), size(2**31 - 1, 2**31 - 1)),
    "zTXt": lambda: png(64, 64, extra=chunk(b"zTXt", b"C\0\0" + zeros(64))),
    "many zTXt": lambda: png(64, 64, extra=chunk(b"zTXt", b"C\0\0" + zlib.compress(bytes(1_000_000))) * 400),
    "iTXt": lambda: png(64, 64, extra=chunk(b"iTXt", b"C\0\1\0\0\0" + zeros(64))),
    "iCCP": lambda: png(64, 64, extra=chunk(b"iCCP", b"p\0\0" + zeros(64))),
    "APNG of 10,000 frames": lambda: png(64, 64, extra=chunk(b"acTL", size(10_000, 0))),
    "rows missing": lambda: png(6000, 6000, rows=3),
    "webp canvas": lambda: webp_canvas(16_383, 16_383),
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_cheap(name: str, meter: Meter) -> None:
    meter.reencode(BOMBS[name]())
    plain = 40
    assert meter.memory < plain + 150
    assert meter.parent < 0.2
    assert meter.cpu < 1.0


def test_pillow_alone_pays_for_them() -> None:
    """The control: the same limits looked at after decoding come too late."""
    program = """
import io, sys
from PIL import Image
Image.open(io.BytesIO(sys.stdin.buffer.read())).load()
print(next(int(line.split()[1]) // 1024 for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""
    content = png(12_000, 12_000)
    command = [sys.executable, "-W", "ignore", "-c", program]
    done = subprocess.run(command, input=content, capture_output=True, check=True)
    assert int(done.stdout) > 150
    assert len(content) < 200_000


LARGEST: dict[str, Callable[[], bytes]] = {
    "jpeg": lambda: encoded(Image.new("RGB", (7744, 5160)), "jpeg"),
    "png": lambda: png(7744, 5160),
    "webp": lambda: webp_canvas(7744, 5160),
}


@pytest.mark.parametrize("kind", LARGEST)
def test_the_largest_pictures_stay_within_their_bounds(kind: str, meter: Meter) -> None:
    answer = meter.reencode(LARGEST[kind]())
    assert answer.get("width") == 7744 or "memory" in answer["refused"]
    assert meter.memory < 520


def test_what_comes_out_is_bounded_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(images._BOUNDS, "output", 100)
    assert "detailed" in refusal(encoded(corners(), "png")).detail


def test_one_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "_PROGRAM", "/dev/stdin")
    monkeypatch.setattr(images, "_SECONDS", 0.5)
    answer, _ = images._run(b"import time; time.sleep(60)")
    assert "refused" in answer


def test_memory_and_cpu_are_bounded_by_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    noise = encoded(Image.effect_noise((4000, 4000), 80), "jpeg")
    monkeypatch.setitem(images._BOUNDS, "memory", 60 * 1024 * 1024)
    assert "memory" in refusal(png(6000, 6000)).detail
    monkeypatch.setitem(images._BOUNDS, "memory", 512 * 1024 * 1024)
    monkeypatch.setitem(images._BOUNDS, "cpu", 1)
    assert "long" in refusal(noise, format="webp").detail


def test_the_decoder_sees_nothing_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", SECRET.decode())
    monkeypatch.setattr(images, "_PROGRAM", "/dev/stdin")
    program = b"import json, os, sys; print(json.dumps([dict(os.environ), os.getcwd(), sorted(sys.modules)]))"
    (environment, folder, modules), _ = images._run(program)
    assert SECRET.decode() not in json.dumps(environment)
    assert folder == "/"
    assert "django" not in modules


# --- who waits ---------------------------------------------------------------------------------------


@pytest.fixture
def _slots_free() -> Iterator[None]:
    yield
    assert all(images._slots.acquire(blocking=False) for _ in range(2))
    assert not images._slots.acquire(blocking=False)
    images._slots.release(2)


@pytest.mark.usefixtures("_slots_free")
def test_no_more_than_two_are_decoded_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    lock, running, most = threading.Lock(), 0, 0
    monkeypatch.setattr(images, "_WAIT_SECONDS", 60)
    run = images._run

    def counted(order: bytes) -> Any:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        try:
            return run(order)
        finally:
            with lock:
                running -= 1

    monkeypatch.setattr(images, "_run", counted)
    content = encoded(corners(), "jpeg")
    with ThreadPoolExecutor(6) as pool:
        pictures = list(pool.map(lambda _: images.reencode(content), range(6)))
    assert len({picture.sha256 for picture in pictures}) == 1
    assert most == 2


@pytest.mark.usefixtures("_slots_free")
def test_who_would_wait_too_long_is_told_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "_WAIT_SECONDS", 0.05)
    images._slots.acquire()
    images._slots.acquire()
    with pytest.raises(UnavailableError) as caught:
        images.reencode(encoded(corners(), "jpeg"))
    assert caught.value.extra["retry_after"] > 0
    images._slots.release(2)


@pytest.mark.usefixtures("_slots_free")
def test_a_refusal_gives_its_place_back() -> None:
    for _ in range(3):
        refusal(b"rubbish")
