"""No door gives more than a token for the second step to somebody with a second factor who has not shown it."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from accounts.auth import tickets
from accounts.enums import SignInMethod
from accounts.models import RefreshToken as StoredRefreshToken
from accounts.models import Session, User
from accounts.services import mfa, passkeys
from accounts.tests.factories import PASSWORD, make_user
from accounts.tests.postbox import code_in, deliver
from accounts.tests.second_factors import add_totp, code_for
from accounts.tests.software_key import SoftwareKey
from accounts.tests.stand_in import StandIn, stand_in
from accounts.tokens import issue_access
from fantasize.core import clock
from fantasize.core.errors import UnauthenticatedError
from fantasize.tests.client import ApiClient, Reply
from realtime.auth import authenticate

pytestmark = pytest.mark.django_db
EMAIL, NEW_PASSWORD = "ada@example.com", "an-even-better-horse"
Door = Callable[[StandIn], Reply]


@pytest.fixture
def provider(settings: Any) -> Iterator[StandIn]:
    settings.EMAIL_VERIFICATION = "mandatory"
    with stand_in(settings) as running:
        yield running


def post(path: str, **body: Any) -> Reply:
    return ApiClient(prefix="").post(path, body)


def by_confirming_the_address(_: StandIn) -> Reply:
    User.objects.update(email_verified_at=None)
    post("/api/auth/resend-code", email=EMAIL)
    return post("/api/auth/verify-email", email=EMAIL, code=code_in(deliver()[-1]))


def by_a_new_password(_: StandIn) -> Reply:
    post("/api/auth/password/reset", email=EMAIL)
    reset = post("/api/auth/password/reset/confirm", email=EMAIL, code=code_in(deliver()[-1]), password=NEW_PASSWORD)
    assert reset.status == 200
    assert "access" not in reset.content.decode()
    return post("/api/auth/login", email=EMAIL, password=NEW_PASSWORD)


DOORS: dict[str, Door] = {
    "password": lambda _: post("/api/auth/login", email=EMAIL, password=PASSWORD),
    "username": lambda _: post("/api/v1/auth/login", username="ada", password=PASSWORD),
    "earlier system": lambda _: post("/login", email=EMAIL, password=PASSWORD),
    "earlier system's users": lambda _: post("/users/login", email=EMAIL, password=PASSWORD),
    "alias": lambda _: post("/api/users/login", email=EMAIL, password=PASSWORD),
    "confirming": by_confirming_the_address,
    "reset": by_a_new_password,
    "google": lambda provider: post("/api/auth/google", id_token=provider.google_token()),
    "firebase": lambda provider: post("/api/auth/firebase", id_token=provider.firebase_token()),
    "facebook": lambda provider: post("/api/auth/facebook", access_token=provider.facebook_token()),
}


def open_account(provider: StandIn) -> User:
    """Ada, whom every provider vouches for."""
    user = make_user(email=EMAIL, username="ada", email_verified_at=clock.now())
    for method, path, key in (
        (SignInMethod.GOOGLE, "google", {"id_token": provider.google_token()}),
        (SignInMethod.FIREBASE, "firebase", {"id_token": provider.firebase_token()}),
        (SignInMethod.FACEBOOK, "facebook", {"access_token": provider.facebook_token()}),
    ):
        linked = ApiClient(user).post("/users/social", {"provider": path, **key})
        assert linked.status == 201, (method, linked.content)
    Session.objects.all().delete()
    return user


@pytest.mark.parametrize("door", DOORS)
def test_every_door_asks_for_the_second_factor(door: str, provider: StandIn) -> None:
    user = open_account(provider)
    add_totp(user)
    reply = DOORS[door](provider)
    assert (reply.status, reply.body["code"]) == (401, "mfa_required"), reply.content
    assert not {"access", "refresh", "token", "device_token"} & set(reply.body)
    assert not Session.objects.exists()
    assert not StoredRefreshToken.objects.exists()
    verified = post("/api/auth/mfa/verify", mfa_token=reply.body["mfa_token"], code=code_for())
    assert verified.status == 200
    assert Session.objects.get().mfa_at is not None


@pytest.mark.parametrize("door", DOORS)
def test_the_same_doors_open_where_there_is_no_second_factor(door: str, provider: StandIn) -> None:
    """The control: it is the factor that keeps them shut."""
    open_account(provider)
    reply = DOORS[door](provider)
    assert reply.status == 200, reply.content
    assert Session.objects.get().mfa_at is None


def owing() -> tuple[User, str]:
    user = make_user(email=EMAIL, email_verified_at=clock.now())
    add_totp(user)
    return user, str(post("/api/auth/login", email=EMAIL, password=PASSWORD).body["mfa_token"])


def test_the_token_of_the_second_step_opens_nothing_else() -> None:
    _, token = owing()
    client = ApiClient()
    client.headers = {"Authorization": f"Bearer {token}"}
    for path in ("/users/profile", "/auth/mfa", "/orders"):
        assert client.get(path).body["code"] == "token_invalid"
    assert client.call("DELETE", "/auth/mfa/totp").status == 401
    assert post("/api/auth/refresh", refresh=token).body["code"] == "refresh_invalid"
    with pytest.raises(UnauthenticatedError):
        authenticate(token)
    assert Authenticator.objects.count() == 1


def test_no_other_token_is_one_of_the_second_step() -> None:
    user, token = owing()
    claims = dict(tickets.read(tickets.SecondStepTicket, token) or {})
    session = Session.objects.create(user=user, expires_at=clock.now() + timedelta(days=1))
    forgeries = [issue_access(session), passkeys.begin_sign_in()["state"], passkeys.begin_sign_in(user=user)["state"]]
    for kind in (AccessToken, RefreshToken, tickets.PasskeyTicket):
        forged = kind()
        forged.payload |= {name: value for name, value in claims.items() if name != "token_type"}
        forgeries.append(str(forged))
    head, body, signature = token.split(".")
    forgeries += [f"{head}.{body}.", f"{head}.{body}.{signature[::-1]}", token.replace(".", "")]
    for forged in forgeries:
        reply = post("/api/auth/mfa/verify", mfa_token=forged, code=code_for())
        assert (reply.status, reply.body["code"]) == (401, "mfa_token_invalid")
    assert post("/api/auth/mfa/verify", mfa_token=token, code=code_for()).status == 200


def test_one_persons_step_is_not_anothers() -> None:
    _, token = owing()
    mallory = make_user(email="mallory@example.com", email_verified_at=clock.now())
    mallory_client = ApiClient(mallory)
    begun = mallory_client.post("/auth/mfa/totp").data
    codes = mallory_client.post("/auth/mfa/totp/activate", {"code": code_for(begun["secret"])}).data["recovery_codes"]
    for code in (code_for(begun["secret"], steps=1), codes[0]):
        assert post("/api/auth/mfa/verify", mfa_token=token, code=code).body["code"] == "mfa_code_invalid"
    key = SoftwareKey()
    asked = mallory_client.post("/auth/mfa/passkeys/register/begin").data
    mallory_client.post(
        "/auth/mfa/passkeys/register/complete", {"state": asked["state"], "credential": key.create(asked["options"])}
    )
    asked = post("/api/auth/mfa/passkeys/begin", mfa_token=token).data
    answer = {"mfa_token": token, "state": asked["state"], "credential": key.get(asked["options"])}
    assert post("/api/auth/mfa/passkeys/complete", **answer).body["code"] == "passkey_invalid"
    assert not Session.objects.filter(user__email=EMAIL).exists()


def test_a_step_is_not_remembered() -> None:
    user, token = owing()
    now = clock.now()
    assert post("/api/auth/mfa/verify", mfa_token=token, code=code_for()).status == 200
    with clock.frozen_at(now + timedelta(minutes=1)):
        again = post("/api/auth/mfa/verify", mfa_token=token, code=code_for())
    assert again.body["code"] == "mfa_token_invalid"
    device = Session.objects.get(), user.known_devices.get()
    assert device
    reply = post("/api/auth/login", email=EMAIL, password=PASSWORD)
    assert reply.body["code"] == "mfa_required"


def test_a_known_device_is_asked_all_the_same() -> None:
    _, token = owing()
    known = post("/api/auth/mfa/verify", mfa_token=token, code=code_for()).data["device_token"]
    reply = post("/api/auth/login", email=EMAIL, password=PASSWORD, device_token=known)
    assert reply.body["code"] == "mfa_required"


def test_a_new_password_does_not_end_the_factor_but_the_step() -> None:
    user, token = owing()
    user.set_password(NEW_PASSWORD)
    user.save()
    assert post("/api/auth/mfa/verify", mfa_token=token, code=code_for()).body["code"] == "mfa_token_invalid"
    assert mfa.is_enabled(user)
    assert not SocialAccount.objects.exists()


def test_refreshing_gains_no_factor() -> None:
    user = make_user(email=EMAIL, email_verified_at=clock.now())
    before = post("/api/auth/login", email=EMAIL, password=PASSWORD).data
    add_totp(user)
    after = post("/api/auth/refresh", refresh=before["refresh"])
    assert after.status == 200
    assert Session.objects.get().mfa_at is None
    client = ApiClient()
    client.headers = {"Authorization": f"Bearer {after.data['access']}"}
    assert client.call("DELETE", "/auth/mfa/totp").body["code"] == "reverification_required"
    assert mfa.is_enabled(user)
