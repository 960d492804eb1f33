"""Answers as JSON: written as DRF writes them, in less time."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.utils.functional import lazystr
from rest_framework.renderers import JSONRenderer

from fantasize.core.api.renderers import EnvelopeJSONRenderer, render_plain

MOMENT = datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC)
VALUES: tuple[Any, ...] = (
    *(None, True, 0, -(2**63), 2**70, 1.5, 4.0, "", 'a "quoted" <b>\\ \x00\t\n\x7f', "Käthe 🎁", "\u2028\u2029"),
    *(MOMENT, timedelta(minutes=1), Decimal("5.00"), UUID(int=7), lazystr("later")),
    *([], (1, (2,)), {"b": [{}], "a": None}, {1: "one", None: "none"}, {"large": 2**70, "moment": MOMENT}),
)


@pytest.mark.parametrize("value", VALUES)
def test_an_answer_is_written_as_drf_writes_it(value: Any) -> None:
    response = type("Response", (), {"status_code": 200, "pagination": None})()
    context = {"response": response, "request": type("Request", (), {"version": "v1"})()}
    assert EnvelopeJSONRenderer().render({"value": value}, None, context) == JSONRenderer().render({"value": value})


@pytest.mark.parametrize("value", [5, 2**70])
def test_what_an_etag_is_made_of_does_not_go_by_the_order_of_names(value: int) -> None:
    assert render_plain({"b": value, "a": 1}) == render_plain({"a": 1, "b": value})


def test_what_is_no_text_is_not_written() -> None:
    with pytest.raises(UnicodeEncodeError):
        render_plain("\ud800")
