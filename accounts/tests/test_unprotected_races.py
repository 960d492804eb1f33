"""Controls of the drills with many callers: with what protects them taken out, each of them goes wrong."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from accounts.models import RecoveryCode, Session, User
from accounts.services import addresses, avatars, devices, mfa, passkeys, passwords, recovery_codes, social, totp
from accounts.services.sessions import Device
from accounts.tests.factories import PASSWORD, make_user
from accounts.tests.second_factors import add_passkey, add_totp, code_for, make_session, race, require_mfa
from accounts.tests.test_services_avatars import files, picture
from accounts.tests.test_services_people import VALUES
from fantasize.core import clock
from fantasize.tests.waiting import PATIENCE_SECONDS

pytestmark = pytest.mark.django_db(transaction=True)

CALLERS = 4


def meeting(callers: int = CALLERS) -> Callable[..., None]:
    """What every caller waits at until all of them are there."""
    barrier = threading.Barrier(callers)

    def wait(*_: Any, **__: Any) -> None:
        barrier.wait(PATIENCE_SECONDS)

    return wait


def held_up(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, callers: int = CALLERS) -> None:
    """Let all callers come as far as ``owner.name`` before any goes on."""
    before, real = meeting(callers), getattr(owner, name)

    def wait_then_go_on(*args: Any, **kwargs: Any) -> Any:
        before()
        return real(*args, **kwargs)

    monkeypatch.setattr(owner, name, wait_then_go_on)


def unlocked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_: rows.all())


def test_a_recovery_code_that_is_looked_up_and_then_marked_works_more_than_once() -> None:
    user = make_user()
    code = recovery_codes.renew(user)[0].replace("-", "")
    wait = meeting()

    def look_then_mark() -> bool:
        row = RecoveryCode.objects.filter(user=user, used_at=None, code_hash=recovery_codes._hash(user, code)).first()
        wait()
        return row is not None and bool(RecoveryCode.objects.filter(pk=row.pk).update(used_at=clock.now()))

    assert race(look_then_mark, CALLERS).count(True) == CALLERS


def test_without_the_lock_both_factors_of_who_must_have_one_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    user = make_user(role="manager")
    require_mfa("manager")
    add_totp(user)
    add_passkey(user)
    pk = passkeys.list_of(user).get().pk
    monkeypatch.setattr(mfa, "lock", lambda _: None)
    held_up(monkeypatch, Authenticator, "delete", 2)
    removals = [lambda: mfa.remove_totp(user=user), lambda: passkeys.remove(user=user, passkey_id=pk)]

    def remove() -> None:
        removals.pop()()

    assert race(remove, 2) == [None, None]
    assert not Authenticator.objects.exists()


def test_without_the_lock_an_app_is_activated_more_than_once(monkeypatch: pytest.MonkeyPatch) -> None:
    user = make_user()
    secret, now = mfa.start_totp(user=user).secret, clock.now()
    monkeypatch.setattr(mfa, "lock", lambda _: None)
    # The code's own protection aside.
    monkeypatch.setattr(totp, "accept", lambda *_: True)
    held_up(monkeypatch, mfa, "add")

    def activate() -> Any:
        with clock.frozen_at(now):
            try:
                return mfa.activate_totp(user=user, code=code_for(secret), device=Device(site="198.51.100.1"))
            except IntegrityError:
                return "refused by the database"

    answers = race(activate, CALLERS)
    assert "totp_enabled" not in answers, "nobody has seen the other's"


def test_a_password_that_is_compared_and_then_replaced_is_changed_more_than_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    user = make_user()
    sessions, wait = [make_session(user) for _ in range(CALLERS)], meeting()

    def replace_whatever_there_is(session: Session, _: str, new: str) -> bool:
        wait()
        return bool(User.objects.filter(pk=session.user_id).update(password=new))

    monkeypatch.setattr(passwords, "_replace", replace_whatever_there_is)

    def change() -> None:
        passwords.change(session=sessions.pop(), current_password=PASSWORD, password="another-one!", device=Device())

    assert race(change, CALLERS) == [None] * CALLERS


def test_without_the_lock_defaults_collide(monkeypatch: pytest.MonkeyPatch) -> None:
    user = make_user()
    monkeypatch.setattr(addresses, "lock_active", meeting())

    def add() -> str:
        try:
            addresses.add(user=user, is_default_shipping=True, **VALUES)
        except IntegrityError:
            return "refused by the database"
        return "added"

    assert set(race(add, CALLERS)) == {"added", "refused by the database"}


def test_a_passkeys_answer_that_is_not_written_down_counts_for_everybody(monkeypatch: pytest.MonkeyPatch) -> None:
    user = make_user()
    key, asked = add_passkey(user), passkeys.begin_sign_in()
    answer = key.get(asked["options"])
    monkeypatch.setattr(passkeys, "_is_first_answer", lambda *_: True)
    people = race(lambda: passkeys.identify(credential=answer, state=asked["state"]).pk, CALLERS)
    assert people == [user.pk] * CALLERS


def test_without_the_lock_the_last_ways_in_go_together(monkeypatch: pytest.MonkeyPatch) -> None:
    user = make_user()
    user.set_unusable_password()
    user.save()
    links = [SocialAccount.objects.create(user=user, provider=name, uid="1") for name in ("google", "facebook")]
    session = make_session(user)
    unlocked(monkeypatch)
    held_up(monkeypatch, QuerySet, "delete", 2)
    assert race(lambda: social.unlink(session=session, account=links.pop()), 2) == [None, None]
    assert not SocialAccount.objects.exists()


def test_without_the_lock_pictures_are_left_over(monkeypatch: pytest.MonkeyPatch) -> None:
    user, content = make_user(), picture()
    unlocked(monkeypatch)
    held_up(monkeypatch, User, "save")
    race(lambda: avatars.set_avatar(user=User.objects.get(pk=user.pk), content=content), CALLERS)
    assert len(files()) == CALLERS


def test_without_the_lock_more_devices_are_known_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    user, wait = make_user(), meeting()
    monkeypatch.setattr(devices, "MAX_DEVICES", 2)

    def remember() -> None:
        with transaction.atomic():
            devices.remember(user=user, token="")
            wait()

    race(remember, CALLERS)
    assert user.known_devices.count() == CALLERS
