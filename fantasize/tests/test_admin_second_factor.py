"""One's own authenticator app and recovery codes: changed by who has just shown who they are."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from redis.exceptions import ConnectionError as RedisConnectionError

from accounts.models import RecoveryCode, Session, User
from accounts.services import mfa, recovery_codes
from accounts.tests.factories import PASSWORD, make_user
from accounts.tests.second_factors import add_totp, code_for, require_mfa, wrong_code
from fantasize.core import clock
from fantasize.tests.staff import said, sign_in
from fantasize.tests.standing import Standing

pytestmark = pytest.mark.django_db

PAGE = "/admin/second-factor/"
APP = f"{PAGE}app/"
PASSKEY = f"{PAGE}passkeys/add/"
CODES = f"{PAGE}recovery-codes/"
CONFIRM = f"{PAGE}confirm/"
PASSWORDS = "/admin/password_change/"
DEEDS = (f"{APP}remove/", CODES, f"{PASSKEY}options/", f"{PAGE}passkeys/1/remove/", f"{PAGE}sign-ins/end-others/")


def come_in() -> tuple[User, Client]:
    manager, client = make_user(email="maya@example.com", role="manager"), Client(REMOTE_ADDR="10.9.8.7")
    sign_in(client, manager)
    return manager, client


@pytest.fixture(scope="module")
def built_person(standing: Standing) -> Callable[[], tuple[User, Client]]:
    return standing(come_in)


@pytest.fixture
def person(built_person: Callable[[], tuple[User, Client]]) -> tuple[User, Client]:
    return built_person()


@pytest.fixture
def manager(person: tuple[User, Client]) -> User:
    return person[0]


@pytest.fixture
def client(person: tuple[User, Client]) -> Client:
    """A browser in which the manager has just signed in."""
    return person[1]


@pytest.fixture
def limited(settings: Any) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "auth": "5/15m"}


def shown_codes(answer: Any) -> list[str]:
    return re.findall(r"<li>([0-9A-Z-]{14})</li>", answer.content.decode())


def factors(user: User) -> list[str]:
    return list(Authenticator.objects.filter(user=user).values_list("type", flat=True))


class TestWhoGetsHere:
    @pytest.mark.parametrize("path", [PAGE, APP, PASSKEY, CONFIRM, PASSWORDS])
    def test_strangers_do_not(self, path: str) -> None:
        for answer in (Client().get(path), Client().post(path)):
            assert (answer.status_code, answer["Location"]) == (302, "/admin/login/")

    @pytest.mark.parametrize("path", DEEDS)
    def test_buttons_are_pressed_and_not_fetched(self, client: Client, path: str) -> None:
        assert client.get(path).status_code == 405
        assert Client().post(path)["Location"] == "/admin/login/"

    @pytest.mark.parametrize("path", [APP, PASSKEY, CONFIRM, PASSWORDS, *DEEDS, "/admin/logout/"])
    def test_forged_forms_are_refused(self, manager: User, path: str) -> None:
        strict = Client(enforce_csrf_checks=True)
        sign_in(strict, manager)
        assert strict.post(path).status_code == 403

    @pytest.mark.parametrize("path", [PAGE, APP, PASSKEY, CONFIRM, PASSWORDS])
    def test_pages_are_kept_by_nobody_and_hold_no_script(self, client: Client, path: str) -> None:
        answer = client.get(path)
        page = answer.content.decode()
        assert answer.status_code == 200
        assert "no-store" in answer["Cache-Control"]
        assert "script-src 'self'" in answer["Content-Security-Policy"]
        assert re.findall(r"<script(?![^>]*\bsrc=)", page) == []
        assert re.findall(r"\son\w+=", page) == []

    def test_every_page_leads_here(self, client: Client) -> None:
        assert f'href="{PAGE}"' in client.get("/admin/").content.decode()

    @pytest.mark.parametrize("path", [APP, PASSKEY])
    def test_who_has_shown_nothing_for_a_while_is_asked_first(self, client: Client, path: str) -> None:
        Session.objects.update(proven_at=clock.now() - timedelta(minutes=11))
        asked = client.get(path)["Location"]
        assert asked == f"{CONFIRM}?next={path.replace('/', '%2F')}"
        refused = client.post(CONFIRM, {"password": "wrong", "next": path})
        assert refused.context["form"].errors == {"password": ["This is not your password."]}
        assert client.get(path).status_code == 302
        assert client.post(CONFIRM, {"password": PASSWORD, "next": path})["Location"] == path
        assert client.get(path).status_code == 200

    @pytest.mark.parametrize("path", DEEDS[:4])
    def test_nothing_changes_before_that(self, client: Client, manager: User, path: str) -> None:
        add_totp(manager)
        recovery_codes.renew(manager)
        before = list(RecoveryCode.objects.values_list("code_hash", flat=True))
        Session.objects.update(proven_at=clock.now() - timedelta(minutes=11))
        assert client.post(path)["Location"] == CONFIRM
        assert (factors(manager), list(RecoveryCode.objects.values_list("code_hash", flat=True))) == (["totp"], before)

    def test_a_code_says_who_it_is_as_well(self, client: Client, manager: User) -> None:
        add_totp(manager)
        Session.objects.update(proven_at=clock.now() - timedelta(minutes=11))
        assert f"{CONFIRM}?code" not in client.get(f"{CONFIRM}?code").content.decode()
        assert client.post(CONFIRM, {"code": wrong_code()}).status_code == 200
        assert client.get(PASSKEY).status_code == 302
        assert client.post(CONFIRM, {"code": code_for()})["Location"] == PAGE
        assert client.get(PASSKEY).status_code == 200

    def test_the_question_leads_to_no_other_site(self, client: Client) -> None:
        answer = client.post(CONFIRM, {"password": PASSWORD, "next": "https://evil.example/"})
        assert answer["Location"] == PAGE

    @pytest.mark.usefixtures("limited")
    def test_guesses_count_with_all_others(self, client: Client) -> None:
        statuses = [client.post(CONFIRM, {"password": "wrong"}).status_code for _ in range(3)]
        form = {"current_password": "wrong", "password": "another-good-horse", "again": "another-good-horse"}
        statuses += [client.post(PASSWORDS, form).status_code for _ in range(2)]
        assert statuses == [200] * 5
        refused = client.post(CONFIRM, {"password": PASSWORD})
        assert (refused.status_code, int(refused["Retry-After"]) > 0) == (429, True)


class TestApp:
    def secret(self, client: Client) -> str:
        return str(client.get(APP).context["secret"]).replace(" ", "")

    def test_it_is_set_up_with_its_first_code_and_brings_recovery_codes(self, client: Client, manager: User) -> None:
        answer = client.post(APP, {"code": code_for(self.secret(client))})
        assert answer.status_code == 200
        codes = shown_codes(answer)
        assert len(codes) == 10
        assert "no-store" in answer["Cache-Control"]
        assert factors(manager) == ["totp"]
        assert not set(codes) & set(shown_codes(client.get(PAGE)))
        assert recovery_codes.accept(manager, codes[0].replace("-", ""))

    def test_the_sign_in_has_seen_it(self, client: Client, manager: User) -> None:
        Session.objects.update(mfa_at=None)
        require_mfa("manager")
        assert client.get("/admin/").status_code == 302
        answer = client.post(APP, {"code": code_for(self.secret(client))})
        assert "/admin/orders/order/" in answer.content.decode()
        assert client.get("/admin/").status_code == 200

    @pytest.mark.parametrize("text", ["", "000", "\0", "a" * 65])
    def test_a_wrong_code_sets_up_nothing(self, client: Client, manager: User, text: str) -> None:
        secret = self.secret(client)
        answer = client.post(APP, {"code": text})
        assert (answer.status_code, list(answer.context["form"].errors)) == (200, ["code"])
        assert factors(manager) == []
        assert secret not in answer.content.decode().replace(" ", "")
        assert shown_codes(client.post(APP, {"code": code_for(secret)}))

    def test_without_having_begun_there_is_nothing_to_set_up(self, client: Client, manager: User) -> None:
        answer = client.post(APP, {"code": code_for()})
        assert (answer.status_code, bool(answer.context["form"].non_field_errors())) == (200, True)
        assert factors(manager) == []

    def test_without_redis_it_waits(self, client: Client, manager: User, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(**_: Any) -> None:
            raise RedisConnectionError

        for name in ("start_totp", "activate_totp"):
            monkeypatch.setattr(mfa, name, fail)
        for answer in (client.get(APP), client.post(APP, {"code": "123456"})):
            assert (answer.status_code, int(answer["Retry-After"]) > 0) == (503, True)
            assert "Try again" in answer.content.decode()

    def test_a_second_one_is_refused(self, client: Client, manager: User) -> None:
        add_totp(manager)
        answer = client.get(APP)
        assert (answer.status_code, answer["Location"]) == (302, PAGE)
        assert said(answer) == ["There is an authenticator app. Remove it first."]

    def test_it_is_turned_off(self, client: Client, manager: User) -> None:
        add_totp(manager)
        recovery_codes.renew(manager)
        answer = client.post(f"{APP}remove/")
        assert (answer["Location"], said(answer)) == (PAGE, ["Your authenticator app is turned off."])
        assert factors(manager) == []
        assert not RecoveryCode.objects.exists()
        assert client.post(f"{APP}remove/").status_code == 302

    def test_the_last_factor_of_who_needs_one_stays(self, client: Client, manager: User) -> None:
        add_totp(manager)
        require_mfa("manager")
        answer = client.post(f"{APP}remove/")
        assert said(answer) == ["Your role asks for a second factor. Add another one first."]
        assert factors(manager) == ["totp"]


def test_recovery_codes_are_renewed_and_shown_once(client: Client, manager: User) -> None:
    assert said(client.post(CODES)) == ["Recovery codes come with the first second factor."]
    add_totp(manager)
    old = recovery_codes.renew(manager)
    codes = shown_codes(client.post(CODES))
    assert len(codes) == 10
    assert not recovery_codes.accept(manager, old[0].replace("-", ""))
    assert shown_codes(client.get(PAGE)) == []
