"""Every operation, called with what its schema allows and with what it does not, by everybody: schemathesis.

Deterministic: the same schema gives the same cases. Each case begins in the same small shop and is undone afterwards.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache, partial
from pathlib import Path
from typing import Any

import pytest
import schemathesis
import yaml
from django.test import TestCase
from hypothesis import HealthCheck, Phase, settings, strategies
from schemathesis import Case
from schemathesis.config import SchemathesisConfig
from schemathesis.core.parameters import ParameterLocation
from schemathesis.core.result import Ok
from schemathesis.generation.feedback import FeedbackSources
from schemathesis.pytest._test_builder import build_operation_test
from schemathesis.schemas import APIOperation, BaseSchema
from schemathesis.specs.openapi.checks import ignored_auth, use_after_free

from customizations.tests.factories import SCHEMA
from fantasize.core import guests
from fantasize.core.api.requests import ORDER_TOKEN_HEADER
from fantasize.tests.contract.shortcuts import in_this_process, keep_callers, keep_settings
from fantasize.tests.contract.stage import fresh_key
from fantasize.tests.contract.standing import Mark, StandingWorld, undone
from fantasize.tests.contract.tour import Tour
from fantasize.tests.contract.world import PICTURE, World, collection_of
from fantasize.wsgi import application

pytestmark = pytest.mark.django_db

# What a call may be refused with although it is as its schema says: who calls, what is there and which version it is
# at are no matters of a schema. 422 is not among them: what the schema allows is valid.
DUE = ["401", "403", "404", "409", "412", "428"]
ALL: dict[str, Any] = {
    "seed": 1,
    "generation": {
        "deterministic": True,
        "max-examples": 3,
        "no-shrink": True,
        # NUL is no text, wherever it stands; a pattern at every field that said so would hide the field's own.
        "allow-x00": False,
    },
    "phases": {
        # All the other methods of every path are tried elsewhere; here is one of them.
        "coverage": {"unexpected-methods": ["query"]},
        # What a walk has deleted is missed on its way: an order goes nowhere without an address.
        "stateful": {"checks": {"positive_data_acceptance": {"expected-statuses": ["2xx", "422", *DUE]}}},
    },
    "checks": {
        "positive_data_acceptance": {"expected-statuses": ["2xx", *DUE]},
        "negative_data_rejection": {"expected-statuses": ["400", "405", "406", "415", "422", *DUE]},
    },
}
# A schema whose operations have settings of their own is not narrowed by ``include``: walks have none.
SOME: dict[str, Any] = {
    "operations": [
        {
            # Guests say where they are, people do not; a cart may be empty, and only a gift has a message.
            "include-name": "POST /api/v2/orders",
            "checks": {"positive_data_acceptance": {"expected-statuses": ["2xx", "422", *DUE]}},
        },
        {
            # The same of orders that are changed, looked at or prepared; and whose lines and accounts there are.
            "include-name-regex": r"^(POST|PUT|PATCH) /api/v2/orders/(\{id\}(/review)?|quote|drafts(/\{id\})?)$",
            "checks": {"positive_data_acceptance": {"expected-statuses": ["2xx", "422", *DUE]}},
        },
        {
            # No schema can say a signature.
            "include-name": "POST /api/v2/payments/webhooks/{id}",
            "checks": {"positive_data_acceptance": {"expected-statuses": ["2xx", "400", *DUE]}},
        },
        {
            # It tells what is wrong with answers, whatever they are.
            "include-name": "POST /api/v2/customizations/preview",
            "checks": {
                "negative_data_rejection": {"expected-statuses": ["200", "400", "405", "406", "415", "422", *DUE]}
            },
        },
    ],
}
# Any file that is asked for is a picture.
schemathesis.openapi.format("binary", strategies.just(PICTURE))
DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "openapi.yaml"
# The earlier system's doors lead into the rooms that /auth does.
DOUBLES = ["/api/v2/users/register", "/api/v2/users/login"]
# What is made, named, changed and deleted; walks through everything else would seldom come back to it.
THINGS = r"^/api/v2/(products|packages|orders|brands|users/(addresses|favorites|sessions))"
# DELETE takes products and packages out of the shop, where staff can bring them back, and cancels an order: all can
# still be read.
KEPT = ("/api/v2/products", "/api/v2/packages", "/api/v2/orders")
WALKS = settings(
    max_examples=10,
    stateful_step_count=6,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)

# What no schema can say: a password that nobody guesses, a price below the list price, a place that there is.
KNOWN = {
    "email": "somebody@example.com",
    "password": "correct-horse-battery",
    "unit_price": "1.00",
    # The language of templates is the engine's.
    "schema": SCHEMA,
    "answers": {},
    "parts": {},
}
PLACE = {"line1": "1 High Street", "city": "York", "region": "", "postal_code": "YO1 7PX", "country": "GB"}
# One positive path in so many keeps the id that was made up for it.
STRANGE = 4


def _labels() -> list[str]:
    """Every operation, as the document in the repository has it: reading it is quick, generating it is not."""
    document = yaml.load(DOCUMENT.read_bytes(), Loader=yaml.CSafeLoader)
    return sorted(
        f"{method.upper()} {path}"
        for path, methods in document["paths"].items()
        for method in methods
        if path not in DOUBLES
    )


def read_schema(config: dict[str, Any]) -> BaseSchema:
    """The document as the shop answers it."""
    read = schemathesis.openapi.from_wsgi
    return read("/api/v2/schema?format=json", application, config=SchemathesisConfig.from_dict(config))


@cache
def schema() -> BaseSchema:
    """Everything that the document says."""
    return keep_settings(read_schema(ALL | SOME).exclude(path=DOUBLES))


@cache
def operations() -> "dict[str, APIOperation[Any, Any, Any, Any]]":
    """What can be called, by its label."""
    readable = [each.ok() for each in schema().get_all_operations() if isinstance(each, Ok)]
    return {operation.label: operation for operation in readable}


def build_test(label: str, check: Callable[["Case[Any]"], None]) -> Callable[[], None]:
    """``check`` with every case there is for an operation, as ``schema.parametrize()`` makes it.

    That makes all operations' cases when tests are collected, in every process: a minute before the first test.
    """
    config = schema().config
    test: Callable[[], None] = build_operation_test(
        config=config, operation=operations()[label], test_func=check, given_kwargs={}, feedback=FeedbackSources()
    )
    return test


@pytest.fixture(scope="module")
def tour(standing: StandingWorld) -> Iterator[Tour]:
    """One world for all cases."""
    with in_this_process():
        yield Tour(standing.world)


@pytest.mark.parametrize("label", _labels())
def test_every_case_is_answered_as_documented(label: str, tour: Tour, monkeypatch: pytest.MonkeyPatch) -> None:
    keep_callers(monkeypatch)
    build_test(label, partial(answer_one, tour, Mark()))()


def test_every_operation_is_tried() -> None:
    assert set(_labels()) == operations().keys()


def answer_one(tour: Tour, mark: Mark, case: "Case[Any]") -> None:
    """Call one case as whoever's turn it is, and compare the answer with the document."""
    operation = tour.operations[case.operation.label]
    if operation.is_heard(case):
        return
    role = "anonymous" if asks_nobody(case) else operation.next_role()
    door = operation.doors[role]
    name_rows(case, tour.world, role, keeps_id=len(door.statuses) % STRANGE == 0)
    if not operation.is_new(case, role):
        return
    known = [ignored_auth] if door.is_open else []
    with mark.undone(), as_somebody(role), TestCase.captureOnCommitCallbacks(execute=True):
        answer = case.call_and_validate(headers=dict(tour.world.people[role].headers), excluded_checks=known)
    operation.note(case, answer.status_code, door)


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


