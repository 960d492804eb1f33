"""One socket, seen from its client."""

from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest

from accounts.models import User
from accounts.tests.factories import make_user
from accounts.tokens import authenticate_access, issue_access
from fantasize.core import clock
from realtime.consumers import Limits, LiveConsumer, Relay, live
from realtime.tests.client import connected, open_session, run, token_of

pytestmark = pytest.mark.django_db(transaction=True)


def test_signing_in_says_who_is_there(shopper: User) -> None:
    session = open_session(shopper)

    async def scenario() -> None:
        async with connected(Relay()) as client:
            await client.say("authenticate", issue_access(session), id=7)
            assert await client.hear() == {
                "event": "authenticated",
                "data": {"user_id": str(shopper.pk), "role": "customer", "session": str(session.pk)},
                "id": 7,
            }

    run(scenario)


def test_staff_are_told_their_role() -> None:
    token = token_of(make_user(role="manager"))

    async def scenario() -> None:
        async with connected(Relay()) as client:
            assert (await client.ask("authenticate", token))["data"]["role"] == "manager"

    run(scenario)


@pytest.mark.parametrize("bad", ["", "nonsense", "a.b.c", "\ud800", "x" * 10_000])
def test_a_bad_token_is_refused_and_closed(bad: str) -> None:
    async def scenario() -> None:
        async with connected(Relay()) as client:
            await client.say("authenticate", bad)
            assert await client.hear_refusal() == ("token_invalid", 4401)

    run(scenario)


def test_a_revoked_session_does_not_sign_in(shopper: User) -> None:
    session = open_session(shopper)
    token = issue_access(session)
    session.revoked_at = clock.now()
    session.save()

    async def scenario() -> None:
        async with connected(Relay()) as client:
            await client.say("authenticate", token)
            assert await client.hear_refusal() == ("token_invalid", 4401)

    run(scenario)


def test_whoever_does_not_sign_in_is_closed_in_time() -> None:
    async def scenario() -> None:
        async with connected(Relay(), limits=Limits(sign_in_seconds=0.05)) as client:
            assert await client.hear_refusal() == ("too_late", 4408)

    run(scenario)


def test_the_deadline_is_no_longer_there_after_signing_in(token: str) -> None:
    async def scenario() -> None:
        async with connected(Relay(), token=token, limits=Limits(sign_in_seconds=0.5)) as client:
            assert await client.hears_nothing(0.7)
            assert (await client.ask("ping"))["event"] == "pong"

    run(scenario)


def test_the_socket_closes_when_the_token_runs_out(token: str) -> None:
    expiry = authenticate_access(token).expires_at
    consumer = LiveConsumer.as_asgi()

    async def late(*asgi: Any) -> None:
        with clock.frozen_at(expiry - timedelta(seconds=0.05)):
            await consumer(*asgi)

    async def scenario() -> None:
        async with connected(Relay(), token=token, application=late) as client:
            assert await client.hear_refusal() == ("token_expired", 4401)

    run(scenario)


def test_a_fresh_token_of_the_same_person_prolongs_the_socket(shopper: User, token: str) -> None:
    expiry = authenticate_access(token).expires_at
    fresh = issue_access(open_session(shopper), lifetime=timedelta(hours=1))
    consumer = LiveConsumer.as_asgi()

    async def late(*asgi: Any) -> None:
        with clock.frozen_at(expiry - timedelta(seconds=0.5)):
            await consumer(*asgi)

    async def scenario() -> None:
        async with connected(Relay(), token=token, application=late) as client:
            assert (await client.ask("authenticate", fresh))["event"] == "authenticated"
            assert await client.hears_nothing(0.7)
            assert (await client.ask("ping"))["event"] == "pong"

    run(scenario)


def test_nobody_takes_over_somebody_elses_socket(token: str) -> None:
    other = token_of(make_user())

    async def scenario() -> None:
        async with connected(Relay(), token=token) as client:
            assert (await client.ask("authenticate", other))["data"]["code"] == "already_authenticated"
            assert (await client.ask("ping"))["event"] == "pong"

    run(scenario)


@pytest.mark.parametrize("text", ["", "hello", "[]", '{"event": 1}', '{"event":"ping","event":"ping"}'])
def test_a_malformed_frame_ends_the_socket(text: str) -> None:
    async def scenario() -> None:
        async with connected(Relay()) as client:
            await client.say_text(text)
            assert await client.hear_refusal() == ("malformed_frame", 4400)
            await client.say("ping")
            assert await client.hears_nothing()

    run(scenario)


def test_a_binary_frame_ends_the_socket() -> None:
    async def scenario() -> None:
        async with connected(Relay()) as client:
            await client.say_bytes(b'{"event":"ping"}')
            assert await client.hear_refusal() == ("malformed_frame", 4400)

    run(scenario)


def test_unknown_events_and_wrong_data_are_refused_and_the_socket_stays() -> None:
    async def scenario() -> None:
        async with connected(Relay()) as client:
            await client.say("join_room", "admins", id=1)
            answer = await client.hear()
            assert (answer["event"], answer["data"]["code"], answer["id"]) == ("error", "unknown_event", 1)
            assert (await client.ask("authenticate", 5))["data"]["code"] == "invalid"
            assert (await client.ask("ping"))["event"] == "pong"

    run(scenario)


def test_too_many_frames_in_a_second_end_the_socket() -> None:
    async def scenario() -> None:
        async with connected(Relay(), limits=Limits(frames_per_second=5)) as client:
            for _ in range(5):
                assert (await client.ask("ping"))["event"] == "pong"
            await client.say("ping")
            assert await client.hear_refusal() == ("rate_limited", 4429)

    run(scenario)


def test_twenty_frames_in_a_second_are_fine_and_one_more_is_not() -> None:
    async def scenario() -> None:
        async with connected(Relay()) as client:
            for _ in range(21):
                await client.say("ping")
            events = [(await client.hear())["event"] for _ in range(21)]
            assert events == ["pong"] * 20 + ["error"]
            assert await client.hear_close() == 4429

    run(scenario)


def test_slow_frames_never_add_up() -> None:
    async def scenario() -> None:
        async with connected(Relay(), limits=Limits(frames_per_second=2)) as client:
            with patch.object(live, "_loop_time") as time:
                for second in range(10):
                    time.return_value = second * 0.5
                    assert (await client.ask("ping"))["event"] == "pong"

    run(scenario)
