"""The admin's sign-in page: the same guesses and the same silence as at every other door."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.sessions.models import Session as CookieSession
from django.db import connection

from accounts.models import KnownDevice, Session, User
from accounts.services import login
from accounts.tests.factories import PASSWORD, make_user
from accounts.tests.second_factors import add_totp, code_for, wrong_code
from fantasize.core import limits
from fantasize.tests.admin_doors import (
    LOGIN,
    WRONG,
    browser,
    code,
    is_in,
    make_staff,
    opens_nothing,
    password,
    refusals,
)
from fantasize.tests.client import ApiClient
from fantasize.tests.staff import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def limited(settings: Any) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "auth": "5/15m", "auth_address": "30/15m"}


class TestPassword:
    def test_staff_get_in_and_a_row_says_where(self) -> None:
        manager, client = make_staff(), browser(headers={"User-Agent": "Firefox"})
        answer = password(client, manager, then="/admin/orders/order/?q=1")
        assert (answer.status_code, answer["Location"]) == (302, "/admin/orders/order/?q=1")
        assert is_in(client)
        row = Session.objects.get()
        assert (row.user, row.kind, row.method, row.mfa_at, row.user_agent) == (
            manager, "admin", "password", None, "Firefox",
        )  # fmt: skip

    @pytest.mark.parametrize("who", ["wrong password", "nobody", "customer", "inactive"])
    def test_whoever_may_not_gets_the_same_answer(self, who: str) -> None:
        user = make_staff(role="customer" if who == "customer" else "manager", is_active=who != "inactive")
        named = User(email="nobody@example.com") if who == "nobody" else user
        client = browser()
        answer = password(client, named, word="wrong" if who == "wrong password" else PASSWORD)
        assert (answer.status_code, refusals(answer)) == (200, [WRONG])
        assert opens_nothing(client)
        assert not Session.objects.exists()

    @pytest.mark.parametrize(
        "form", [{}, {"username": "a\0b", "password": "x"}, {"username": "x" * 300, "password": ""}]
    )
    def test_a_form_that_is_none_is_shown_again(self, form: dict[str, str]) -> None:
        answer = browser().post(LOGIN, form)
        assert answer.status_code == 200
        assert answer.context["form"].errors

    @pytest.mark.parametrize(
        "address",
        [
            "https://evil.example/",
            "//evil.example/",
            "/\\evil.example",
            "javascript:alert(1)",
            "http:///evil.example",
            "",
        ],
    )
    def test_it_leads_to_no_other_site(self, address: str) -> None:
        manager = make_staff()
        assert password(browser(), manager, then=address)["Location"] == "/admin/"
        assert signed_in(manager).get(f"{LOGIN}?{urlencode({'next': address})}")["Location"] == "/admin/"

    def test_the_cookie_session_of_before_is_worth_nothing_afterwards(self) -> None:
        client, manager = browser(), make_staff()
        planted = client.session
        planted["planted"] = "x"
        planted.save()
        client.cookies["sessionid"] = str(planted.session_key)
        password(client, manager)
        assert client.cookies["sessionid"].value != planted.session_key
        assert not CookieSession.objects.filter(pk=planted.session_key).exists()
        assert "planted" not in client.session

    def test_pages_are_kept_by_nobody(self) -> None:
        answer = browser().get(LOGIN)
        assert "no-store" in answer["Cache-Control"]
        assert "no-store" in password(browser(), make_user(), word="wrong")["Cache-Control"]

    def test_a_forged_form_is_refused(self) -> None:
        strict, manager = browser(enforce_csrf_checks=True), make_staff()
        assert password(strict, manager).status_code == 403
        assert opens_nothing(strict)

    def test_the_password_stands_in_no_address(self) -> None:
        manager, client = make_staff(), browser()
        assert client.get(LOGIN, {"username": manager.email, "password": PASSWORD}).status_code == 200
        assert opens_nothing(client)


class TestGuesses:
    @pytest.mark.usefixtures("limited")
    def test_five_over_the_admin_and_the_api_together(self) -> None:
        manager = make_staff()
        api = ApiClient()
        statuses = [
            password(browser(), manager, word="wrong").status_code,
            api.post("/auth/login", {"email": manager.email, "password": "wrong"}).status,
            password(browser(), manager, word="wrong").status_code,
            api.post("/auth/login", {"email": manager.email, "password": "wrong"}).status,
            password(browser(), manager, word="wrong").status_code,
        ]
        assert statuses == [200, 401, 200, 401, 200]
        refused = password(browser(), manager)
        assert refused.status_code == 429
        assert 0 < int(refused["Retry-After"]) <= 900
        assert "Too many attempts" in refusals(refused)[0]
        assert api.post("/auth/login", {"email": manager.email, "password": PASSWORD}).status == 429

    @pytest.mark.usefixtures("limited")
    def test_codes_count_with_passwords_and_a_right_password_gives_no_fresh_ones(self) -> None:
        manager = make_staff()
        add_totp(manager)
        client = browser()
        password(client, manager)
        assert [code(client, wrong_code()).status_code for _ in range(4)] == [200] * 4
        refused = code(client, code_for())
        assert refused.status_code == 429
        assert password(browser(), manager).status_code == 429
        assert opens_nothing(client)

    @pytest.mark.usefixtures("limited")
    def test_on_a_known_device_its_owner_gets_in_while_strangers_guess(self) -> None:
        manager, client = make_staff(), browser()
        password(client, manager)
        cookie = client.cookies["shop_device"]
        assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Strict", "/admin/")
        client.post("/admin/logout/")
        for _ in range(6):
            password(browser(), manager, word="wrong")
        assert password(browser(), manager).status_code == 429
        assert password(client, manager).status_code == 302
        assert is_in(client)
        assert KnownDevice.objects.count() == 1

    def test_the_device_cookie_is_for_encrypted_connections_where_the_session_is(self, settings: Any) -> None:
        settings.SESSION_COOKIE_SECURE = True
        client = browser()
        password(client, make_staff())
        assert client.cookies["shop_device"]["secure"]

    @pytest.mark.usefixtures("limited")
    def test_without_redis_nobody_signs_in_and_whoever_is_in_stays(self, settings: Any) -> None:
        manager = make_staff()
        client, stranger = signed_in(manager), browser()
        settings.REDIS_URL = "redis://127.0.0.1:1/0"
        limits._shared.cache_clear()
        answer = password(stranger, manager)
        assert answer.status_code == 503
        assert int(answer["Retry-After"]) > 0
        assert opens_nothing(stranger)
        assert is_in(client)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("rate", "looked_at"), [("5/15m", 5), ("off", 40)], ids=["counted", "uncounted"])
def test_of_guesses_through_both_doors_at_once_five_are_looked_at(
    settings: Any, monkeypatch: pytest.MonkeyPatch, rate: str, looked_at: int
) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "auth": rate}
    manager = make_staff()
    seen: list[tuple[User | None, str]] = []

    def look_at(user: User | None, word: str) -> bool:
        seen.append((user, word))
        return False

    monkeypatch.setattr(login, "is_right_password", look_at)

    def guess(number: int) -> int:
        try:
            if number % 2:
                return ApiClient().post("/auth/login", {"email": manager.email, "password": str(number)}).status
            return int(password(browser(), manager, word=str(number)).status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        statuses = Counter(pool.map(guess, range(40)))
    assert len(seen) == looked_at
    assert statuses[429] == 40 - looked_at
    assert not Session.objects.exists()
