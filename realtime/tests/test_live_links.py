"""Following an order by a link to it, without an account."""

from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.db import transaction

from accounts.models import User
from fantasize.core import clock, limits, outbox
from fantasize.core.events import Event
from orders.enums import LinkScope, OrderStatus
from orders.events import AGGREGATE
from orders.models import Order, OrderLink
from orders.services import links
from orders.tests.factories import make_order
from realtime.consumers import Limits, Relay
from realtime.consumers.database import in_database
from realtime.tests.client import Client, connected, move, run

pytestmark = pytest.mark.django_db(transaction=True)

NOT_FOUND = {"code": "not_found", "title": "Not found", "detail": "Not found."}


def link_to(order: Order, scope: LinkScope = LinkScope.RECIPIENT) -> dict[str, str]:
    """What ``track_order`` takes of somebody with a link to the order."""
    return {"order": str(order.pk), "token": links.issue(order, scope=scope, actor="system")}


async def track(client: Client, data: dict[str, Any]) -> dict[str, Any]:
    answer = await client.ask("track_order", data)
    assert answer["event"] == "tracking"
    return dict(answer["data"])


def revoke_all() -> None:
    for link in OrderLink.objects.all():
        links.revoke(link_id=link.pk, actor="user:staff")


def expire_last() -> None:
    newest = OrderLink.objects.latest("created_at")
    OrderLink.objects.filter(pk=newest.pk).update(created_at=clock.now() - timedelta(days=1), expires_at=clock.now())


def refund(order: Order) -> None:
    """Something about money, told to whoever bought it."""
    data = {"status": "processing", "previous": "processing", "details": {"refunded": "12.34"}, "amount": "12.34"}
    with transaction.atomic():
        outbox.publish(Event(AGGREGATE, str(order.pk), "order.refunded", data, "system"))


def test_a_link_stands_in_for_signing_in_and_is_not_asked_to(order: Order) -> None:
    owner, recipient = link_to(order, LinkScope.OWNER), link_to(order)

    async def scenario() -> None:
        relay, fast = Relay(), Limits(sign_in_seconds=0.3)
        async with relay.running(), connected(relay, limits=fast) as ours, connected(relay, limits=fast) as theirs:
            await track(ours, owner)
            await track(theirs, recipient)
            assert await ours.hears_nothing(0.5)
            await in_database(move, order, OrderStatus.PROCESSING)
            for client in (ours, theirs):
                assert (await client.hear())["data"]["name"] == "order.processing"

    run(scenario)


def test_recipients_hear_of_every_event_and_of_no_money(order: Order) -> None:
    owner, recipient = link_to(order, LinkScope.OWNER), link_to(order)

    async def scenario() -> None:
        async with Relay().running() as relay, connected(relay) as theirs, connected(relay) as ours:
            await track(theirs, recipient)
            await track(ours, owner)
            await in_database(refund, order)
            told, known = (await theirs.hear())["data"], (await ours.hear())["data"]
            assert (known["seq"], known["name"], known["details"]) == (2, "order.refunded", {"refunded": "12.34"})
            assert {**known, "name": "order.updated", "details": {}} == told
            assert [event["name"] for event in (await track(theirs, recipient))["events"]] == [
                "order.placed",
                "order.updated",
            ]

    run(scenario)


def test_what_opens_nothing_is_not_found_and_the_socket_stays(order: Order) -> None:
    link, expired = link_to(order), link_to(order)
    expire_last()
    wrong = [{**link, "token": "a" * 43}, {**link, "order": str(make_order().pk)}, expired]

    async def scenario() -> None:
        async with connected(Relay()) as client:
            for each in wrong:
                assert (await client.ask("track_order", each))["data"] == NOT_FOUND
            await in_database(revoke_all)
            assert (await client.ask("track_order", link))["data"]["code"] == "link_revoked"
            assert (await client.ask("ping"))["event"] == "pong"

    run(scenario)


