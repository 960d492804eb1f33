"""Fetching what the shop knows about oneself, and leaving, over HTTP."""

import io
import json
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from pytest_django import Settings

from accounts.models import Session, User
from accounts.services import addresses, erasure, profile
from accounts.tests.factories import make_address, make_user
from fantasize.core import clock
from fantasize.core.errors import ConflictError, ForbiddenError, UnauthenticatedError
from fantasize.core.models import DomainEvent
from fantasize.tests.client import ApiClient

pytestmark = pytest.mark.django_db


def fetch(user: User) -> Any:
    client = ApiClient(user)
    answer: Any = client.client.get("/api/v2/users/export", headers={**client.headers, "Accept": "application/zip"})
    answer.archive = answer.getvalue() if answer.streaming else b""
    return answer


def test_an_export_is_an_archive_for_its_owner_alone() -> None:
    user = make_user(first_name="Ada")
    make_address(user)
    answer = fetch(user)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/zip")
    assert answer["Content-Disposition"] == 'attachment; filename="fantasize-export.zip"'
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Content-Length"] == str(len(answer.archive))
    with zipfile.ZipFile(io.BytesIO(answer.archive)) as archive:
        assert json.loads(archive.read("accounts/profile.json"))["first_name"] == "Ada"
        assert len(json.loads(archive.read("accounts/addresses.json"))) == 1
    assert ApiClient().get("/users/export").status == 401


@pytest.mark.parametrize(("method", "path"), [("GET", "/users/export"), ("DELETE", "/users/profile")])
def test_who_signed_in_long_ago_shows_once_more_who_they_are(method: str, path: str) -> None:
    user = make_user()
    client = ApiClient(user)
    Session.objects.update(proven_at=clock.now() - timedelta(minutes=11))
    reply = client.call(method, path)
    assert (reply.status, reply.body["code"]) == (403, "reverification_required")
    assert User.objects.get().is_active


def test_three_exports_a_day_are_enough(settings: Settings) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "exports": "2/1d"}
    user = make_user()
    assert [fetch(user).status_code for _ in range(3)] == [200, 200, 429]


def test_who_has_to_show_who_they_are_has_had_no_export(settings: Settings) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "exports": "1/1d"}
    user = make_user()
    client = ApiClient(user)
    Session.objects.update(proven_at=clock.now() - timedelta(minutes=11))
    assert [client.get("/users/export").status for _ in range(2)] == [403, 403]
    assert [fetch(user).status_code for _ in range(2)] == [200, 429]


def test_the_last_administrator_stays() -> None:
    last = make_user(role="administrator")
    reply = ApiClient(last).call("DELETE", "/users/profile")
    assert (reply.status, reply.body["code"]) == (409, "last_administrator")
    make_user(role="administrator", is_active=False)
    with pytest.raises(ConflictError):
        erasure.erase(user=last)
    make_user(role="administrator")
    erasure.erase(user=last)
    assert User.objects.get(pk=last.pk).erased_at is not None


def test_staff_erase_whom_they_may_change() -> None:
    user, administrator = make_user(), make_user(role="administrator")
    with pytest.raises(ForbiddenError):
        erasure.erase_for(actor=make_user(role="manager"), user=user)
    assert User.objects.get(pk=user.pk).is_active
    erasure.erase_for(actor=administrator, user=user)
    assert User.objects.get(pk=user.pk).erased_at is not None
    assert DomainEvent.objects.get(name="user.erased").actor == administrator.actor


def test_nothing_is_written_about_somebody_who_is_gone() -> None:
    user = make_user()
    address = make_address(user)
    erasure.erase(user=user)
    for write in (
        lambda: addresses.add(user=user, line1="1 High Street"),
        lambda: addresses.change(address=address, line1="1 High Street"),
        lambda: profile.update(user=user, first_name="Ada"),
    ):
        with pytest.raises(UnauthenticatedError):
            write()
    assert (User.objects.get().first_name, User.objects.get().addresses.count()) == ("", 0)


@pytest.mark.parametrize("language", ["de", "pt-BR", "zh-Hant"])
def test_preferences_are_part_of_a_profile(language: str) -> None:
    client = ApiClient(make_user())
    changed = client.call("PATCH", "/users/profile", {"language": language, "wants_news": True}).data
    assert (changed["language"], changed["wants_news"]) == (language, True)
    assert client.get("/users/profile").data == changed


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ({"language": "English"}, {"/language": "invalid"}),
        ({"language": "../x"}, {"/language": "invalid"}),
        ({"language": None}, {"/language": "null"}),
        ({"wants_news": "yes"}, {"/wants_news": "invalid"}),
        ({"avatar_url": "x", "avatar": "x"}, {"/avatar_url": "unknown_field", "/avatar": "unknown_field"}),
    ],
)
def test_and_are_what_they_say(body: dict[str, object], faults: dict[str, str]) -> None:
    before = User.objects.values().get(pk=make_user().pk)
    reply = ApiClient(User.objects.get()).call("PATCH", "/users/profile", body)
    assert (reply.status, reply.faults) == (422, faults)
    assert User.objects.values().get() == before