def is_positive(case: "Case[Any]", location: ParameterLocation) -> bool:
    """Whether this part of the case is as the schema says."""
    assert case.meta is not None
    return not case.meta.is_negative_at(location)


def name_rows(case: "Case[Any]", world: World, role: str, *, keeps_id: bool) -> None:
    """Let what is made up refer to what is there: to a schema, one number is as good as another."""
    row = world.row(collection_of(case.operation.path), role)
    if row and not keeps_id and case.path_parameters and is_positive(case, ParameterLocation.PATH):
        case.path_parameters = {**case.path_parameters, "id": str(row)}
    if guests.is_token(case.headers.get(ORDER_TOKEN_HEADER, "")):
        # A link's token comes before credentials, and one that was made up is nobody's.
        del case.headers[ORDER_TOKEN_HEADER]
    if "If-Match" in case.headers and not keeps_id and is_positive(case, ParameterLocation.HEADER):
        case.headers["If-Match"] = "*"
    if isinstance(case.body, dict) and is_positive(case, ParameterLocation.BODY):
        body = named(case.body, world)
        # What is set is judged once more, and bytes are never found right.
        if body != case.body:
            case.body = body


def named(body: dict[str, Any], world: World) -> dict[str, Any]:
    """The body with rows that are there, and with what no schema can say."""
    rows = {
        "brand": world.shared["brands"],
        "category": world.shared["categories"],
        "product": world.shared["products"],
        "package": world.shared["packages"],
    }
    body = {name: rows.get(name, value) if value is not None else None for name, value in body.items()}
    if "lines" in body:
        body["lines"] = [{**line, "product": rows["product"]} for line in body["lines"]]
    if "items" in body:
        # Each product is a part once.
        body["items"] = [{**item, "product": rows["product"]} for item in body["items"][:1]]
    body |= {name: [] for name in ("tags", "materials", "products", "packages", "categories") if name in body}
    body |= {name: None for name in ("parent", "ends_at", "tax_class") if name in body}
    for part in (body, *(body[name] for name in ("address", "shipping_address") if name in body)):
        if isinstance(part, dict) and not PLACE.keys().isdisjoint(part):
            part.update(PLACE)
    return body | {name: value for name, value in KNOWN.items() if body.get(name) is not None}


