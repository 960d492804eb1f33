"""The end of every way in: sessions that say how they began, devices that become known, mails about the others."""

import threading
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection

from accounts import tokens
from accounts.enums import RevokeReason, SessionKind, SignInMethod
from accounts.models import KnownDevice, RefreshToken, Session, User
from accounts.services import devices, mfa, sessions, sign_in
from accounts.services.sessions import Device
from accounts.services.sign_in import SignIn
from accounts.tests.factories import make_user
from accounts.tests.postbox import deliver, subjects
from fantasize.core import clock
from fantasize.core.errors import UnauthenticatedError
from fantasize.tests.waiting import PATIENCE_SECONDS

pytestmark = pytest.mark.django_db


FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"


def somewhere(token: str = "") -> Device:
    return Device(user_agent=FIREFOX, ip_address="192.0.2.7", site=uuid.uuid4().hex, token=token)


def complete(user: User, token: str = "", **more: Any) -> SignIn:
    return sign_in.complete(user=user, device=somewhere(token), **{"method": SignInMethod.PASSWORD, **more})


def test_a_session_says_how_it_began() -> None:
    user, now = make_user(), clock.now()
    with clock.frozen_at(now):
        plain = complete(user, method=SignInMethod.GOOGLE).session
        proven = complete(user, has_mfa=True).session
        entry = sign_in.enter(
            user=user, device=somewhere(), method=SignInMethod.PASSKEY, has_mfa=True, kind=SessionKind.ADMIN
        )
    assert (plain.kind, plain.method, plain.mfa_at, plain.proven_at) == ("api", "google", None, now)
    assert (proven.method, proven.mfa_at) == ("password", now)
    session = Session.objects.get(pk=entry.session.pk)
    assert (session.kind, session.method, session.mfa_at, session.user_agent) == ("admin", "passkey", now, FIREFOX)
    assert User.objects.get().last_login == now
    assert not RefreshToken.objects.filter(session=session)


def test_a_second_factor_is_asked_for_and_nothing_is_given_before() -> None:
    user = make_user()
    with (
        patch.object(mfa, "is_enabled", return_value=True),
        patch.object(mfa, "methods_of", return_value=["totp", "recovery_code"]),
        pytest.raises(UnauthenticatedError) as caught,
    ):
        sign_in.next_step(user=user, device=somewhere(), method=SignInMethod.FACEBOOK)
    error = caught.value
    assert (error.code, error.extra["methods"]) == ("mfa_required", ["totp", "recovery_code"])
    assert mfa.read_challenge(error.extra["mfa_token"]) == (user, SignInMethod.FACEBOOK)
    with pytest.raises(UnauthenticatedError):
        tokens.authenticate_access(error.extra["mfa_token"])
    assert not Session.objects.exists()
    assert not KnownDevice.objects.exists()


def test_nobody_inactive_gets_in() -> None:
    user = make_user(is_active=False)
    for way in (sign_in.complete, sign_in.next_step):
        with pytest.raises(UnauthenticatedError, match="wrong"):
            way(user=user, device=somewhere(), method=SignInMethod.GOOGLE)
    with pytest.raises(UnauthenticatedError, match="wrong"):
        sign_in.enter(user=user, device=somewhere(), method=SignInMethod.PASSWORD, kind=SessionKind.ADMIN)
    assert not Session.objects.exists()


def test_what_was_shown_before_a_new_password_or_a_deactivation_begins_no_session() -> None:
    """The checks of a sign-in were over when something else committed."""
    user = make_user()
    checked = User.objects.get()
    user.set_password("another-horse-battery")
    user.save()
    with pytest.raises(UnauthenticatedError, match="password is wrong"):
        complete(checked)
    checked = User.objects.get()
    User.objects.update(is_active=False)
    with pytest.raises(UnauthenticatedError, match="password is wrong"):
        complete(checked)
    assert not Session.objects.exists()
    assert User.objects.get().last_login is None


def test_an_unknown_device_is_told_of_except_the_first() -> None:
    user = make_user(email="ada@example.com")
    first = complete(user)
    assert deliver() == []
    complete(user, first.device_token)
    assert deliver() == []
    complete(user)
    [message] = deliver()
    assert (message.to, message.subject) == (["ada@example.com"], "New sign-in to your account")
    assert "Firefox on Linux" in message.body
    assert "Gecko" not in message.body
    assert "192.0.2.7" in message.body


def test_a_device_stays_known_for_half_a_year_after_its_last_use() -> None:
    user, start = make_user(), clock.now()
    with clock.frozen_at(start):
        token = complete(user).device_token
    for days in (170, 340):
        with clock.frozen_at(start + timedelta(days=days)):
            assert complete(user, token).device_token == token
    assert deliver() == []
    with clock.frozen_at(start + timedelta(days=521)):
        assert devices.find(token) is None
        assert complete(user, token).device_token != token
    assert len(subjects()) == 1


def test_only_the_hash_of_a_devices_token_is_kept() -> None:
    token = complete(make_user()).device_token
    assert token not in str(KnownDevice.objects.values().get())


def test_anothers_device_is_a_stranger() -> None:
    user, eve = make_user(), make_user()
    token = complete(eve).device_token
    complete(user)
    assert complete(user, token).device_token != token
    assert subjects() == [(user.email, "New sign-in to your account")]


def test_twenty_devices_are_known_the_ones_used_last() -> None:
    user, start = make_user(), clock.now()
    known = []
    for minute in range(22):
        with clock.frozen_at(start + timedelta(minutes=minute)):
            known.append(complete(user).device_token)
    with clock.frozen_at(start + timedelta(hours=1)):
        assert [devices.find(token) is not None for token in known] == [False] * 2 + [True] * 20


def test_the_admin_resumes_its_own_sessions_alone() -> None:
    user, other = make_user(role="manager"), make_user(role="manager")
    entry = sign_in.enter(user=user, device=somewhere(), method=SignInMethod.PASSWORD, kind=SessionKind.ADMIN)
    start = entry.session.last_used_at
    for seconds, noted in ((30, 0), (90, 90), (100, 90)):
        with clock.frozen_at(start + timedelta(seconds=seconds)):
            session = sessions.resume(session_id=entry.session.pk, user=user)
        assert session is not None
        assert session.user is user
        assert Session.objects.get().last_used_at == start + timedelta(seconds=noted)
    assert sessions.resume(session_id=entry.session.pk, user=other) is None
    assert sessions.resume(session_id=complete(user).session.pk, user=user) is None
    sessions.end(session_id=entry.session.pk, reason=RevokeReason.REVOKED)
    assert sessions.resume(session_id=entry.session.pk, user=user) is None


@pytest.mark.django_db(transaction=True)
def test_thirty_sign_ins_at_once_leave_twenty_devices() -> None:
    user, callers = make_user(), 30
    start = threading.Barrier(callers)

    def run(_: int) -> str:
        start.wait(PATIENCE_SECONDS)
        try:
            return complete(User.objects.get(pk=user.pk)).device_token
        finally:
            connection.close()

    with ThreadPoolExecutor(callers) as pool:
        known = Counter(devices.find(token) is not None for token in list(pool.map(run, range(callers))))
    assert known == {True: 20, False: 10}
    assert Session.objects.count() == callers
