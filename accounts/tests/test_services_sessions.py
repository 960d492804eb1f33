"""Sessions: tokens that work once, thieves that end what they stole, and 200 callers that get one child."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction

from accounts import selectors, tokens
from accounts.enums import RevokeReason, SessionKind
from accounts.models import RefreshToken, Session
from accounts.services import sessions
from accounts.services.sessions import Device, Grant
from accounts.tests.factories import make_user
from accounts.tests.postbox import deliver
from fantasize.core import clock
from fantasize.core.errors import UnauthenticatedError
from fantasize.tests.waiting import PATIENCE_SECONDS

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"


def begin() -> Grant:
    return sessions.begin(user=make_user(), device=Device())


def refused(refresh: str) -> str:
    with pytest.raises(UnauthenticatedError) as caught:
        sessions.rotate(refresh=refresh)
    return caught.value.code


def reason_of(session: Session) -> str:
    return Session.objects.get(pk=session.pk).revoke_reason


@pytest.mark.django_db
def test_a_session_knows_its_device_and_ends_after_thirty_days() -> None:
    user, now = make_user(), clock.now()
    device = Device(user_agent="x" * 400, ip_address="2001:db8::1")
    with clock.frozen_at(now):
        session = sessions.begin(user=user, device=device).session
    session.refresh_from_db()
    assert (session.user, session.user_agent, session.ip_address) == (user, "x" * 300, "2001:db8::1")
    assert session.created_at == session.last_used_at == now
    assert session.expires_at == now + timedelta(days=30)
    assert str(session).startswith("xxx")


@pytest.mark.django_db
def test_only_the_hash_of_a_refresh_token_is_kept() -> None:
    grant = begin()
    stored = RefreshToken.objects.get()
    assert stored.token_hash == tokens.hash_refresh_token(grant.refresh)
    assert grant.refresh not in str(RefreshToken.objects.values().get())
    assert str(stored) == f"refresh token {stored.pk}"


@pytest.mark.django_db
def test_the_admin_is_given_no_refresh_token() -> None:
    grant = sessions.begin(user=make_user(), device=Device(), kind=SessionKind.ADMIN)
    assert (grant.refresh, RefreshToken.objects.count()) == ("", 0)
    assert refused(grant.refresh) == "refresh_invalid"


@pytest.mark.django_db
def test_a_refresh_token_gives_a_child_that_works() -> None:
    first = begin()
    later = clock.now() + timedelta(days=2)
    with clock.frozen_at(later):
        second = sessions.rotate(refresh=first.refresh)
    assert second.session == first.session
    assert second.refresh != first.refresh
    assert RefreshToken.objects.get(parent__isnull=False).parent == RefreshToken.objects.get(parent=None)
    assert Session.objects.get().last_used_at == later
    assert sessions.rotate(refresh=second.refresh).session == first.session


@pytest.mark.django_db
def test_a_token_shown_twice_ends_the_session_and_the_childs_life() -> None:
    first = begin()
    child = sessions.rotate(refresh=first.refresh)
    access = tokens.issue_access(child.session)
    assert refused(first.refresh) == "refresh_reused"
    assert reason_of(first.session) == RevokeReason.REUSE
    assert refused(child.refresh) == "refresh_invalid"
    with pytest.raises(UnauthenticatedError):
        tokens.authenticate_access(access)
    assert RefreshToken.objects.count() == 2


@pytest.mark.django_db
def test_the_owner_is_told_once_that_a_token_was_used_twice() -> None:
    first = sessions.begin(user=make_user(email="ada@example.com"), device=Device(FIREFOX, "192.0.2.7"))
    child = sessions.rotate(refresh=first.refresh)
    assert deliver() == []
    for token in (first, first, child):
        refused(token.refresh)
    [message] = deliver()
    assert (message.to, message.subject) == (["ada@example.com"], "We ended one of your sessions")
    assert "Firefox on Linux" in message.body
    assert "Gecko" not in message.body


@pytest.mark.django_db
def test_nobody_is_told_of_a_session_that_had_ended_anyway() -> None:
    first = begin()
    sessions.rotate(refresh=first.refresh)
    sessions.end(session_id=first.session.pk, reason=RevokeReason.LOGOUT)
    assert refused(first.refresh) == "refresh_reused"
    assert deliver() == []


@pytest.mark.django_db
def test_a_token_stays_reused_and_other_sessions_live() -> None:
    first, other = begin(), begin()
    sessions.rotate(refresh=first.refresh)
    assert [refused(first.refresh), refused(first.refresh)] == ["refresh_reused"] * 2
    assert sessions.rotate(refresh=other.refresh).session == other.session


@pytest.mark.django_db(transaction=True)
def test_the_end_of_a_stolen_session_is_committed_although_the_caller_is_refused() -> None:
    first = begin()
    sessions.rotate(refresh=first.refresh)
    assert refused(first.refresh) == "refresh_reused"
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(_in_thread, lambda: reason_of(first.session)).result() == RevokeReason.REUSE


@pytest.mark.django_db(transaction=True)
def test_a_transaction_around_a_rotation_is_a_mistake() -> None:
    first = begin()
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        sessions.rotate(refresh=first.refresh)
    assert sessions.rotate(refresh=first.refresh).session == first.session


@pytest.mark.django_db
@pytest.mark.parametrize("refresh", ["", "fzr_unknown", "\N{SNOWMAN}", "x" * 10_000])
def test_an_unknown_token_is_refused(refresh: str) -> None:
    begin()
    assert refused(refresh) == "refresh_invalid"


@pytest.mark.django_db
def test_the_life_of_a_session_is_absolute() -> None:
    grant, start = begin(), clock.now()
    for days in (10, 20, 29):
        with clock.frozen_at(start + timedelta(days=days)):
            grant = sessions.rotate(refresh=grant.refresh)
    with clock.frozen_at(start + timedelta(days=30, seconds=1)):
        assert refused(grant.refresh) == "refresh_invalid"
    assert RefreshToken.objects.count() == 4


@pytest.mark.django_db
def test_a_dead_session_and_an_inactive_user_get_nothing() -> None:
    ended, inactive = begin(), begin()
    sessions.end(session_id=ended.session.pk, reason=RevokeReason.LOGOUT)
    inactive.session.user.is_active = False
    inactive.session.user.save()
    assert [refused(ended.refresh), refused(inactive.refresh)] == ["refresh_invalid"] * 2
    assert not RefreshToken.objects.filter(parent__isnull=False)
    assert not RefreshToken.objects.filter(used_at__isnull=False)


@pytest.mark.django_db
def test_sessions_end_once_one_or_all_and_only_ones_own() -> None:
    user, now = make_user(), clock.now()
    first, second, third = (sessions.begin(user=user, device=Device()) for _ in range(3))
    other = begin()
    with clock.frozen_at(now):
        assert sessions.end(session_id=first.session.pk, reason=RevokeReason.REVOKED) == 1
    assert sessions.end(session_id=first.session.pk, reason=RevokeReason.LOGOUT) == 0
    assert sessions.end_by_refresh_token(refresh=second.refresh, reason=RevokeReason.LOGOUT) == 1
    assert sessions.end_by_refresh_token(refresh="fzr_unknown", reason=RevokeReason.LOGOUT) == 0
    assert sessions.end_all(user=user, reason=RevokeReason.LOGOUT_ALL) == 1
    reasons = [reason_of(grant.session) for grant in (first, second, third)]
    assert reasons == [RevokeReason.REVOKED, RevokeReason.LOGOUT, RevokeReason.LOGOUT_ALL]
    assert Session.objects.get(pk=first.session.pk).revoked_at == now
    assert not selectors.live_sessions_of(user)
    assert list(selectors.live_sessions_of(other.session.user)) == [other.session]


CALLERS = 200


def _in_thread(call: Callable[[], str]) -> str:
    try:
        return call()
    finally:
        connection.close()


def race(rotate: Callable[[], str], callers: int) -> list[str]:
    """What ``callers`` threads that start together hear from ``rotate``."""
    start = threading.Barrier(callers)

    def run() -> str:
        start.wait(PATIENCE_SECONDS)
        return _in_thread(rotate)

    with ThreadPoolExecutor(callers) as pool:
        return [future.result() for future in [pool.submit(run) for _ in range(callers)]]


@pytest.mark.django_db(transaction=True)
def test_two_hundred_callers_get_one_child_and_lose_it() -> None:
    first = begin()

    def rotate() -> str:
        try:
            return sessions.rotate(refresh=first.refresh).refresh
        except UnauthenticatedError as error:
            return error.code

    answers = race(rotate, CALLERS)
    children = [answer for answer in answers if answer.startswith("fzr_")]
    assert len(children) == 1
    assert answers.count("refresh_reused") == CALLERS - 1
    assert RefreshToken.objects.filter(parent__token_hash=tokens.hash_refresh_token(first.refresh)).count() == 1
    assert reason_of(first.session) == RevokeReason.REUSE
    assert refused(children[0]) == "refresh_invalid"
    assert len(deliver()) == 1


@pytest.mark.django_db(transaction=True)
def test_the_race_shows_what_looking_before_writing_would_give_away() -> None:
    """The control: a rotation that reads ``used_at`` and then writes it gives every caller a child."""
    first, callers = begin(), 8
    everybody_has_looked = threading.Barrier(callers)

    def rotate() -> str:
        token = RefreshToken.objects.get(token_hash=tokens.hash_refresh_token(first.refresh))
        assert token.used_at is None
        everybody_has_looked.wait(PATIENCE_SECONDS)
        token.used_at = clock.now()
        token.save()
        child = tokens.new_refresh_token()
        RefreshToken.objects.create(session=token.session, token_hash=tokens.hash_refresh_token(child))
        return child

    children = race(rotate, callers)
    assert len(set(children)) == callers
    assert RefreshToken.objects.count() == 1 + callers
