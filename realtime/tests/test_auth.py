"""Who may stay."""

from datetime import timedelta
from uuid import uuid4

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import Session
from accounts.tests.factories import make_user
from accounts.tokens import issue_access
from fantasize.core import clock
from realtime.auth import Principal, authenticate, find_standings, objection_to
from realtime.tests.client import open_session

pytestmark = pytest.mark.django_db


@pytest.fixture
def session() -> Session:
    return open_session(make_user())


@pytest.fixture
def principal(session: Session) -> Principal:
    return authenticate(issue_access(session))


def standing_objection(principal: Principal) -> str | None:
    pk = principal.session.pk
    objection = objection_to(principal, find_standings([pk]).get(pk))
    return objection.code if objection else None


def test_the_role_is_known_without_another_query(
    session: Session, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    principal = authenticate(issue_access(session))
    with django_assert_num_queries(0):
        assert principal.user.role == "customer"


def test_a_live_session_may_stay(principal: Principal) -> None:
    assert standing_objection(principal) is None


def test_a_revoked_session_may_not(principal: Principal) -> None:
    Session.objects.update(revoked_at=clock.now())
    assert standing_objection(principal) == "session_ended"


def test_a_session_past_its_end_may_not(principal: Principal) -> None:
    with clock.frozen_at(clock.now() + timedelta(days=31)):
        assert standing_objection(principal) == "session_ended"


def test_a_deactivated_user_may_not(principal: Principal) -> None:
    principal.user.is_active = False
    principal.user.save()
    assert standing_objection(principal) == "session_ended"


@pytest.mark.parametrize("flag", ["is_staff", "is_superuser"])
def test_somebody_whose_rights_changed_comes_again(session: Session, principal: Principal, flag: str) -> None:
    setattr(session.user, flag, True)
    session.user.save()
    assert standing_objection(principal) == "rights_changed"


def test_somebody_whose_role_gives_something_else_comes_again(session: Session, principal: Principal) -> None:
    session.user.rights_version += 1
    session.user.save()
    assert standing_objection(principal) == "rights_changed"


@pytest.mark.parametrize("count", [1, 3])
def test_many_sessions_cost_one_query(count: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    sessions = [open_session(make_user()) for _ in range(count)]
    with django_assert_num_queries(1):
        standings = find_standings([*(session.pk for session in sessions), uuid4()])
    assert standings == {session.pk: (False, False, 0) for session in sessions}
