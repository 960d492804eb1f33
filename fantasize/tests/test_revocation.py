"""Whatever takes a sign-in away takes its access token away at once, and its sockets wherever they are held."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.enums import RevokeReason, Role
from accounts.models import Session, User
from accounts.services import erasure, passwords, roles, sessions, users
from accounts.services.sessions import Device, Grant
from accounts.tests.factories import PASSWORD, make_user
from accounts.tokens import issue_access
from fantasize.core.errors import UnauthenticatedError
from fantasize.tests.client import ApiClient
from realtime.consumers import Relay
from realtime.consumers.database import in_database
from realtime.tests.client import connected, open_session, run

pytestmark = pytest.mark.django_db(transaction=True)

SOON = 0.05


def headers(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def boss() -> User:
    return make_user(role="administrator")


def log_out(grant: Grant) -> None:
    reply = ApiClient().call("POST", "/auth/logout", {}, **headers(issue_access(grant.session)))
    assert reply.status == 200


def show_twice(grant: Grant) -> None:
    sessions.rotate(refresh=grant.refresh)
    with pytest.raises(UnauthenticatedError):
        sessions.rotate(refresh=grant.refresh)


def change_password_elsewhere(grant: Grant) -> None:
    session = open_session(grant.session.user)
    passwords.change(session=session, current_password=PASSWORD, password="another-good-horse", device=Device())


def edit_role(grant: Grant) -> None:
    role = grant.session.user.groups.get()
    roles.edit(
        actor=User.objects.create_superuser("root@example.com", "x"),
        role=role,
        permissions=role.permissions.exclude(codename="view_order"),
        requires_mfa=False,
    )


CAUSES: dict[str, Callable[[Grant], Any]] = {
    "logout": log_out,
    "logout everywhere": lambda grant: sessions.end_all(user=grant.session.user, reason=RevokeReason.LOGOUT_ALL),
    "another password": change_password_elsewhere,
    "a password that staff set": lambda grant: passwords.supersede(user=grant.session.user),
    "a token used twice": show_twice,
    "another role": lambda grant: users.change(actor=boss(), user=grant.session.user, role=Role.CUSTOMER),
    "a role that gives something else": edit_role,
    "deactivation": lambda grant: users.change(actor=boss(), user=grant.session.user, is_active=False),
    "staff": lambda grant: users.end_sessions(actor=boss(), user=grant.session.user),
    "erasure": lambda grant: erasure.erase(user=grant.session.user),
}


@pytest.mark.parametrize("cause", CAUSES)
def test_it_ends_access_tokens_and_sockets_in_every_process(cause: str) -> None:
    grant = sessions.begin(user=make_user(role="manager"), device=Device())
    token, bystander = issue_access(grant.session), ApiClient(boss())
    assert ApiClient().get("/users/profile", **headers(token)).status == 200

    async def scenario() -> None:
        async with (
            Relay(sweep_seconds=SOON).running() as one,
            Relay(sweep_seconds=SOON).running() as another,
            connected(one, token=token) as here,
            connected(another, token=token) as there,
        ):
            await in_database(CAUSES[cause], grant)
            told = {await here.hear_refusal(), await there.hear_refusal()}
            assert told <= {("session_ended", 4401), ("rights_changed", 4403)}, told

    run(scenario)
    reply = ApiClient().get("/users/profile", **headers(token))
    assert (reply.status, reply.body["code"]) in {(401, "token_invalid"), (401, "token_expired")}
    assert bystander.get("/users/profile").status == 200
    assert Session.objects.filter(revoked_at=None).exists()


def test_sockets_are_looked_through_often_enough() -> None:
    """What ends a session is noticed within five seconds, a sweep that fails once included."""
    assert Relay()._sweep_seconds * 2 <= 5