def walks_of(role: str, world: World, seen: set[tuple[str, int]]) -> Any:
    """Walks from operation to operation by the ids that answers hold; each is undone at its end."""

    things = read_schema(ALL).include(path_regex=THINGS)

    class Walk(things.as_state_machine()):  # type: ignore[misc] # its base is made of the schema
        """One walk; what was ``seen`` on all of them is gathered."""

        def setup(self) -> None:
            self.end = ExitStack()
            self.end.enter_context(undone())

        def teardown(self) -> None:
            self.end.close()

        def before_call(self, case: "Case[Any]") -> None:
            name_rows(case, world, role, keeps_id=True)
            # A repeated key would bring an answer back from before a deletion.
            if "Idempotency-Key" in case.headers and is_positive(case, ParameterLocation.HEADER):
                case.headers.update(fresh_key())

        def get_call_kwargs(self, case: "Case[Any]") -> dict[str, Any]:
            return {"headers": dict(world.people[role].headers)}

        def validate_response(self, response: Any, case: "Case[Any]", *_: Any, **kwargs: Any) -> None:
            # Credentials were tried above.
            known = [ignored_auth, *([use_after_free] if case.path.startswith(KEPT) else [])]
            case.validate_response(response, transport_kwargs=kwargs, recorder=self.recorder, excluded_checks=known)
            seen.add((case.operation.label, response.status_code))

    return Walk


def test_what_was_made_is_there_and_what_was_deleted_is_not(tour: Tour) -> None:
    seen: set[tuple[str, int]] = set()
    walks_of("manager", tour.world, seen).run(settings=WALKS)
    succeeded = {operation for operation, status in seen if status < 300}
    assert "POST /api/v2/products" in succeeded
    assert len(succeeded) > 5
