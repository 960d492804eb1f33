"""The renderer in a process of its own: what it may use, who waits for it, and what becomes of one that ends."""

import hashlib
import json
import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import asdict
from multiprocessing import Pipe
from pathlib import Path
from threading import Event, Thread
from unittest.mock import patch

import pytest

from customizations import engine, rendering
from customizations.engine import Fault, Schema
from customizations.errors import BusyError
from customizations.rendering import worker
from customizations.rendering.worker import Order
from customizations.services import drawing
from customizations.services.drawing import Bounds, Studio
from customizations.tests.factories import COLOUR, NAME, make_schema
from fantasize.core.errors import UnavailableError
from fantasize.tests.waiting import PATIENCE_SECONDS

ANSWERS = {"colour": "gold", "name": "Ada"}
FAULT = Fault("/name", "glyph_missing", "No font has 中 (U+4E2D).")


@pytest.fixture(scope="module")
def schema() -> Schema:
    return engine.parse(
        make_schema(options=[COLOUR, NAME], canvas={"width": 800, "height": 600, "background": "#fff8e7"})
    )


@pytest.fixture
def studio() -> Iterator[Studio]:
    studio = Studio(Bounds(orders=3))
    with patch.object(drawing, "studio", lambda: studio):
        yield studio
    studio.close()


def pid_of(studio: Studio) -> int:
    assert studio._worker
    return studio._worker.process.pid


def command(program: str) -> list[str]:
    """A worker that is none."""
    return [sys.executable, "-c", program]


def test_it_draws_what_the_renderer_draws_here(studio: Studio, schema: Schema) -> None:
    printed, faults = drawing.print_file(schema, ANSWERS, {})
    assert (printed, faults) == (rendering.render(schema, ANSWERS, {}), ())
    content, faults = drawing.preview(schema, ANSWERS, {}, max_side=100, form="png")
    assert (content, faults) == (rendering.render_preview(schema, ANSWERS, {}, max_side=100, format="png"), ())
    assert drawing.renderer_version() == rendering.RENDERER_VERSION


def test_what_cannot_be_printed_is_said(studio: Studio, schema: Schema) -> None:
    bad = {**ANSWERS, "name": "中"}
    assert drawing.preview(schema, bad, {}, max_side=100, form="webp") == (None, (FAULT,))
    assert drawing.print_file(schema, bad, {}) == (None, (FAULT,))
    assert drawing.placed(7, [FAULT]) == (Fault("/parts/7/name", FAULT.code, FAULT.detail),)


def test_the_process_stays_and_is_replaced_in_time(studio: Studio, schema: Schema) -> None:
    pids = []
    for _ in range(4):
        drawing.preview(schema, ANSWERS, {}, max_side=50, form="webp")
        pids.append(pid_of(studio))
    assert pids[0] == pids[1] == pids[2] != pids[3]
    assert not Path(f"/proc/{pids[0]}").exists()


def test_one_that_was_killed_is_replaced(studio: Studio, schema: Schema) -> None:
    drawing.preview(schema, ANSWERS, {}, max_side=50, form="webp")
    os.kill(pid_of(studio), signal.SIGSTOP)
    killed = pid_of(studio)
    answers: list[object] = []
    asking = Thread(target=lambda: answers.append(drawing.preview(schema, ANSWERS, {}, max_side=50, form="webp")))
    asking.start()
    # It is being asked, and never answers.
    os.kill(killed, signal.SIGKILL)
    asking.join()
    assert answers == [(rendering.render_preview(schema, ANSWERS, {}, max_side=50, format="webp"), ())]
    assert pid_of(studio) != killed


def test_an_order_that_ends_every_process_is_given_up(schema: Schema, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "_COMMAND", command("import os; os.kill(os.getpid(), 9)"))
    with patch.object(drawing.log, "warning") as warning, pytest.raises(UnavailableError):
        Studio().draw(Order(schema, ANSWERS, {}))
    assert [call.kwargs for call in warning.call_args_list] == [{"late": False}, {"late": False}]


def test_one_that_takes_too_long_is_ended_and_not_tried_again(schema: Schema, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "_COMMAND", command("import time; time.sleep(60)"))
    with patch.object(drawing.log, "warning") as warning, pytest.raises(UnavailableError):
        Studio(Bounds(order_seconds=0.2)).draw(Order(schema, ANSWERS, {}))
    assert [call.kwargs for call in warning.call_args_list] == [{"late": True}]


def test_what_fails_for_no_known_reason_is_said_and_the_process_stays(studio: Studio, schema: Schema) -> None:
    with patch.object(drawing.log, "error") as error, pytest.raises(UnavailableError):
        studio.draw(Order(Schema(()), {}, {}))
    assert error.call_args.kwargs == {"error": "ValueError"}
    failed = pid_of(studio)
    assert drawing.preview(schema, ANSWERS, {}, max_side=50, form="webp")[0]
    assert pid_of(studio) == failed


