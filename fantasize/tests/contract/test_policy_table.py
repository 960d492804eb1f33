"""The policy table, walked in full: every operation, every page of the admin and every socket action, by everybody."""

import copy
import json
import re
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
from django.contrib import admin
from django.template.response import SimpleTemplateResponse
from django.test import Client, RequestFactory
from django.urls import get_resolver
from unfold.sites import UnfoldAdminSite

from accounts.auth import tickets
from accounts.models import User
from accounts.tests.factories import PASSWORD, make_user
from fantasize.tests.contract import cast
from fantasize.tests.contract.admin_pages import pages, routes, rows_of
from fantasize.tests.contract.documented import OPERATIONS, PREFIX
from fantasize.tests.contract.policy_admin import ACTIONS, ADMIN
from fantasize.tests.contract.policy_table import OPEN_PAGES, REST, read
from fantasize.tests.contract.shortcuts import keep_callers, keep_sign_ins
from fantasize.tests.contract.standing import Mark
from fantasize.tests.contract.world import World, collection_of
from fantasize.tests.staff import make_viewer, sign_in, signed_in
from orders.services import documents

pytestmark = pytest.mark.django_db

REQUEST_ID = "11111111-1111-4111-8111-111111111111"
ABSENT = {str: "00000000-0000-4000-8000-000000000000", int: 999_999_999}
# Who calls in which column of the table.
CALLERS = {
    "nobody": ["nobody"],
    "dead": [*cast.DEAD],
    "owing": ["owing"],
    "own": ["customer"],
    "other": ["stranger"],
    "absent": ["customer"],
    "manager": ["manager"],
    "admin": ["administrator"],
    "idle": ["idle"],
    "working": ["working"],
}
CODES = {404: "not_found", 403: "permission_denied", 400: "webhook_signature_invalid"}


class Walk:
    """Calls operations as everybody; rows that paths name are the customer's."""

    def __init__(self, world: World) -> None:
        self.world, self.client = world, Client(raise_request_exception=False)
        self.rows = cast.own_rows(world.user("customer"), world)
        self.headers = {**cast.headers_of(world), "nobody": {}}
        self.mark = Mark()

    def call(self, operation: str, caller: str, *, is_absent: bool = False) -> Any:
        method, template = operation.split(" ")
        with self.mark.undone():
            body = cast.BODIES.get(operation, None if method in ("GET", "DELETE") else {})
            sent = body(self.world) if callable(body) else body
            content = b"" if sent is None else json.dumps(sent).encode()
            headers = {"Idempotency-Key": "once", "If-Match": "*", "X-Request-ID": REQUEST_ID}
            path = self.path(PREFIX + template, is_absent=is_absent)
            answer: Any = self.client.generic(
                method, path, content, "application/json", headers=headers | self.headers[caller]
            )
        if answer.streaming:
            # Read to its end, it closes its file.
            answer.getvalue()
        return answer

    def path(self, template: str, *, is_absent: bool = False) -> str:
        collection = collection_of(template)
        key = self.rows.get(collection) or self.world.row(collection, "customer")
        if is_absent:
            key = ABSENT[int if isinstance(key, int) else str]
        return re.sub(r"\{\w+\}", str(key), template)


