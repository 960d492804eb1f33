"""Between password and admin stands the second factor, and there is no way round."""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session as CookieSession

from accounts.models import Session, User
from accounts.services import recovery_codes
from accounts.tests.second_factors import add_totp, code_for
from fantasize.core import clock
from fantasize.tests.admin_doors import LOGIN, SECOND_STEP, browser, code, is_in, make_staff, opens_nothing, password

pytestmark = pytest.mark.django_db


class TestSecondStep:
    @pytest.fixture
    def manager(self) -> User:
        manager = make_staff()
        add_totp(manager)
        return manager

    def test_the_password_alone_opens_no_page(self, manager: User) -> None:
        client = browser()
        answer = password(client, manager)
        assert (answer.status_code, answer["Location"]) == (302, SECOND_STEP)
        assert opens_nothing(client)
        assert not Session.objects.exists()
        assert "shop_device" not in client.cookies

    def test_a_code_of_the_app_opens_them(self, manager: User) -> None:
        client = browser()
        password(client, manager, then="/admin/orders/order/")
        answer = code(client, code_for())
        assert (answer.status_code, answer["Location"]) == (302, "/admin/orders/order/")
        assert is_in(client)
        assert Session.objects.get().mfa_at is not None

    def test_a_code_works_once(self, manager: User) -> None:
        text, others = code_for(), [browser(), browser()]
        answers = []
        for client in others:
            password(client, manager)
            answers.append(code(client, text).status_code)
        assert answers == [302, 200]
        assert opens_nothing(others[1])

    def test_a_recovery_code_opens_them_once(self, manager: User) -> None:
        text = recovery_codes.renew(manager)[0]
        first, second = browser(), browser()
        password(first, manager)
        assert code(first, text.lower().replace("-", " ")).status_code == 302
        password(second, manager)
        assert code(second, text).status_code == 200
        assert (is_in(first), opens_nothing(second)) == (True, True)

    @pytest.mark.parametrize("text", ["", "wrong", "x" * 65, "\0", "１２３４５６"])
    def test_a_wrong_code_opens_nothing(self, manager: User, text: str) -> None:
        client = browser()
        password(client, manager)
        answer = code(client, text)
        assert answer.status_code == 200
        assert answer.context["form"].errors
        assert opens_nothing(client)

    def test_without_the_first_step_there_is_no_second(self, manager: User) -> None:
        client = browser()
        assert client.get(SECOND_STEP)["Location"] == LOGIN
        assert code(client, code_for())["Location"] == LOGIN
        assert client.post(f"{SECOND_STEP}passkey/options/")["Location"] == LOGIN
        assert client.post(f"{SECOND_STEP}passkey/")["Location"] == LOGIN
        assert opens_nothing(client)

    def test_the_first_step_is_good_for_five_minutes(self, manager: User) -> None:
        client, now = browser(), clock.now()
        with clock.frozen_at(now):
            password(client, manager)
        with clock.frozen_at(now + timedelta(minutes=5, seconds=1)):
            assert code(client, code_for())["Location"] == LOGIN
            assert opens_nothing(client)

    @pytest.mark.parametrize("change", ["password", "deactivated", "not staff", "no factor"])
    def test_the_first_step_ends_when_the_account_changes(self, manager: User, change: str) -> None:
        client = browser()
        password(client, manager)
        match change:
            case "password":
                manager.set_password("another-good-horse")
            case "deactivated":
                manager.is_active = False
            case "not staff":
                manager.is_staff = False
            case "no factor":
                Authenticator.objects.all().delete()
        manager.save()
        assert code(client, code_for())["Location"] == LOGIN
        assert opens_nothing(client)

    def test_another_ones_factor_is_none(self, manager: User) -> None:
        thief, client = make_staff(), browser()
        add_totp(thief)
        password(client, manager)
        assert code(client, recovery_codes.renew(thief)[0]).status_code == 200
        assert opens_nothing(client)

    def test_of_two_tabs_the_last_password_counts(self, manager: User) -> None:
        other, client = make_staff(), browser()
        add_totp(other)
        password(client, manager)
        password(client, other)
        assert code(client, recovery_codes.renew(manager)[0]).status_code == 200
        assert code(client, recovery_codes.renew(other)[0]).status_code == 302
        assert Session.objects.get().user == other

    def test_going_back_after_signing_in_leads_on(self, manager: User) -> None:
        client = browser()
        password(client, manager)
        code(client, code_for())
        assert client.get(SECOND_STEP)["Location"] == LOGIN
        assert client.get(LOGIN)["Location"] == "/admin/"

    def test_each_step_has_a_cookie_session_of_its_own(self, manager: User) -> None:
        client = browser()
        keys = []
        for step in (
            lambda: client.get(LOGIN),
            lambda: password(client, manager),
            lambda: code(client, code_for()),
        ):
            step()
            keys.append(client.session.session_key)
        assert len(set(keys)) == 3
        assert list(CookieSession.objects.values_list("pk", flat=True)) == [keys[-1]]

    def test_the_page_offers_what_there_is(self, manager: User) -> None:
        client = browser()
        password(client, manager)
        page = client.get(SECOND_STEP).content.decode()
        assert manager.email in page
        assert "data-passkey" not in page
