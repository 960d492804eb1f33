"""A sign-in in the admin counts as long as its row does, and with the second factor that a role asks for."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.enums import RevokeReason
from accounts.models import Session, User
from accounts.services import sessions, users
from accounts.tests.factories import PASSWORD, make_user
from accounts.tests.second_factors import add_totp, code_for, require_mfa
from fantasize.core import clock
from fantasize.tests.admin_doors import CONFIRM, LOGIN, browser, code, is_in, make_staff, opens_nothing, password
from fantasize.tests.staff import said, sign_in, signed_in

pytestmark = pytest.mark.django_db


class TestSignedIn:
    """Whatever ends a sign-in ends it at the next request."""

    @pytest.fixture
    def manager(self) -> User:
        return make_staff()

    @pytest.fixture
    def client(self, manager: User) -> Client:
        client = browser()
        password(client, manager)
        assert is_in(client)
        return client

    @pytest.mark.parametrize(
        "change",
        [
            {"revoked_at": datetime(2026, 1, 1, tzinfo=UTC)},
            {"expires_at": datetime(2026, 1, 1, tzinfo=UTC)},
            {"kind": "api"},
            {"user": "somebody else"},
        ],
    )
    def test_it_ends_with_its_row(self, client: Client, change: dict[str, Any]) -> None:
        Session.objects.update(**({"user": make_staff()} if "user" in change else change))
        assert opens_nothing(client)
        assert client.get(LOGIN).status_code == 200

    @pytest.mark.parametrize("change", [{"is_active": False}, {"is_staff": False}])
    def test_it_ends_with_what_the_person_may(self, client: Client, change: dict[str, bool]) -> None:
        User.objects.update(**change)
        assert opens_nothing(client)

    def test_it_ends_with_signing_out_everywhere(self, client: Client, manager: User) -> None:
        sessions.end_all(user=manager, reason=RevokeReason.LOGOUT_ALL)
        assert opens_nothing(client)

    def test_it_ends_with_the_password(self, client: Client, manager: User) -> None:
        manager.set_password("another-good-horse")
        manager.save()
        assert opens_nothing(client)

    def test_a_cookie_session_without_a_row_is_nobodys(self, manager: User) -> None:
        client = Client()
        client.force_login(manager)
        assert opens_nothing(client)

    def test_rights_that_are_taken_away_are_gone_at_once(self, client: Client, manager: User) -> None:
        assert client.get("/admin/orders/order/").status_code == 200
        manager.groups.clear()
        assert client.get("/admin/orders/order/").status_code == 403

    def test_its_use_is_noted_once_a_minute(self, client: Client) -> None:
        now = clock.now()
        for seconds, noted in ((59, False), (61, True)):
            before = Session.objects.get().last_used_at
            with clock.frozen_at(before + timedelta(seconds=seconds)):
                client.get("/admin/")
            assert (Session.objects.get().last_used_at > before) == noted
        assert Session.objects.get().last_used_at > now

    def test_signing_out_ends_the_row(self, client: Client) -> None:
        assert client.get("/admin/logout/").status_code == 405
        assert is_in(client)
        stolen = Client()
        stolen.cookies["sessionid"] = client.cookies["sessionid"].value
        answer = client.post("/admin/logout/")
        assert answer["Location"] == LOGIN
        assert said(answer) == ["You are signed out."]
        assert Session.objects.get().revoke_reason == "logout"
        assert (opens_nothing(client), opens_nothing(stolen)) == (True, True)

    def test_a_stranger_has_nothing_to_end(self, client: Client) -> None:
        assert Client().post("/admin/logout/")["Location"] == LOGIN
        assert is_in(client)

    def test_signing_in_elsewhere_leaves_it(self, client: Client, manager: User) -> None:
        password(browser(), manager)
        assert is_in(client)


class TestRequired:
    """A role that asks for a second factor."""

    @pytest.fixture
    def manager(self) -> User:
        manager = make_staff()
        require_mfa("manager")
        return manager

    def test_without_one_no_page_opens_but_where_it_is_set_up(self, manager: User) -> None:
        client = browser()
        password(client, manager)
        for page in ("/admin/", "/admin/orders/order/", "/admin/jsi18n/", "/admin/search/?s=x", "/admin/nothing"):
            answer = client.get(page)
            assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, LOGIN), page
            assert client.get(answer["Location"])["Location"] == "/admin/second-factor/"
        page = client.get("/admin/second-factor/").content.decode()
        assert "Your role asks for a second factor." in page
        assert "/admin/orders/order/" not in page

    def test_it_holds_for_who_is_signed_in_when_it_begins(self, manager: User) -> None:
        client = Client()
        sign_in(client, manager, mfa_at=None)
        assert not is_in(client)

    def test_asking_costs_one_query_a_page(self) -> None:
        counts = []
        for mfa_at in (clock.now(), None):
            client = Client()
            sign_in(client, make_staff(), mfa_at=mfa_at)
            with CaptureQueriesContext(connection) as queries:
                assert is_in(client)
            counts.append(len(queries))
        assert counts[1] == counts[0] + 1

    def test_with_one_they_open(self, manager: User) -> None:
        client = browser()
        add_totp(manager)
        password(client, manager)
        assert opens_nothing(client)
        code(client, code_for())
        assert is_in(client)

    def test_a_sign_in_from_before_the_factor_cannot_touch_it(self, manager: User) -> None:
        client = Client()
        sign_in(client, manager, mfa_at=None)
        add_totp(manager)
        assert not is_in(client)
        for path in ("app/remove/", "recovery-codes/", "passkeys/add/", "passkeys/add/options/"):
            assert client.post(f"/admin/second-factor/{path}")["Location"] == CONFIRM
        assert Authenticator.objects.count() == 1
        assert client.post(CONFIRM, {"password": PASSWORD}).status_code == 200
        assert not is_in(client)
        assert client.post(CONFIRM, {"code": code_for()})["Location"] == "/admin/second-factor/"
        assert is_in(client)


def test_a_deactivated_colleague_is_out_at_once() -> None:
    manager = make_staff()
    client = signed_in(manager)
    users.change(actor=make_user(role="administrator"), user=manager, is_active=False)
    assert opens_nothing(client)
