"""Following orders, seen from a client."""

import json
import uuid
from datetime import UTC, datetime
from unittest.mock import patch

import pytest
from django.db import OperationalError

from accounts.models import User
from accounts.tests.factories import make_user
from orders.enums import OrderStatus
from orders.models import Order
from orders.tests.factories import make_order
from realtime.consumers import Limits, Relay, live
from realtime.consumers.database import in_database
from realtime.tests.client import STEPS, connected, move, run, token_of

pytestmark = pytest.mark.django_db(transaction=True)


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
