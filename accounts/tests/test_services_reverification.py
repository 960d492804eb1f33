"""Showing once more who one is: ten minutes, by password or second factor, counted like every guess."""

import uuid
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest

from accounts.models import Session
from accounts.services import mfa, passwords, reverification, sessions
from accounts.services.sessions import Device
from accounts.tests.factories import PASSWORD, make_user
from accounts.tests.second_factors import add_totp, code_for
from fantasize.core import clock
from fantasize.core.errors import DomainError, ForbiddenError, UnauthenticatedError

pytestmark = pytest.mark.django_db


def begin() -> Session:
    return sessions.begin(user=make_user(), device=Device()).session


def reverify(session: Session, **shown: str) -> Any:
    return reverification.reverify(session=session, device=Device(site=uuid.uuid4().hex), **shown)


def is_recent(session: Session) -> bool:
    try:
        reverification.require_recent(Session.objects.get(pk=session.pk))
    except ForbiddenError as error:
        return error.code != "reverification_required"
    return True


def test_a_sign_in_counts_for_ten_minutes_and_a_password_for_ten_more() -> None:
    session = begin()
    start = session.proven_at
    with clock.frozen_at(start + timedelta(minutes=10)):
        assert is_recent(session)
    with clock.frozen_at(start + timedelta(minutes=11)):
        assert not is_recent(session)
        assert reverify(session, password=PASSWORD) == start + timedelta(minutes=21)
        assert is_recent(session)
        assert Session.objects.get().mfa_at is None
    with clock.frozen_at(start + timedelta(minutes=22)):
        assert not is_recent(session)


def test_a_second_factor_counts_as_one() -> None:
    session = begin()
    later = session.proven_at + timedelta(hours=1)
    with clock.frozen_at(later), patch.object(mfa, "prove") as proven:
        reverify(session, code="123456")
    assert proven.call_args.kwargs["code"] == "123456"
    session.refresh_from_db()
    assert (session.proven_at, session.mfa_at) == (later, later)


def test_a_password_does_not_do_where_a_second_factor_was_not_shown() -> None:
    session = begin()
    add_totp(session.user)
    assert not is_recent(session)
    for password in (PASSWORD, "wrong"):
        with pytest.raises(ForbiddenError) as caught:
            reverify(session, password=password)
        assert caught.value.code == "reverification_required"
    passwords.change(session=session, current_password=PASSWORD, password=PASSWORD[::-1], device=Device())
    assert not is_recent(session)
    reverify(session, code=code_for())
    assert is_recent(session)


def test_a_password_does_where_the_sign_in_has_seen_the_second_factor() -> None:
    session = begin()
    add_totp(session.user)
    reverify(session, code=code_for())
    with clock.frozen_at(session.proven_at + timedelta(hours=1)):
        assert not is_recent(session)
        reverify(session, password=PASSWORD)
        assert is_recent(session)


@pytest.mark.parametrize("shown", [{"password": "wrong"}, {"password": ""}, {"code": "000000"}])
def test_what_is_wrong_counts_for_nothing(shown: dict[str, str]) -> None:
    session = begin()
    with clock.frozen_at(session.proven_at + timedelta(hours=1)):
        with pytest.raises(UnauthenticatedError):
            reverify(session, **shown)
        assert not is_recent(session)
    assert Session.objects.get().mfa_at is None


def test_guesses_are_counted_together_whatever_is_shown(settings: Any) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "auth": "5/15m"}
    session = begin()
    codes = []
    for shown in ({"password": "wrong"}, {"code": "000000"}) * 3:
        with pytest.raises(DomainError) as caught:
            reverify(session, **shown)
        codes.append(caught.value.code)
    assert codes == ["invalid_credentials", "mfa_code_invalid"] * 2 + ["invalid_credentials", "rate_limited"]
