import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from fantasize.observability.logging import configure


@pytest.fixture
def _restored() -> Iterator[None]:
    root, before, configuration = logging.getLogger(), list(logging.getLogger().handlers), structlog.get_config()
    yield
    root.handlers = before
    structlog.configure(**configuration)


def written(form: str, monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    configure({"format": form, "level": "INFO"})
    return stream


@pytest.mark.usefixtures("_restored")
def test_machines_read_ecs(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = written("json", monkeypatch)
    with structlog.contextvars.bound_contextvars(request_id="r1"):
        structlog.get_logger("shop").info("sold", method="GET", quantity=2)
    record = json.loads(stream.getvalue())
    assert record["message"] == "sold"
    assert record["log.level"] == "info"
    assert record["log.logger"] == "shop"
    assert record["http.request.id"] == "r1"
    assert record["http.request.method"] == "GET"
    assert record["quantity"] == 2
    assert record["@timestamp"].endswith("Z")
    assert record["ecs.version"]


@pytest.mark.usefixtures("_restored")
@pytest.mark.parametrize("form", ["console", "json"])
def test_libraries_take_the_same_way_and_levels_hold(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = written(form, monkeypatch)
    logging.getLogger("library").warning("hello %s", "world")
    logging.getLogger("library").debug("too quiet")
    assert "hello world" in stream.getvalue()
    assert "too quiet" not in stream.getvalue()


@pytest.mark.usefixtures("_restored")
@pytest.mark.parametrize("form", ["console", "json"])
def test_nothing_that_somebody_sends_starts_a_new_line(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = written(form, monkeypatch)
    structlog.get_logger("shop").info("sold", name="x\r\n2026 forged\x1b[31m\x85\u2028\x00")
    logging.getLogger("library").warning("hello %s", "x\nforged")
    lines = stream.getvalue().splitlines()
    assert len(lines) == 2
    assert "\x1b" not in stream.getvalue()


def fail(password: str) -> None:
    raise RuntimeError(f"broken for {len(password)}")


@pytest.mark.usefixtures("_restored")
@pytest.mark.parametrize("form", ["console", "json"])
def test_tracebacks_are_there_without_local_variables(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = written(form, monkeypatch)
    try:
        fail("canary" + "-42")
    except RuntimeError as error:
        structlog.get_logger("shop").error("failed", exc_info=error)
    assert "RuntimeError: broken for 9" in stream.getvalue()
    assert "canary-42" not in stream.getvalue()


@pytest.mark.usefixtures("_restored")
@pytest.mark.parametrize("form", ["console", "json"])
def test_the_part_of_an_address_that_is_a_key_is_not_written(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = written(form, monkeypatch)
    structlog.get_logger("access").info("request", path="/track/k3y-_")
    logging.getLogger("library").error("Internal Server Error: /pay/sandbox/k3y/more")
    logging.getLogger("library").error("GET /api/orders/7/track?after=1&token=k3y HTTP/1.1")
    assert "k3y" not in stream.getvalue()
    for part in ("/track/…", "/pay/sandbox/…/more", "/api/orders/7/track?after=1&token=…"):
        assert part in stream.getvalue() or part in stream.getvalue().encode().decode("unicode_escape")
