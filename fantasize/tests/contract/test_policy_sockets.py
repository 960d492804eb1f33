"""The sockets' part of the policy table, walked in full."""

import uuid
from typing import Any

import pytest

from accounts.models import User
from accounts.tests.factories import make_user
from catalog.tests.factories import make_product
from fantasize.tests.contract import cast
from fantasize.tests.contract.policy_table import SOCKET_TOKENS, SOCKETS, read
from orders.tests.factories import make_order
from realtime import protocol
from realtime.consumers import Relay
from realtime.tests.client import connected, run, token_of

pytestmark = pytest.mark.django_db(transaction=True)

TABLE = read(SOCKETS)


async def answer_to(token: str, event: str, data: Any) -> str:
    """The event of the answer on a fresh socket, or the code of the error."""
    is_signing_in = event == "authenticate"
    async with connected(Relay(), token="" if is_signing_in else token) as client:
        frame = await client.ask(event, token if is_signing_in else data)
    return str(frame["data"]["code"] if frame["event"] == "error" else frame["event"])


def tokens_of(customer: User) -> dict[str, str]:
    staff = {
        name: token_of(make_user(role=role)) for name, role in (("manager", "manager"), ("admin", "administrator"))
    }
    own = token_of(customer)
    return {"nobody": "", "own": own, "other": token_of(make_user()), "absent": own, **staff}


def test_every_action_has_its_row() -> None:
    assert set(TABLE) == set(protocol._READERS)


@pytest.mark.parametrize("event", TABLE)
def test_everybody_may_do_on_a_socket_what_the_table_says(event: str) -> None:
    customer = make_user()
    product = make_product()
    tokens, order = tokens_of(customer), make_order(user=customer, product=product)
    told = {}

    async def scenario() -> None:
        for caller, token in tokens.items():
            is_thing = event == "preview" or event.endswith("_inventory")
            row, nobodys = (product.pk, 999_999_999) if is_thing else (order.pk, uuid.uuid4())
            asked = str(nobodys if caller == "absent" else row)
            told[caller] = await answer_to(token, event, {"product": asked} if event == "preview" else asked)

    run(scenario)
    assert told == TABLE[event]


def test_no_other_token_signs_a_socket_in() -> None:
    tokens = {**cast.dead_tokens(), "owing": token_of(cast.make_owing())}
    told = {}

    async def scenario() -> None:
        for name, token in tokens.items():
            told[name] = await answer_to(token, "authenticate", None)

    run(scenario)
    assert told == {name: cells["answer"] for name, cells in read(SOCKET_TOKENS).items()}
