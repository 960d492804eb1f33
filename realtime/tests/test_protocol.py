"""Frames: what is read, what is refused, how answers are written."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fantasize.core.errors import InvalidError, MalformedError, NotFoundError
from realtime.protocol import (
    MAX_INTEGER,
    Authenticate,
    Frame,
    Ping,
    PreviewAnswers,
    Shelf,
    TrackOrder,
    UntrackOrder,
    build_frame,
    describe_error,
    parse_frame,
    read_command,
)

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["order", "after", "token", "x"]), inner),
    max_leaves=6,
)


@pytest.mark.parametrize(
    ("text", "frame"),
    [
        ('{"event": "ping"}', Frame("ping")),
        ('{"event": "ping", "data": {"a": [1]}, "id": -3}', Frame("ping", {"a": [1]}, -3)),
        ('{"event": "track_order", "data": "1001", "id": null}', Frame("track_order", "1001")),
    ],
)
def test_a_frame_is_an_object_of_event_data_and_id(text: str, frame: Frame) -> None:
    assert parse_frame(text) == frame


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "ping",
        "[]",
        '"ping"',
        "{}",
        '{"event": 1}',
        '{"event": "ping", "id": "1"}',
        '{"event": "ping", "id": true}',
        '{"event": "ping", "id": 1.0}',
        f'{{"event": "ping", "id": {MAX_INTEGER + 1}}}',
        '{"event": "ping", "event": "ping"}',
        '{"event": "ping", "data": {"a": 1, "a": 2}}',
        '{"event": "ping", "data": NaN}',
        '{"event": "ping", "data": -Infinity}',
        '{"event": "ping", "more": 1}',
        '{"event": "ping"} {}',
        '{"event": "ping", "data": ' + "9" * 5000 + "}",
        '{"event": "ping", "data": ' + "[" * 30000,
    ],
)
def test_everything_else_is_malformed(text: str | None) -> None:
    with pytest.raises(MalformedError) as caught:
        parse_frame(text)
    assert caught.value.code == "malformed_frame"


@pytest.mark.parametrize(
    ("event", "data", "command"),
    [
        ("authenticate", "abc", Authenticate("abc")),
        ("ping", None, Ping()),
        ("ping", {"any": "thing"}, Ping()),
        ("track_order", "1001", TrackOrder("1001")),
        ("track_order", 1001, TrackOrder("1001")),
        ("track_order", {"order": "1001"}, TrackOrder("1001")),
        ("track_order", {"order": 1001, "after": 0, "token": "t"}, TrackOrder("1001", 0, "t")),
        ("track_order", {"order": "1001", "after": None}, TrackOrder("1001")),
        ("untrack_order", "1001", UntrackOrder("1001")),
        ("untrack_order", {"order": 1001}, UntrackOrder("1001")),
    ],
)
def test_each_event_takes_its_data(event: str, data: object, command: object) -> None:
    assert read_command(Frame(event, data)) == command


@pytest.mark.parametrize(
    ("event", "data"),
    [
        ("authenticate", None),
        ("authenticate", {"token": "abc"}),
        ("track_order", None),
        ("track_order", True),
        ("track_order", 1.5),
        ("track_order", ["1001"]),
        ("track_order", {}),
        ("track_order", {"order": None}),
        ("track_order", {"order": "1001", "after": -1}),
        ("track_order", {"order": "1001", "after": "1"}),
        ("track_order", {"order": "1001", "after": True}),
        ("track_order", {"order": "1001", "token": 1}),
        ("track_order", {"order": "1001", "group": "orders"}),
        ("untrack_order", None),
        ("untrack_order", {"order": "1001", "after": 1}),
    ],
)
def test_other_data_is_invalid(event: str, data: object) -> None:
    with pytest.raises(InvalidError) as caught:
        read_command(Frame(event, data))
    assert caught.value.code == "invalid"


def test_an_unknown_event_says_so() -> None:
    with pytest.raises(InvalidError) as caught:
        read_command(Frame("join_room", "admins"))
    assert caught.value.code == "unknown_event"


@settings(deadline=None)
@given(st.text() | ANYTHING.map(json.dumps))
def test_no_text_gets_anything_but_a_frame_or_a_refusal(text: str) -> None:
    try:
        parse_frame(text)
    except MalformedError:
        return
    assert isinstance(json.loads(text), dict)


@settings(deadline=None)
@given(st.sampled_from(["authenticate", "track_order", "untrack_order", "ping"]), ANYTHING)
def test_no_data_gets_anything_but_a_command_or_a_refusal(event: str, data: object) -> None:
    try:
        command = read_command(Frame(event, data))
    except InvalidError:
        return
    assert isinstance(getattr(command, "order", ""), str)


def test_an_answer_repeats_the_number_of_the_question() -> None:
    assert build_frame("pong", {}, reply_to=0) == '{"event":"pong","data":{},"id":0}'
    assert build_frame("pong", {"name": "Zoë"}) == '{"event":"pong","data":{"name":"Zoë"}}'


def test_an_error_says_code_title_and_detail_only() -> None:
    error = NotFoundError(extra={"order": "1001"})
    assert describe_error(error) == {"code": "not_found", "title": "Not found", "detail": "Not found."}


TOKEN = "t" * 43


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        ({"product": 7}, PreviewAnswers(Shelf("product", 7), {}, {})),
        (
            {"package": "7", "answers": {"a": 1}, "parts": {"3": {"b": "x"}}, "cart_token": TOKEN},
            PreviewAnswers(Shelf("package", 7), {"a": 1}, {3: {"b": "x"}}, TOKEN),
        ),
    ],
)
def test_a_preview_names_a_thing_and_answers(data: object, wanted: PreviewAnswers) -> None:
    assert read_command(Frame("preview", data)) == wanted


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"product": 0},
        {"product": 1, "package": 1},
        {"order": 1},
        {"product": 1, "quantity": 1},
        {"product": 1, "answers": "x"},
        {"product": 1, "answers": None},
        {"product": 1, "parts": []},
        {"package": 1, "parts": {"01": {}}},
        {"package": 1, "parts": {"1": "x"}},
        {"product": 1, "cart_token": 5},
        {"product": 1, "cart_token": "guess"},
    ],
)
def test_what_is_no_preview_is_refused(wrong: object) -> None:
    for data in (wrong, 7, None):
        with pytest.raises(InvalidError):
            read_command(Frame("preview", data))
