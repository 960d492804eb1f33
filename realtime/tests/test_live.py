"""One socket, seen from its client."""

import json
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.db import OperationalError

from accounts.models import User
from accounts.tests.factories import make_user
from accounts.tokens import authenticate_access, issue_access
from fantasize.core import clock
from orders.enums import OrderStatus
from orders.models import Order
from orders.tests.factories import make_order
from realtime.consumers import Limits, LiveConsumer, Relay, live
from realtime.consumers.database import in_database
from realtime.tests.client import STEPS, connected, move, open_session, run, token_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shopper() -> User:
    return make_user()


@pytest.fixture
def order(shopper: User) -> Order:
    return make_order(user=shopper)


@pytest.fixture
def token(shopper: User) -> str:
    return token_of(shopper)


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


@pytest.mark.parametrize("event", ["track_order", "untrack_order"])
def test_strangers_are_told_nothing_about_orders(order: Order, event: str) -> None:
    async def scenario() -> None:
        async with connected(Relay()) as client:
            await client.say(event, str(order.pk))
            assert await client.hear_refusal() == ("not_authenticated", 4401)

    run(scenario)


def test_a_wrong_order_token_finds_nothing(order: Order) -> None:
    async def scenario() -> None:
        async with connected(Relay()) as client:
            answer = await client.ask("track_order", {"order": str(order.pk), "token": "guess"})
            assert answer["data"]["code"] == "not_found"

    run(scenario)


@pytest.mark.parametrize("by", ["pk", "number"])
def test_tracking_tells_everything_so_far(order: Order, token: str, by: str) -> None:
    move(order, OrderStatus.PROCESSING)

    async def scenario() -> None:
        async with connected(Relay(), token=token) as client:
            await client.say("track_order", str(getattr(order, by)), id=1)
            answer = await client.hear()
            assert (answer["event"], answer["id"]) == ("tracking", 1)
            data = answer["data"]
            assert data.keys() == {"order", "status", "seq", "recovered", "events"}
            assert (data["order"], data["status"], data["seq"]) == (str(order.pk), "processing", 2)
            assert data["recovered"] is False
            assert [(event["seq"], event["name"]) for event in data["events"]] == [
                (1, "order.placed"),
                (2, "order.processing"),
            ]

    run(scenario)


def test_each_step_arrives_once_and_in_order(order: Order, token: str) -> None:
    async def scenario() -> None:
        async with Relay().running() as relay, connected(relay, token=token) as client:
            await client.ask("track_order", str(order.pk))
            for number, status in enumerate(STEPS, start=2):
                await in_database(move, order, status)
                frame = await client.hear()
                assert frame["event"] == "order_status_update"
                data = frame["data"]
                assert (data["seq"], data["name"], data["status"]) == (number, f"order.{status}", status)
                assert data["previous"] == ("pending", *STEPS)[number - 2]
                assert datetime.fromisoformat(data["occurred_at"]).tzinfo == UTC
                assert data["order"] == str(order.pk)
            assert await client.hears_nothing()

    run(scenario)


def test_details_for_the_customer_come_along(order: Order, token: str) -> None:
    for status in STEPS[:3]:
        move(order, status)

    async def scenario() -> None:
        async with connected(Relay(), token=token) as client:
            answer = await client.ask("track_order", {"order": str(order.pk), "after": 3})
            assert answer["data"]["events"][0]["details"] == {"carrier": "", "tracking_number": ""}

    run(scenario)


def test_a_known_position_is_gone_on_from(order: Order, token: str) -> None:
    for status in STEPS[:3]:
        move(order, status)

    async def scenario() -> None:
        async with connected(Relay(), token=token) as client:
            for after, seqs in ((2, [3, 4]), (4, []), (0, [1, 2, 3, 4])):
                answer = await client.ask("track_order", {"order": order.number, "after": after})
                assert answer["event"] == "tracking"
                assert answer["data"]["recovered"] is True
                assert [event["seq"] for event in answer["data"]["events"]] == seqs

    run(scenario)


