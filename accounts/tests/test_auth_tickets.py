"""Tickets: signed, of one kind, and short-lived."""

from datetime import UTC, datetime, timedelta

import jwt
import pytest
from django.conf import settings

from accounts.auth import tickets
from accounts.auth.tickets import PasskeyTicket, SecondStepTicket
from fantasize.core import clock


def forge(key: str = "", algorithm: str = "HS256", **claims: object) -> str:
    genuine = jwt.decode(tickets.issue(SecondStepTicket, sub="ada"), options={"verify_signature": False})
    return jwt.encode({**genuine, **claims}, key or str(settings.SIMPLE_JWT["SIGNING_KEY"]), algorithm)


def test_a_ticket_says_what_it_was_given() -> None:
    claims = tickets.read(SecondStepTicket, tickets.issue(SecondStepTicket, sub="ada", state="x"))
    assert claims is not None
    assert (claims["sub"], claims["state"], claims["token_type"]) == ("ada", "x", "mfa")
    assert claims["exp"] - claims["iat"] == 300
    assert tickets.read(SecondStepTicket, forge()) is not None


def test_a_ticket_is_of_one_kind() -> None:
    assert tickets.read(PasskeyTicket, tickets.issue(SecondStepTicket, sub="ada")) is None
    assert tickets.read(SecondStepTicket, tickets.issue(PasskeyTicket, sub="ada")) is None


def test_a_ticket_lives_five_minutes() -> None:
    now = clock.now()
    with clock.frozen_at(now - timedelta(minutes=4, seconds=58)):
        young = tickets.issue(SecondStepTicket, sub="ada")
    with clock.frozen_at(now - timedelta(minutes=5, seconds=1)):
        old = tickets.issue(SecondStepTicket, sub="ada")
    assert tickets.read(SecondStepTicket, old) is None
    assert tickets.read(SecondStepTicket, young) is not None
    with clock.frozen_at(now + timedelta(seconds=3)):
        assert tickets.read(SecondStepTicket, young) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "a.b.c",
        "\N{SNOWMAN}",
        "x" * 10_000,
        "[" * 1000 + ".e30.x",
        forge("a" * 40),
        forge(aud="somebody"),
        forge(iss="somebody"),
        forge(token_type="access"),
        forge(exp=datetime(2020, 1, 1, tzinfo=UTC)),
        forge(algorithm="HS512"),
        jwt.encode({"sub": "ada", "token_type": "mfa"}, "", "none"),
    ],
    # Every process that runs tests must call them the same: forgeries differ each time.
    ids=map(str, range(13)),
)
def test_what_we_did_not_issue_says_nothing(text: str) -> None:
    assert tickets.read(SecondStepTicket, text) is None