@pytest.fixture
def walk(world: World, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Walk:
    """What documents look like is left out."""
    settings.API_KEYS = cast.API_KEYS
    monkeypatch.setattr(documents, "make", lambda _order, _kind: b"%PDF")
    # On a busy machine a walk takes longer than somebody has for their second factor.
    monkeypatch.setattr(tickets.SecondStepTicket, "lifetime", timedelta(hours=1))
    keep_callers(monkeypatch)
    return Walk(world)


def outcome(answer: Any, caller: str) -> str:
    """The status, and the code if it is another than its callers' usual one."""
    status = answer.status_code
    if status < 400 or status in (409, 415):
        return str(status)
    code = answer.json()["code"]
    usual = {401: {"nobody": "not_authenticated", **cast.DEAD}.get(caller), **CODES, 422: "invalid"}
    if caller == "owing" and code == "mfa_enrolment_required":
        return "mfa"
    return str(status) if code == usual.get(status) else f"{status}:{code}"


def test_every_operation_has_its_row() -> None:
    assert set(read(REST)) == set(OPERATIONS)


def test_everybody_may_do_over_rest_what_the_table_says(walk: Walk) -> None:
    deviations = []
    for operation, cells in read(REST).items():
        for column, expected in cells.items():
            for caller in CALLERS[column] if expected != "-" else ():
                found = outcome(walk.call(operation, caller, is_absent=column == "absent"), caller)
                if found != expected:
                    deviations.append(f"{operation} as {caller} ({column}): {found}, not {expected}")
    assert not deviations, "\n".join(deviations)


def test_what_is_somebody_elses_looks_to_the_byte_like_what_is_not_there(walk: Walk) -> None:
    compared = 0
    for operation in (name for name, cells in read(REST).items() if cells["absent"] in ("403", "404")):
        foreign, absent = walk.call(operation, "stranger"), walk.call(operation, "customer", is_absent=True)
        if foreign.status_code >= HTTPStatus.BAD_REQUEST:
            assert foreign.content == absent.content, operation
            assert visible(foreign) == visible(absent), operation
            compared += 1
    assert compared > 20


def visible(answer: Any) -> dict[str, str]:
    """The headers, but for how many calls are left."""
    return {name: value for name, value in answer.headers.items() if name != "RateLimit"}


class Visits:
    """Opens and posts to pages of the admin as everybody; what they would look like is left out."""

    def __init__(self, world: World) -> None:
        superuser = User.objects.create_superuser("root@example.com", PASSWORD)
        self.pages = pages(rows_of(world))
        self.browsers: dict[str, list[Client]] = {
            "outsider": [Client(), signed_in(world.user("customer"))],
            "owing": [_signed_in_without_mfa(cast.make_owing())],
            "viewer": [signed_in(make_viewer())],
            "manager": [signed_in(world.user("manager"))],
            "admin": [signed_in(world.user("administrator"))],
            "superuser": [signed_in(superuser)],
        }
        self.cookies = {it: copy.deepcopy(it.cookies) for them in self.browsers.values() for it in them}
        self.mark = Mark()

    def visit(self, route: str, visitor: str) -> str:
        """What opening the page and posting to it come to; the same in all of the visitor's browsers."""
        url = self.pages[route]
        found = {f"{self._ask(it, 'GET', url)}/{self._ask(it, 'POST', url)}" for it in self.browsers[visitor]}
        return " or ".join(sorted(found))

    def _ask(self, browser: Client, method: str, url: str) -> int:
        with self.mark.undone():
            answer: Any = browser.generic(method, url, b"post=yes", "application/x-www-form-urlencoded")
        if answer.streaming:
            # Read to its end, it closes its file.
            answer.getvalue()
        if answer.cookies:
            browser.cookies = copy.deepcopy(self.cookies[browser])
        return int(answer.status_code)


@pytest.fixture
def visits(world: World, monkeypatch: pytest.MonkeyPatch) -> Visits:
    visits = Visits(world)
    keep_sign_ins(monkeypatch)
    monkeypatch.setattr(SimpleTemplateResponse, "rendered_content", "")
    monkeypatch.setattr(UnfoldAdminSite, "each_context", lambda _site, _request: {"has_permission": True})
    return visits


def _signed_in_without_mfa(user: User) -> Client:
    client = Client()
    sign_in(client, user, mfa_at=None)
    return client


def test_every_page_of_the_admin_has_its_row() -> None:
    assert set(read(ADMIN)) == set(pages({}))


def test_everybody_may_do_in_the_admin_what_the_table_says(visits: Visits) -> None:
    deviations = []
    for route, cells in read(ADMIN).items():
        for visitor, expected in cells.items():
            if (found := visits.visit(route, visitor)) != expected:
                deviations.append(f"{route} as {visitor}: {found}, not {expected}")
    assert not deviations, "\n".join(deviations)


def actions_of(page: Any, user: User) -> str:
    """What the user can do with many rows of the page's list."""
    request = RequestFactory().get("/")
    request.user = user
    names = page.get_actions(request) if page.has_view_permission(request) else ()
    return ",".join(name.removeprefix("move_to_").removesuffix("_admin_action") for name in names) or "-"


def test_everybody_may_do_with_many_rows_what_the_table_says() -> None:
    people = {
        "viewer": make_viewer(),
        "manager": make_user(role="manager"),
        "admin": make_user(role="administrator"),
        "superuser": User.objects.create_superuser("root@example.com", PASSWORD),
    }
    found = {
        model._meta.label_lower: {name: actions_of(page, user) for name, user in people.items()}
        for model, page in admin.site._registry.items()
    }
    assert found == read(ACTIONS)


def paths_beside(prefixes: tuple[str, ...]) -> set[str]:
    """The paths of the URLconf that do not begin with one of ``prefixes``."""
    found = {f"/{route.removesuffix('/?')}" for route in routes(get_resolver().url_patterns)}
    return {path for path in found if not path.startswith(prefixes)}


def test_what_is_neither_api_nor_admin_is_for_everybody() -> None:
    expected = {path: int(cells["status"]) for path, cells in read(OPEN_PAGES).items()}
    named = (name.split(" ")[1].replace("{id}", "<pk>") for name in OPERATIONS)
    documented = {PREFIX + re.sub(r"\{(\w+)\}", r"<\1>", path) for path in named}
    assert paths_beside(("/admin/",)) - documented == set(expected)
    assert {path: Client().get(path).status_code for path in expected} == expected