def test_nothing_is_told_after_a_link_was_revoked(order: Order) -> None:
    """Also without the sweep: it is asked again before anything is sent."""
    link = link_to(order)

    async def scenario() -> None:
        relay, fast = Relay(sweep_seconds=3600), Limits(sign_in_seconds=0.5)
        async with relay.running(), connected(relay, limits=fast) as client:
            await relay.listening.wait()
            await track(client, link)
            await in_database(revoke_all)
            await in_database(move, order, OrderStatus.PROCESSING)
            frame = await client.hear()
            assert (frame["event"], frame["data"]["code"]) == ("error", "link_revoked")
            assert frame["data"]["order"] == str(order.pk)
            # Who may see nothing any more is somebody who has not signed in.
            assert await client.hear_refusal() == ("too_late", 4408)

    run(scenario)


def test_the_sweep_finds_links_that_have_ended(order: Order) -> None:
    stays, leaves = link_to(order, LinkScope.OWNER), link_to(order)

    async def scenario() -> None:
        relay = Relay(sweep_seconds=0.05)
        async with relay.running(), connected(relay) as ours, connected(relay) as theirs:
            await track(ours, stays)
            await track(theirs, leaves)
            await in_database(expire_last)
            assert (await theirs.hear())["data"]["code"] == "not_found"
            await in_database(move, order, OrderStatus.PROCESSING)
            assert (await ours.hear())["data"]["seq"] == 2
            assert await theirs.hears_nothing()
            await in_database(revoke_all)
            assert (await ours.hear())["data"]["code"] == "link_revoked"

    run(scenario)


def test_an_order_is_followed_by_a_link_no_longer_when_asked(order: Order) -> None:
    link, strange = link_to(order), make_order()

    async def scenario() -> None:
        relay = Relay(sweep_seconds=0.05)
        async with relay.running(), connected(relay, limits=Limits(sign_in_seconds=0.5)) as client:
            await track(client, link)
            assert (await client.ask("untrack_order", str(strange.pk)))["data"] == NOT_FOUND
            answer = await client.ask("untrack_order", order.number)
            assert answer == {"event": "untracked", "data": {"order": str(order.pk)}}
            await in_database(move, order, OrderStatus.PROCESSING)
            assert await client.hear_refusal() == ("too_late", 4408)

    run(scenario)


def test_an_account_sees_its_own_orders_as_its_own_again(order: Order, token: str, shopper: User) -> None:
    link, second = link_to(order), make_order(user=shopper)

    async def scenario() -> None:
        async with Relay().running() as relay, connected(relay, token=token) as client:
            await in_database(refund, order)
            assert (await track(client, link))["events"][1]["name"] == "order.updated"
            assert (await track(client, {"order": str(order.pk)}))["events"][1]["name"] == "order.refunded"
            await in_database(revoke_all)
            await relay.sweep()
            await track(client, {"order": str(second.pk)})
            assert (await client.ask("untrack_order", str(second.pk)))["event"] == "untracked"
            await in_database(move, order, OrderStatus.PROCESSING)
            assert (await client.hear())["data"]["seq"] == 3

    run(scenario)


def test_guesses_are_counted_as_over_http_and_good_tokens_are_not(order: Order, settings: Any) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "general": "2/1h"}
    link, guess = link_to(order), {"order": str(order.pk), "token": "a" * 43}

    async def scenario() -> None:
        async with connected(Relay()) as client:
            for _ in range(4):
                await track(client, link)
            with patch.object(limits, "hit", wraps=limits.hit) as hit:
                for _ in range(2):
                    assert (await client.ask("track_order", guess))["data"] == NOT_FOUND
                assert (await client.ask("track_order", guess))["data"]["code"] == "rate_limited"
            assert {call.args[1].split(":")[0] for call in hit.call_args_list} == {"address"}

    run(scenario)
