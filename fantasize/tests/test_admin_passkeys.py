"""Passkeys in the admin: kept, used alone and as the second step, and removed."""

import json
import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from accounts.models import Session, User
from accounts.services import passkeys
from accounts.tests.factories import PASSWORD, make_user
from accounts.tests.second_factors import add_passkey
from accounts.tests.software_key import SoftwareKey
from fantasize.tests.staff import said, sign_in

pytestmark = pytest.mark.django_db

PAGE = "/admin/second-factor/"
PASSKEY = f"{PAGE}passkeys/add/"


@pytest.fixture
def manager() -> User:
    return make_user(email="maya@example.com", role="manager")


@pytest.fixture
def client(manager: User) -> Client:
    """A browser in which the manager has just signed in."""
    client = Client(REMOTE_ADDR="10.9.8.7")
    sign_in(client, manager)
    return client


def make_passkey(client: Client, key: SoftwareKey, *, name: str = "Work laptop") -> Any:
    asked = client.post(f"{PASSKEY}options/").json()
    form = {"credential": json.dumps(key.create(asked["options"])), "state": asked["state"], "name": name}
    return client.post(PASSKEY, form)


def shown_codes(answer: Any) -> list[str]:
    return re.findall(r"<li>([0-9A-Z-]{14})</li>", answer.content.decode())


def factors(user: User) -> list[str]:
    return list(Authenticator.objects.filter(user=user).values_list("type", flat=True))


class TestPasskeys:
    def test_one_is_made_named_and_signs_in(self, client: Client, manager: User) -> None:
        key = SoftwareKey()
        assert len(shown_codes(make_passkey(client, key))) == 10
        assert "Work laptop" in client.get(PAGE).content.decode()
        stranger = Client(REMOTE_ADDR="10.9.8.8")
        asked = stranger.post("/admin/login/passkey/options/").json()
        form = {"credential": json.dumps(key.get(asked["options"])), "state": asked["state"], "next": PAGE}
        assert stranger.post("/admin/login/passkey/", form)["Location"] == PAGE
        assert stranger.get("/admin/").status_code == 200
        row = Session.objects.latest("created_at")
        assert (row.user, row.kind, row.method, row.mfa_at is None) == (manager, "admin", "passkey", False)
        replayed = Client().post("/admin/login/passkey/", form)
        assert (replayed["Location"].partition("?")[0], said(replayed)) == (
            "/admin/login/",
            ["The passkey was not accepted."],
        )

    def test_beside_another_factor_it_leaves_the_recovery_codes_as_they_are(
        self, client: Client, manager: User
    ) -> None:
        make_passkey(client, SoftwareKey())
        answer = make_passkey(client, SoftwareKey(), name="Phone")
        assert (answer.status_code, answer["Location"]) == (302, PAGE)
        assert factors(manager) == ["webauthn", "webauthn"]

    def test_a_customers_opens_nothing(self) -> None:
        customer, client = make_user(), Client()
        key = add_passkey(customer)
        asked = client.post("/admin/login/passkey/options/").json()
        form = {"credential": json.dumps(key.get(asked["options"])), "state": asked["state"]}
        assert client.post("/admin/login/passkey/", form)["Location"] == "/admin/login/"
        assert client.get("/admin/").status_code == 302

    @pytest.mark.parametrize("credential", ["", "null", "[]", "{}", '{"id": 1}', "[" * 5000, "x" * 70000])
    @pytest.mark.parametrize("path", ["/admin/login/passkey/", "/admin/login/second-step/passkey/"])
    def test_garbage_is_none(self, manager: User, path: str, credential: str) -> None:
        add_passkey(manager)
        client = Client(REMOTE_ADDR="10.9.8.9")
        client.post("/admin/login/", {"username": manager.email, "password": PASSWORD})
        answer = client.post(path, {"credential": credential, "state": "x"})
        assert answer.status_code == 302
        assert said(answer)
        assert client.get("/admin/").status_code == 302

    def test_one_is_the_second_step(self, manager: User) -> None:
        key, client = add_passkey(manager), Client()
        client.post("/admin/login/", {"username": manager.email, "password": PASSWORD, "next": PAGE})
        asked = client.post("/admin/login/second-step/passkey/options/").json()
        form = {"credential": json.dumps(key.get(asked["options"])), "state": asked["state"]}
        assert client.post("/admin/login/second-step/passkey/", form)["Location"] == PAGE
        assert client.get("/admin/").status_code == 200

    def test_another_ones_is_no_second_step(self, manager: User) -> None:
        add_passkey(manager)
        thief, client = add_passkey(make_user(role="manager")), Client()
        client.post("/admin/login/", {"username": manager.email, "password": PASSWORD})
        asked = client.post("/admin/login/second-step/passkey/options/").json()
        form = {"credential": json.dumps(thief.get(asked["options"])), "state": asked["state"]}
        assert client.post("/admin/login/second-step/passkey/", form)["Location"] == "/admin/login/second-step/"
        assert client.get("/admin/").status_code == 302

    @pytest.mark.parametrize(
        ("form", "place"),
        [({"name": ""}, "name"), ({"name": "\0"}, "name"), ({"name": "x" * 101}, "name"), ({"state": "x"}, "__all__")],
    )
    def test_what_does_not_fit_is_not_kept(
        self, client: Client, manager: User, form: dict[str, str], place: str
    ) -> None:
        asked = client.post(f"{PASSKEY}options/").json()
        sent = {
            "credential": json.dumps(SoftwareKey().create(asked["options"])),
            "state": asked["state"],
            "name": "Mine",
        }
        answer = client.post(PASSKEY, sent | form)
        assert (answer.status_code, list(answer.context["form"].errors)) == (200, [place])
        assert factors(manager) == []

    def test_one_is_removed_by_its_owner_only(self, client: Client, manager: User) -> None:
        stranger = make_user(role="manager")
        add_passkey(manager)
        add_passkey(stranger)
        own, foreign = passkeys.list_of(manager).get(), passkeys.list_of(stranger).get()
        assert said(client.post(f"{PAGE}passkeys/{foreign.pk}/remove/")) == ["Not found."]
        assert Authenticator.objects.count() == 2
        client.post(f"{PAGE}passkeys/{own.pk}/remove/")
        assert list(Authenticator.objects.all()) == [foreign]