def test_it_holds_no_secrets_and_is_bounded_by_the_system(studio: Studio, schema: Schema) -> None:
    drawing.preview(schema, ANSWERS, {}, max_side=50, form="webp")
    process = Path(f"/proc/{pid_of(studio)}")
    assert (process / "environ").read_bytes() == b""
    limits = {line[:26].strip(): line[26:].split()[:2] for line in (process / "limits").read_text().splitlines()}
    assert limits["Max address space"] == [str(worker.MEMORY_BYTES)] * 2
    assert limits["Max file size"] == ["0", "0"]
    assert int(limits["Max cpu time"][0]) in range(worker.CPU_SECONDS, worker.CPU_SECONDS + 5)
    assert int((process / "stat").read_text().rpartition(")")[2].split()[16]) >= 5
    assert not [link for fd in (process / "fd").iterdir() if "postgres" in (link := str(fd.readlink()))]


def test_it_ends_when_nobody_is_there_any_more(studio: Studio, schema: Schema) -> None:
    drawing.preview(schema, ANSWERS, {}, max_side=50, form="webp")
    assert studio._worker
    studio._worker._pipe.close()
    assert studio._worker.process.wait(PATIENCE_SECONDS) == 0


def test_few_wait_and_only_for_a_moment(schema: Schema) -> None:
    begun, done = Event(), Event()

    class Slow(Studio):
        def _ask(self, order: Order) -> drawing.Answer:
            begun.set()
            done.wait(PATIENCE_SECONDS)
            return {}, b"drawn"

    studio, order = Slow(Bounds(places=2, wait_seconds=0.05, print_wait_seconds=20)), Order(schema, {}, {}, 50)
    drawn: list[drawing.Answer] = []
    first = Thread(target=lambda: drawn.append(studio.draw(order)))
    first.start()
    assert begun.wait(PATIENCE_SECONDS)
    with pytest.raises(BusyError) as busy:
        studio.draw(order)
    assert busy.value.extra == {"retry_after": 1}
    with patch.object(studio, "_turn") as turn, studio._slot(1, is_print=False):
        turn.acquire.reset_mock()
        with pytest.raises(BusyError):
            studio.draw(order)
        # Two have their places, so that a third one does not even wait.
        turn.acquire.assert_not_called()
    # A print file waits: somebody is paying for it.
    second = Thread(target=lambda: drawn.append(studio.draw(Order(schema, {}, {}))))
    second.start()
    done.set()
    first.join()
    second.join()
    assert drawn == [({}, b"drawn")] * 2
    assert studio.draw(order) == ({}, b"drawn")


def test_every_process_has_its_own(schema: Schema) -> None:
    assert drawing.studio() is drawing.studio()
    child = os.fork()
    if child == 0:
        os._exit(drawing.studio.cache_info().currsize)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_every_order_is_answered_in_json_and_pixels(schema: Schema) -> None:
    small = worker.answer(Order(schema, ANSWERS, {}, 50, "png"))
    assert small == ({}, rendering.render_preview(schema, ANSWERS, {}, max_side=50, format="png"))
    facts, content = worker.answer(Order(schema, ANSWERS, {}))
    assert facts["sha256"] == hashlib.sha256(content).hexdigest()
    assert worker.answer(Order(schema, {"name": "中"}, {}))[0] == {"faults": [asdict(FAULT)]}
    assert worker.answer(Order(Schema(()), {}, {})) == ({"failed": "ValueError"}, b"")


def test_the_program_ends_when_nobody_orders(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = Pipe()
    monkeypatch.setattr(sys, "argv", ["worker", str(os.dup(theirs.fileno()))])
    monkeypatch.setattr(worker, "IDLE_SECONDS", 0)
    with patch("resource.setrlimit"), patch("os.nice"):
        worker.main()
    theirs.close()
    with pytest.raises(EOFError):
        ours.recv_bytes()


def test_the_program_answers_until_its_pipe_ends(schema: Schema, monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = Pipe()
    monkeypatch.setattr(sys, "argv", ["worker", str(os.dup(theirs.fileno()))])
    theirs.close()
    for order in (Order(schema, ANSWERS, {}), Order(schema, {"name": "中"}, {})):
        ours.send(order)
    with patch("resource.setrlimit") as limit, patch("os.nice") as nice:
        asked = Thread(target=worker.main)
        asked.start()
        facts = []
        for _ in range(2):
            facts.append(json.loads(ours.recv_bytes()))
            ours.recv_bytes()
        ours.close()
        asked.join()
    assert facts[0]["sha256"] == rendering.render(schema, ANSWERS, {}).sha256
    assert [fault["code"] for fault in facts[1]["faults"]] == ["glyph_missing"]
    assert (nice.call_args.args, limit.call_count) == ((10,), 5)
