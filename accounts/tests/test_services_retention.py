"""What is forgotten by itself, and what is not."""

import os
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.contrib.sessions.models import Session as BrowserSession
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from accounts import tasks
from accounts.models import KnownDevice, OneTimeCode, RefreshToken, Session, UsedPassword, User
from accounts.services import retention, sessions
from accounts.services.sessions import Device
from accounts.tests.factories import make_address, make_user
from fantasize.core import clock
from orders.tests.factories import make_order

pytestmark = pytest.mark.django_db

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _own_files(tmp_path: Any, settings: Settings) -> None:
    settings.MEDIA_ROOT = tmp_path


def make_session(user: User, **ended: Any) -> Session:
    grant = sessions.begin(user=user, device=Device())
    sessions.rotate(refresh=grant.refresh) if not ended else None
    Session.objects.filter(pk=grant.session.pk).update(**ended)
    return grant.session


@pytest.mark.django_db(transaction=True)
def test_sessions_go_ninety_days_after_their_end_with_their_tokens() -> None:
    user, now = make_user(), clock.now()
    kept = [
        make_session(user),
        make_session(user, expires_at=now - 89 * DAY),
        make_session(user, expires_at=now + DAY, revoked_at=now - 89 * DAY),
    ]
    make_session(user, expires_at=now - 91 * DAY)
    make_session(user, expires_at=now + DAY, revoked_at=now - 91 * DAY)
    make_session(user, expires_at=now - 91 * DAY, revoked_at=now - DAY)
    assert retention.forget_expired()["sessions"] == 3
    assert set(Session.objects.all()) == set(kept)
    assert set(RefreshToken.objects.values_list("session", flat=True)) == {session.pk for session in kept}
    assert RefreshToken.objects.count() == 4


def test_what_lives_for_minutes_goes_after_minutes() -> None:
    user, now = make_user(), clock.now()
    OneTimeCode.objects.create(user=user, purpose="verify_email", code_hash="a", expires_at=now - MINUTE)
    code = OneTimeCode.objects.create(user=user, purpose="reset_password", code_hash="b", expires_at=now + MINUTE)
    UsedPassword.objects.create(user=user, code_hash="a", used_at=now - 11 * MINUTE)
    used = UsedPassword.objects.create(user=user, code_hash="b", used_at=now - 9 * MINUTE)
    KnownDevice.objects.create(user=user, token_hash="a", expires_at=now - MINUTE)
    device = KnownDevice.objects.create(user=user, token_hash="b", expires_at=now + MINUTE)
    BrowserSession.objects.create(session_key="a", session_data="", expire_date=now - MINUTE)
    BrowserSession.objects.create(session_key="b", session_data="", expire_date=now + MINUTE)
    done = tasks.forget_expired(timestamp=0)
    assert [done[kind] for kind in ("codes", "used_passwords", "devices", "browser_sessions")] == [1, 1, 1, 1]
    assert (OneTimeCode.objects.get(), UsedPassword.objects.get(), KnownDevice.objects.get()) == (code, used, device)
    assert BrowserSession.objects.get().session_key == "b"
    assert not any(retention.forget_expired().values()), "once more finds nothing"


def test_accounts_that_nobody_ever_used_go_after_thirty_days() -> None:
    now = clock.now()
    old: dict[str, Any] = {"created_at": now - 31 * DAY, "email_verified_at": None}
    kept = {
        make_user(created_at=now - 29 * DAY, email_verified_at=None),
        make_user(**{**old, "email_verified_at": now}),
        make_user(last_login=now, **old),
        make_user(role="manager", **old),
        make_user(is_superuser=True, **old),
        make_user(erased_at=now, **old),
    }
    signed_in, bought = make_user(**old), make_user(**old)
    sessions.begin(user=signed_in, device=Device())
    make_order(user=bought)
    make_address(make_user(**old))
    make_user(**old)
    assert retention.forget_expired()["accounts"] == 2
    assert set(User.objects.all()) == {*kept, signed_in, bought}


def test_pictures_that_are_nobody_s_go_and_others_stay(tmp_path: Any) -> None:
    assert retention.forget_expired()["avatars"] == 0
    names = [default_storage.save(f"avatars/{name}.webp", ContentFile(b"x")) for name in ("own", "orphan", "fresh")]
    User.objects.filter(pk=make_user().pk).update(avatar=names[0])
    long_ago = (clock.now() - 2 * retention.ORPHANS_KEPT).timestamp()
    for name in names[:2]:
        os.utime(default_storage.path(name), (long_ago, long_ago))
    assert retention.forget_expired()["avatars"] == 1
    assert sorted(default_storage.listdir("avatars")[1]) == ["fresh.webp", "own.webp"]


def test_much_goes_in_batches() -> None:
    user, now = make_user(), clock.now()
    UsedPassword.objects.bulk_create(
        UsedPassword(user=user, code_hash=str(number), used_at=now - DAY) for number in range(25)
    )
    with patch.object(retention, "BATCH", 10), CaptureQueriesContext(connection) as queries:
        assert retention.forget_expired()["used_passwords"] == 25
    deletes = [one["sql"] for one in queries if one["sql"].startswith('DELETE FROM "accounts_usedpassword"')]
    assert len(deletes) == 3


def test_what_is_used_again_meanwhile_stays() -> None:
    """Between the question which rows are old and their deletion, one was used."""
    user = make_user(created_at=clock.now() - 31 * DAY, email_verified_at=None)
    rows = retention._never_used_accounts(clock.now())

    def sign_in(run: Any, sql: str, *rest: Any) -> Any:
        found = run(sql, *rest)
        if sql.startswith("SELECT") and "LIMIT" in sql:
            User.objects.filter(pk=user.pk).update(last_login=clock.now())
        return found

    with connection.execute_wrapper(sign_in):
        assert retention._delete(rows) == 0
    assert User.objects.filter(pk=user.pk).exists()
    User.objects.filter(pk=user.pk).update(last_login=None)
    assert retention._delete(rows) == 1
