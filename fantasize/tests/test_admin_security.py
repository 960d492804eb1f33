"""Where one is signed in, in the admin."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Session, User
from accounts.services import sessions
from accounts.services.sessions import Device
from accounts.tests.factories import make_user
from accounts.tests.second_factors import add_passkey
from fantasize.tests.staff import said, sign_in

pytestmark = pytest.mark.django_db

PAGE = "/admin/second-factor/"


@pytest.fixture
def manager() -> User:
    return make_user(email="maya@example.com", role="manager")


@pytest.fixture
def client(manager: User) -> Client:
    """A browser in which the manager has just signed in."""
    client = Client(REMOTE_ADDR="10.9.8.7")
    sign_in(client, manager)
    return client


class TestSignIns:
    def test_they_are_listed_and_ended(self, client: Client, manager: User) -> None:
        phone = sessions.begin(user=manager, device=Device(user_agent="ShopApp/2", ip_address="192.0.2.7")).session
        page = client.get(PAGE).content.decode()
        assert "ShopApp" in page
        assert "192.0.2.7" in page
        assert "This browser" in page
        assert said(client.post(f"{PAGE}sign-ins/{phone.pk}/end/")) == ["That sign-in has ended."]
        phone.refresh_from_db()
        assert phone.revoke_reason == "revoked"
        assert "ShopApp" not in client.get(PAGE).content.decode()
        assert client.post(f"{PAGE}sign-ins/{phone.pk}/end/").status_code == 404

    def test_somebody_elses_is_not_found(self, client: Client) -> None:
        foreign = sessions.begin(user=make_user(), device=Device()).session
        assert client.post(f"{PAGE}sign-ins/{foreign.pk}/end/").status_code == 404
        assert Session.objects.get(pk=foreign.pk).revoked_at is None

    def test_all_others_end_at_once(self, client: Client, manager: User) -> None:
        other, foreign = Client(), sessions.begin(user=make_user(), device=Device()).session
        sign_in(other, manager)
        client.post(f"{PAGE}sign-ins/end-others/")
        assert (client.get("/admin/").status_code, other.get("/admin/").status_code) == (200, 302)
        assert Session.objects.get(pk=foreign.pk).revoked_at is None

    def test_the_page_costs_the_same_however_many(self, client: Client, manager: User, settings: Any) -> None:
        counts = []
        for _ in range(2):
            sessions.begin(user=manager, device=Device())
            add_passkey(manager)
            with CaptureQueriesContext(connection) as queries:
                assert client.get(PAGE).status_code == 200
            counts.append(len(queries))
        assert counts[0] == counts[1]
