"""Previews while somebody types: as over HTTP, one at a time, the newest first."""

import asyncio
import threading
from typing import Any
from unittest.mock import patch

import pytest
from django.db import OperationalError

from accounts.models import User
from catalog.models import Product
from catalog.tests.factories import make_product
from customizations.services import previews as service
from customizations.tests.factories import COLOUR, NAME, PHOTO, make_schema, make_template, make_upload
from fantasize.core import guests, limits
from fantasize.core.errors import UnavailableError
from fantasize.tests.client import ApiClient
from fantasize.tests.waiting import PATIENCE_SECONDS
from realtime.consumers import Limits, Relay, previews
from realtime.consumers.previews import site_of
from realtime.tests.client import connected, run

pytestmark = pytest.mark.django_db(transaction=True)

ANSWERS = {"colour": "gold", "name": "Ada"}


@pytest.fixture
def product() -> Product:
    product = make_product()
    make_template(products=[product.pk], schema=make_schema(options=[COLOUR, NAME, PHOTO]))
    return product


class Easel:
    """Draws nothing until it is told to, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.begun, self.may_go_on = threading.Event(), threading.Event()

    def look_at(self, question: previews.Question) -> dict[str, Any]:
        self.asked.append(question.wish.answers["name"])
        self.begun.set()
        assert self.may_go_on.wait(PATIENCE_SECONDS)
        return {"name": question.wish.answers["name"]}


def test_the_answer_is_that_of_the_api(product: Product) -> None:
    asked = {"product": product.pk, "answers": {**ANSWERS, "name": "中", "size": "xl"}}
    told = ApiClient().post("/customizations/preview", asked).data
    assert [error["code"] for error in told["errors"]] == ["unknown_option", "glyph_missing"]

    async def scenario() -> None:
        async with connected(Relay()) as client:
            await client.say("preview", asked, id=7)
            assert await client.hear() == {"event": "preview", "data": told, "id": 7}

    run(scenario)


def test_photos_are_those_of_whoever_asks(product: Product, shopper: User, token: str) -> None:
    guest = guests.new_token()
    mine, theirs = make_upload(shopper.actor), make_upload(guests.principal_of(guest))

    async def ask(client: Any, upload: Any, **more: Any) -> bool:
        asked = {"product": product.pk, "answers": {**ANSWERS, "photo": str(upload.pk)}, **more}
        return bool((await client.ask("preview", asked))["data"]["valid"])

    async def scenario() -> None:
        async with connected(Relay(), token=token) as client:
            assert await ask(client, mine)
            assert not await ask(client, theirs)
            # Who has signed in is who they are.
            assert not await ask(client, theirs, cart_token=guest)
        async with connected(Relay()) as client:
            assert await ask(client, theirs, cart_token=guest)
            assert not await ask(client, theirs)
            assert not await ask(client, mine, cart_token=guest)

    run(scenario)


def test_while_one_is_drawn_the_newest_waits_and_everything_else_goes_on() -> None:
    easel = Easel()

    async def scenario() -> None:
        async with connected(Relay()) as client:
            for number, name in enumerate(("A", "Ad", "Ada"), start=1):
                await client.say("preview", {"product": 1, "answers": {"name": name}}, id=number)
            assert (await client.ask("ping"))["event"] == "pong"
            easel.may_go_on.set()
            heard = [await client.hear(), await client.hear()]
            assert heard == [
                {"event": "preview", "data": {"name": name}, "id": at} for name, at in (("A", 1), ("Ada", 3))
            ]
            assert (await client.ask("preview", {"product": 1, "answers": {"name": "Adam"}}))["data"] == {
                "name": "Adam"
            }

    with patch.object(previews, "look_at", easel.look_at):
        run(scenario)
    assert easel.asked == ["A", "Ada", "Adam"]


def test_refusals_are_told_and_leave_the_socket_open(product: Product) -> None:
    asked = {"product": product.pk, "answers": ANSWERS}
    outcomes: list[Any] = [
        (OperationalError(), "unavailable"),
        (UnavailableError(code="busy"), "busy"),
        (KeyError("a fault of ours"), "unavailable"),
    ]

    async def scenario() -> None:
        async with connected(Relay()) as client:
            assert (await client.ask("preview", {"product": 999_999_999}))["data"]["code"] == "invalid"
            for error, code in outcomes:
                with patch.object(service, "render_preview", side_effect=error):
                    assert (await client.ask("preview", asked))["data"]["code"] == code
            assert (await client.ask("preview", asked))["data"]["valid"]

    with patch.object(previews, "log"):
        run(scenario)


def test_they_are_counted_as_over_http(product: Product, settings: Any, shopper: User, token: str) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "previews": "1/1h"}
    for subject in ("address:local", str(shopper.actor)):
        limits.clear("previews", subject)
    assert ApiClient(shopper).post("/customizations/preview", {"product": product.pk}).status == 200

    async def scenario() -> None:
        async with connected(Relay()) as client:
            assert (await client.ask("preview", {"product": product.pk}))["event"] == "preview"
            assert (await client.ask("preview", {"product": product.pk}))["data"]["code"] == "rate_limited"
            assert (await client.ask("ping"))["event"] == "pong"
        async with connected(Relay(), token=token) as client:
            assert (await client.ask("preview", {"product": product.pk}))["data"]["code"] == "rate_limited"

    run(scenario)


def test_more_than_can_be_drawn_in_time_are_told_to_come_again() -> None:
    easel, asked = Easel(), {"product": 1, "answers": {"name": "Ada"}}

    async def scenario() -> None:
        async with connected(Relay()) as first, connected(Relay()) as second:
            await first.say("preview", asked)
            await asyncio.to_thread(easel.begun.wait, PATIENCE_SECONDS)
            assert (await second.ask("preview", asked))["data"]["code"] == "busy"
            easel.may_go_on.set()
            assert (await first.hear())["event"] == "preview"
            assert (await second.ask("preview", asked))["event"] == "preview"

    with patch.object(previews, "MOST_AT_ONCE", 1), patch.object(previews, "look_at", easel.look_at):
        run(scenario)


def test_a_guest_who_types_may_pause() -> None:
    easel = Easel()
    easel.may_go_on.set()

    async def scenario() -> None:
        async with connected(Relay(), limits=Limits(sign_in_seconds=0.3, preview_seconds=1)) as client:
            assert (await client.ask("preview", {"product": 1, "answers": {"name": "A"}}))["event"] == "preview"
            assert await client.hears_nothing(0.5)
            assert await client.hear_refusal() == ("too_late", 4408)

    with patch.object(previews, "look_at", easel.look_at):
        run(scenario)


def test_nothing_is_told_to_a_socket_that_was_closed() -> None:
    easel = Easel()

    async def scenario() -> None:
        async with connected(Relay()) as client:
            await client.say("preview", {"product": 1, "answers": {"name": "A"}})
            await client.say_text("no frame")
            assert await client.hear_refusal() == ("malformed_frame", 4400)
            easel.may_go_on.set()
            assert await client.hears_nothing()
        assert not previews._under_way

    with patch.object(previews, "look_at", easel.look_at):
        run(scenario)


@pytest.mark.parametrize(
    ("scope", "site"),
    [
        ({"headers": []}, "local"),
        ({"headers": [], "client": ("198.51.100.7", 1)}, "198.51.100.7"),
        ({"headers": [(b"x-forwarded-for", b"203.0.113.9")], "client": ("198.51.100.7", 1)}, "198.51.100.7"),
        ({"headers": [(b"x-forwarded-for", b"1.2.3.4, 203.0.113.9")], "client": ("127.0.0.1", 1)}, "203.0.113.9"),
        ({"headers": [], "client": ("2001:db8::1", 1)}, "2001:db8::/64"),
    ],
)
def test_sockets_come_from_where_calls_would(scope: dict[str, Any], site: str, settings: Any) -> None:
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    assert site_of(scope) == site