@pytest.mark.parametrize("after", [2, 2**31, 2**53 - 1])
def test_a_position_that_never_was_gets_everything_anew(order: Order, token: str, after: int) -> None:
    async def scenario() -> None:
        async with connected(Relay(), token=token) as client:
            await client.say("track_order", {"order": str(order.pk), "after": after}, id=9)
            answer = await client.hear()
            assert (answer["event"], answer["id"]) == ("resync", 9)
            assert answer["data"]["recovered"] is False
            assert (answer["data"]["status"], answer["data"]["seq"]) == ("pending", 1)
            assert [event["seq"] for event in answer["data"]["events"]] == [1]

    run(scenario)


def test_foreign_and_absent_orders_look_the_same_to_the_byte(token: str) -> None:
    foreign = make_order()
    lookups = [str(foreign.pk), str(foreign.number), str(uuid.uuid4()), "999999", "", "order:1", "\0", "9" * 50]

    async def scenario() -> None:
        async with Relay().running() as relay, connected(relay, token=token) as client:
            answers = set()
            for event in ("track_order", "untrack_order"):
                for lookup in lookups:
                    await client.say(event, lookup)
                    answers.add(await client.hear_text())
            expected = {"event": "error", "data": {"code": "not_found", "title": "Not found", "detail": "Not found."}}
            assert [json.loads(answer) for answer in answers] == [expected]
            await in_database(move, foreign, OrderStatus.PROCESSING)
            assert await client.hears_nothing(0.3)
            assert (await client.ask("ping"))["event"] == "pong"

    run(scenario)


def test_staff_with_the_right_may_follow_any_order(order: Order) -> None:
    token = token_of(make_user(role="manager"))

    async def scenario() -> None:
        async with connected(Relay(), token=token) as client:
            assert (await client.ask("track_order", str(order.pk)))["event"] == "tracking"

    run(scenario)


def test_an_order_is_followed_no_longer_when_asked(order: Order, token: str) -> None:
    async def scenario() -> None:
        async with Relay(sweep_seconds=0.05).running() as relay, connected(relay, token=token) as client:
            await client.ask("track_order", str(order.pk))
            answer = await client.ask("untrack_order", order.number)
            assert answer == {"event": "untracked", "data": {"order": str(order.pk)}}
            await in_database(move, order, OrderStatus.PROCESSING)
            assert await client.hears_nothing(0.3)

    run(scenario)


def test_following_again_takes_another_snapshot_and_doubles_nothing(order: Order, token: str) -> None:
    async def scenario() -> None:
        async with Relay().running() as relay, connected(relay, token=token) as client:
            for _ in range(3):
                assert (await client.ask("track_order", str(order.pk)))["data"]["seq"] == 1
            await in_database(move, order, OrderStatus.PROCESSING)
            assert (await client.hear())["data"]["seq"] == 2
            assert await client.hears_nothing(0.3)

    run(scenario)


def test_one_socket_follows_a_bounded_number_of_orders(shopper: User, token: str) -> None:
    orders = [make_order(user=shopper) for _ in range(3)]

    async def scenario() -> None:
        async with connected(Relay(), token=token, limits=Limits(orders=2)) as client:
            for order in orders[:2]:
                assert (await client.ask("track_order", str(order.pk)))["event"] == "tracking"
            assert (await client.ask("track_order", str(orders[2].pk)))["data"]["code"] == "too_many_orders"
            assert (await client.ask("track_order", str(orders[0].pk)))["event"] == "tracking"
            await client.ask("untrack_order", str(orders[0].pk))
            assert (await client.ask("track_order", str(orders[2].pk)))["event"] == "tracking"

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


def test_a_database_that_is_away_is_said_and_survived(order: Order, token: str) -> None:
    async def scenario() -> None:
        async with Relay(sweep_seconds=0.05).running() as relay, connected(relay, token=token) as client:
            with patch.object(live, "history_of", side_effect=OperationalError):
                answer = await client.ask("track_order", str(order.pk))
                assert answer["data"]["code"] == "unavailable"
            await client.ask("track_order", str(order.pk))
            with patch.object(live, "updates_after", side_effect=OperationalError) as updates:
                await in_database(move, order, OrderStatus.PROCESSING)
                assert await client.hears_nothing(0.2)
                assert updates.called
            assert (await client.hear())["data"]["seq"] == 2

    run(scenario)
