"""Every operation, called with what its schema allows and with what it does not, by everybody: schemathesis.

Deterministic: the same schema gives the same cases. Each case begins in the same small shop and is undone afterwards.
"""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
import schemathesis
from django.core import signals
from django.db import close_old_connections, transaction
from django.test import TestCase
from pytest_django import DjangoDbBlocker
from schemathesis import Case
from schemathesis.config import SchemathesisConfig
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi.checks import ignored_auth

from fantasize.tests.contract.world import World, build_world, collection_of
from fantasize.wsgi import application

pytestmark = pytest.mark.django_db

# What a call may be refused with although it is as its schema says: who calls, what is there and which version it is
# at are no matters of a schema. 422 is not among them: what the schema allows is valid.
DUE = ["401", "403", "404", "409", "412", "428"]
CONFIG = SchemathesisConfig.from_dict(
    {
        "seed": 1,
        "generation": {
            "deterministic": True,
            "max-examples": 8,
            "no-shrink": True,
            # NUL is no text, wherever it stands; a pattern at every field that said so would hide the field's own.
            "allow-x00": False,
        },
        # All the other methods of every path are tried elsewhere; here is one of them.
        "phases": {"coverage": {"unexpected-methods": ["query"]}},
        "checks": {
            "positive_data_acceptance": {"expected-statuses": ["2xx", *DUE]},
            "negative_data_rejection": {"expected-statuses": ["400", "405", "406", "415", "422", *DUE]},
        },
    }
)
# The earlier system's doors lead into the rooms that /auth does.
DOUBLES = ["/api/v2/users/register", "/api/v2/users/login"]
schema = schemathesis.openapi.from_wsgi("/api/v2/schema?format=json", application, config=CONFIG).exclude(path=DOUBLES)

CREDENTIALS = {"email": "somebody@example.com", "password": "correct-horse-battery"}
# Who takes turns: managers are let in nearly everywhere. Whom an operation has refused so often without ever letting
# them in, it refuses; their turn goes to the manager.
TURNS = ("manager", "customer", "manager", "anonymous")
REFUSALS = 12
# One positive path in so many keeps the id that was made up for it.
STRANGE = 4


@dataclass
class Door:
    """What became of one role's calls of one operation."""

    statuses: list[int] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        """Whether somebody was let in: then schemathesis has also tried without credentials, and with wrong ones."""
        return any(200 <= status < 300 for status in self.statuses)

    @property
    def is_shut(self) -> bool:
        """Whether there is no use in trying on."""
        return not self.is_open and sum(status in (401, 403) for status in self.statuses) >= REFUSALS


@dataclass
class Operation:
    """One operation, and its door for each role."""

    doors: defaultdict[str, Door] = field(default_factory=lambda: defaultdict(Door))
    cases: int = 0

    def next_role(self) -> str:
        """Whose turn it is."""
        role = TURNS[self.cases % len(TURNS)]
        self.cases += 1
        return "manager" if self.doors[role].is_shut else role


@dataclass
class Tour:
    """A world, and what was tried in it."""

    world: World
    operations: defaultdict[str, Operation] = field(default_factory=lambda: defaultdict(Operation))


@contextmanager
def undone() -> Iterator[None]:
    """Everything that happens within leaves no trace; code that may lie in no other transaction may lie in this."""
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined] # as TestCase marks its own
    with block:
        yield
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def tour(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Tour]:
    """One world for all cases. A request's end would close its connection."""
    endings = (signals.request_started, signals.request_finished)
    for signal in endings:
        signal.disconnect(close_old_connections)
    with django_db_blocker.unblock(), undone():
        yield Tour(build_world())
    for signal in endings:
        signal.connect(close_old_connections)


@schema.parametrize()
def test_every_case_is_answered_as_documented(case: "Case[Any]", tour: Tour) -> None:
    operation = tour.operations[case.operation.label]
    role = "anonymous" if asks_nobody(case) else operation.next_role()
    door = operation.doors[role]
    name_rows(case, tour.world, role, keeps_id=len(door.statuses) % STRANGE == 0)
    known = [ignored_auth] if door.is_open else []
    with undone(), as_somebody(role), TestCase.captureOnCommitCallbacks(execute=True):
        answer = case.call_and_validate(headers=dict(tour.world.people[role].headers), excluded_checks=known)
    door.statuses.append(answer.status_code)


@contextmanager
def as_somebody(role: str) -> Iterator[None]:
    """Say in a failure whose call it was: headers are left out there."""
    try:
        yield
    except BaseException as failure:
        failure.add_note(f"Called as {role}.")
        raise


def asks_nobody(case: "Case[Any]") -> bool:
    """Whether the operation reads no credentials, so that it is the same for everybody."""
    return bool(case.operation.definition.raw.get("security") == [{}])


def name_rows(case: "Case[Any]", world: World, role: str, *, keeps_id: bool) -> None:
    """Let what is made up refer to what is there: to a schema, one number is as good as another."""
    row = world.row(collection_of(case.operation.path), role)
    assert case.meta is not None
    if row and not keeps_id and case.path_parameters and not case.meta.is_negative_at(ParameterLocation.PATH):
        case.path_parameters = {"id": str(row)}
    if "If-Match" in case.headers and not keeps_id and not case.meta.is_negative_at(ParameterLocation.HEADER):
        case.headers["If-Match"] = "*"
    if isinstance(case.body, dict) and not case.meta.is_negative_at(ParameterLocation.BODY):
        case.body = named(case.body, world)


def named(body: dict[str, Any], world: World) -> dict[str, Any]:
    """The body with rows that are there, and with what no schema can say of addresses and passwords."""
    rows = {
        "brand": world.shared["brands"],
        "category": world.shared["categories"],
        "product": world.shared["products"],
    }
    body = {name: rows.get(name, value) if value is not None else None for name, value in body.items()}
    if "lines" in body:
        body["lines"] = [{**line, "product": rows["product"]} for line in body["lines"]]
    return body | {name: value for name, value in CREDENTIALS.items() if name in body}
