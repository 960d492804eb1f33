"""Passwords in the admin: changed by who knows the present one, set anew by who reads the mail."""

import re
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from accounts.tests.factories import PASSWORD, make_user
from accounts.tests.postbox import mailed_code, subjects
from accounts.tests.second_factors import add_totp
from fantasize.tests.staff import sign_in

pytestmark = pytest.mark.django_db

PAGE = "/admin/second-factor/"
PASSWORDS = "/admin/password_change/"
FORGOT = "/admin/login/forgot-password/"
NEW = "/admin/login/new-password/"
NEW_PASSWORD = "another-good-horse"


@pytest.fixture
def manager() -> User:
    return make_user(email="maya@example.com", role="manager")


@pytest.fixture
def client(manager: User) -> Client:
    """A browser in which the manager has just signed in."""
    client = Client(REMOTE_ADDR="10.9.8.7")
    sign_in(client, manager)
    return client


class TestPasswordChange:
    def change(self, client: Client, **changes: str) -> Any:
        form = {"current_password": PASSWORD, "password": NEW_PASSWORD, "again": NEW_PASSWORD}
        return client.post(PASSWORDS, {**form, **changes})

    def test_it_ends_all_other_sign_ins_and_keeps_this_one(self, client: Client, manager: User) -> None:
        other, key = Client(), client.session.session_key
        sign_in(other, manager)
        assert self.change(client)["Location"] == PAGE
        manager.refresh_from_db()
        assert manager.check_password(NEW_PASSWORD)
        assert (client.get("/admin/").status_code, other.get("/admin/").status_code) == (200, 302)
        assert client.session.session_key != key
        assert subjects()

    @pytest.mark.parametrize(
        ("changes", "fault"),
        [
            ({"current_password": "wrong"}, "current_password"),
            ({"password": "12345678", "again": "12345678"}, "password"),
            ({"again": "something-else"}, "again"),
            ({"password": "", "again": ""}, "password"),
        ],
    )
    def test_what_is_wrong_changes_nothing(
        self, client: Client, manager: User, changes: dict[str, str], fault: str
    ) -> None:
        answer = self.change(client, **changes)
        assert answer.status_code == 200
        assert fault in answer.context["form"].errors
        manager.refresh_from_db()
        assert manager.check_password(PASSWORD)


class TestForgottenPassword:
    def ask(self, client: Client, email: str) -> Any:
        return client.post(FORGOT, {"email": email})

    def test_a_code_by_mail_sets_a_new_one_and_signs_nobody_in(self, client: Client, manager: User) -> None:
        stranger = Client(REMOTE_ADDR="10.9.8.6")
        assert self.ask(stranger, manager.email)["Location"] == NEW
        form = {"code": mailed_code(), "password": NEW_PASSWORD, "again": NEW_PASSWORD}
        assert stranger.post(NEW, form)["Location"] == "/admin/login/"
        manager.refresh_from_db()
        assert manager.check_password(NEW_PASSWORD)
        assert (stranger.get("/admin/").status_code, client.get("/admin/").status_code) == (302, 302)
        assert stranger.get(NEW)["Location"] == FORGOT

    def test_the_second_factor_is_still_asked_for(self, manager: User) -> None:
        add_totp(manager)
        client = Client(REMOTE_ADDR="10.9.8.5")
        self.ask(client, manager.email)
        client.post(NEW, {"code": mailed_code(), "password": NEW_PASSWORD, "again": NEW_PASSWORD})
        answer = client.post("/admin/login/", {"username": manager.email, "password": NEW_PASSWORD})
        assert answer["Location"] == "/admin/login/second-step/"
        assert client.get("/admin/").status_code == 302

    def test_nobody_learns_who_has_an_account(self, manager: User) -> None:
        pages = []
        for email in (manager.email, "no.body@example.com"):
            client = Client()
            asked = self.ask(client, email)
            page = client.get(NEW).content.decode().replace(email, "EMAIL")
            wrong = client.post(NEW, {"code": "wrong!", "password": NEW_PASSWORD, "again": NEW_PASSWORD})
            refusal = [str(error) for error in wrong.context["form"].non_field_errors()]
            pages.append((asked["Location"], asked.content, re.sub(r'value="\w{64}"', "", page), refusal))
        assert pages[0] == pages[1]
        manager.refresh_from_db()
        assert manager.check_password(PASSWORD)

    @pytest.mark.parametrize("email", ["", "nonsense", "a\0@example.com", "x" * 400 + "@example.com"])
    def test_an_address_that_is_none_is_asked_for_again(self, email: str) -> None:
        assert self.ask(Client(), email).status_code == 200

    def test_without_an_address_there_is_nothing_to_set(self) -> None:
        form = {"code": "123456", "password": NEW_PASSWORD, "again": NEW_PASSWORD}
        assert Client().post(NEW, form)["Location"] == FORGOT

    def test_a_weak_one_is_refused_and_the_code_stays_good(self, manager: User) -> None:
        client = Client(REMOTE_ADDR="10.9.8.4")
        self.ask(client, manager.email)
        code = mailed_code()
        refused = client.post(NEW, {"code": code, "password": "12345678", "again": "12345678"})
        assert list(refused.context["form"].errors) == ["password"]
        assert client.post(NEW, {"code": code, "password": NEW_PASSWORD, "again": NEW_PASSWORD}).status_code == 302


class TestUnprovenAddress:
    @pytest.fixture(autouse=True)
    def _mandatory(self, settings: Any) -> None:
        settings.EMAIL_VERIFICATION = "mandatory"

    def test_it_is_proven_before_anybody_signs_in(self) -> None:
        manager, client = make_user(role="manager", email_verified_at=None), Client(REMOTE_ADDR="10.9.8.3")
        form = {"username": manager.email, "password": PASSWORD}
        answer = client.post("/admin/login/", form)
        assert answer["Location"] == "/admin/login/confirm-address/"
        assert manager.email in client.get(answer["Location"]).content.decode()
        assert client.post(answer["Location"], {"code": "wrong!"}).status_code == 200
        assert client.post(answer["Location"], {"code": mailed_code()})["Location"] == "/admin/login/"
        assert client.get("/admin/").status_code == 302
        assert client.post("/admin/login/", form)["Location"] == "/admin/"

    def test_without_the_password_there_is_nothing_to_prove(self) -> None:
        assert Client().get("/admin/login/confirm-address/")["Location"] == "/admin/login/"
