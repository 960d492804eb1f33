import json
from typing import Any

import pytest

from fantasize.core.tests.api_client import assert_problem, client_for, faults

pytestmark = [pytest.mark.urls("fantasize.core.tests.sample_api"), pytest.mark.django_db]


def post(body: bytes | str) -> Any:
    return client_for().generic("POST", "/api/echo", body, content_type="application/json")  # type: ignore[arg-type]  # bytes will do


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"",
        b" ",
        b"{'text': 1}",
        b'{"text": "a", "text": "b"}',
        b'{"anything": {"a": 1, "a": 1}}',
        b'{"count": NaN}',
        b'{"count": Infinity}',
        b'{"count": -Infinity}',
        b'{"text": "\xff\xfe"}',
        b'\xef\xbb\xbf{"text": "a"}',
        b'{"text": "a\x00"}',
        b'{"text": "\xed\xa0\x80"}',
        b'{"count": 01}',
        b'{"text": "a",}',
        b'{"anything": ' + b"[" * 32 + b"]" * 32 + b"}",
        b"[" * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 90_000 + b"1" + b"}" * 90_000,
    ],
)
def test_malformed_json_is_refused(body: bytes) -> None:
    if body:
        assert_problem(post(body), 400, "malformed_json")
    else:
        assert post(body).status_code == 200


def test_nesting_up_to_the_limit_is_read() -> None:
    body = b'{"anything": ' + b"[" * 31 + b"]" * 31 + b"}"
    assert post(body).status_code == 200
    assert post(json.dumps({"anything": [[]] * 100})).status_code == 200


def test_a_body_of_one_mebibyte_is_read_and_one_byte_more_is_not() -> None:
    frame = '{"anything": ""}'
    fits = frame.replace('""', '"' + "a" * (1024 * 1024 - len(frame)) + '"')
    assert len(fits) == 1024 * 1024
    assert post(fits).status_code == 200
    assert_problem(post(fits + " "), 413, "too_large")
    assert_problem(post("x" * (13 * 1024 * 1024)), 413, "too_large")


@pytest.mark.parametrize(
    ("body", "code"), [("[]", "not_an_object"), ('"a"', "not_an_object"), ("null", "not_an_object")]
)
def test_only_objects_are_bodies(body: str, code: str) -> None:
    assert faults(assert_problem(post(body), 422, "invalid")) == {"": code}


@pytest.mark.parametrize("number", ["1" * 5000, "1e999", "-1e999", "0." + "1" * 5000])
def test_numbers_beyond_all_ranges_are_refused(number: str) -> None:
    assert faults(assert_problem(post(f'{{"anything": {number}}}'), 422, "invalid")) == {"": "out_of_range"}


def test_characters_that_are_no_text_are_refused_wherever_they_hide() -> None:
    body = r'{"text": "a\u0000", "anything": [{"b\ud800": "fine"}, "\udc00", "\ud83d\ude00"]}'
    response = post(body)
    problem = assert_problem(response, 422, "invalid")
    assert set(faults(problem).values()) == {"invalid_character"}
    assert [error["pointer"] for error in problem["errors"]] == ["/text", "/anything/0/b?", "/anything/1"]
    assert b"\\ud8" not in response.content


def test_pairs_of_surrogates_are_characters() -> None:
    assert post(r'{"text": "\ud83d\ude00"}').json()["data"]["text"] == "😀"
