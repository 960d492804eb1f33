"""What must not pass for a passkey: other origins, other people's answers, old ones, broken ones."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from fido2.utils import websafe_decode, websafe_encode

from accounts.models import UsedPassword
from accounts.services import mfa, passkeys
from accounts.services.sessions import Device
from accounts.tests.ceremonies import fault, is_refused, is_too_late, register, sign_in
from accounts.tests.factories import make_user
from accounts.tests.second_factors import add_passkey
from accounts.tests.software_key import SoftwareKey
from fantasize.core import clock

pytestmark = pytest.mark.django_db

DEVICE = Device(site="198.51.100.2")


def test_only_what_says_something_is_kept_of_a_browsers_answer() -> None:
    user, key = make_user(), SoftwareKey()
    asked = passkeys.begin_registration(user=user)
    answer = key.create(asked["options"])
    answer["clientExtensionResults"] = {"credProps": {"rk": "yes"}, "x" * 1000: "\0"}
    register(user, {**answer, "more": ["\ud800"]}, asked["state"])
    kept = Authenticator.objects.get().data["credential"]
    assert set(kept) == {"id", "rawId", "type", "response", "clientExtensionResults"}
    assert kept["clientExtensionResults"] == {"credProps": {"rk": False}}


@pytest.mark.parametrize(
    "key",
    [
        SoftwareKey(origin="https://evil.example"),
        SoftwareKey(origin="https://localhost.evil.example"),
        SoftwareKey(origin="http://evil.example"),
        SoftwareKey(origin="null"),
        SoftwareKey(origin="http://["),
        SoftwareKey(rp_id="evil.example"),
    ],
)
def test_a_passkey_made_for_somebody_else_is_refused(key: SoftwareKey) -> None:
    user = make_user()
    asked = passkeys.begin_registration(user=user)
    made = key.create(asked["options"])
    assert fault(lambda: register(user, made, asked["state"])) == ("/credential", "passkey_refused")
    assert not Authenticator.objects.exists()
    assert not UsedPassword.objects.exists()


def test_the_shops_origin_is_the_public_one(settings: Any) -> None:
    settings.PUBLIC_BASE_URL, settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = "https://shop.example", False
    user = make_user()
    key = add_passkey(user, origin="https://shop.example")
    for origin in (
        "http://localhost:5000",
        "http://shop.example",
        "https://shop.example:8443",
        "https://a.shop.example",
    ):
        assert is_refused(partial(sign_in, replace(key, origin=origin)))
    assert sign_in(key).user == user


def test_development_takes_any_port_of_this_machine() -> None:
    key = add_passkey(make_user(), origin="http://localhost:41234")
    sign_in(key)
    assert is_refused(lambda: sign_in(replace(key, origin="https://localhost:5000")))


@pytest.mark.parametrize("state", ["", "x", "a.b.c", "x" * 4000, "\N{SNOWMAN}"])
def test_without_a_state_of_ours_nothing_is_made_and_nobody_gets_in(state: str) -> None:
    user = make_user()
    made = SoftwareKey().create(passkeys.begin_registration(user=user)["options"])
    assert is_too_late(lambda: register(user, made, state))
    key = add_passkey(user)
    answer = key.get(passkeys.begin_sign_in()["options"])
    assert is_refused(lambda: passkeys.identify(credential=answer, state=state))


def test_a_state_is_good_for_its_purpose_its_person_and_five_minutes() -> None:
    user, other = make_user(), make_user()
    key = add_passkey(user)
    add_passkey(other)
    registering, signing, second = (
        passkeys.begin_registration(user=user),
        passkeys.begin_sign_in(),
        passkeys.begin_sign_in(user=user),
    )
    made = SoftwareKey().create(registering["options"])
    assert is_too_late(lambda: register(other, made, registering["state"]))
    assert is_too_late(lambda: register(user, made, signing["state"]))
    in_second = key.get(second["options"])
    assert is_refused(lambda: passkeys.identify(credential=in_second, state=second["state"]))
    assert is_refused(lambda: passkeys.prove(user=other, credential=in_second, state=second["state"]))
    in_first = key.get(signing["options"])
    assert is_refused(lambda: passkeys.prove(user=user, credential=in_first, state=signing["state"]))
    assert is_refused(lambda: passkeys.identify(credential=in_second, state=signing["state"]))
    with clock.frozen_at(clock.now() + timedelta(minutes=5, seconds=1)):
        assert is_refused(lambda: passkeys.identify(credential=in_first, state=signing["state"]))
        assert is_too_late(lambda: register(user, made, registering["state"]))
    assert passkeys.identify(credential=in_first, state=signing["state"]) == user


def damaged(answer: dict[str, Any], **response: Any) -> dict[str, Any]:
    return {**answer, "response": {**answer["response"], **response}}


DAMAGES: tuple[Callable[[dict[str, Any]], Any], ...] = (
    lambda answer: {name: value for name, value in answer.items() if name != "rawId"},
    lambda answer: [answer],
    list,
    str,
    lambda answer: {**answer, "response": None},
    lambda answer: {**answer, "response": []},
    lambda answer: {**answer, "rawId": 7},
    lambda answer: {**answer, "rawId": "AAAA"},
    lambda answer: {**answer, "id": {"a": []}},
    lambda answer: {**answer, "clientExtensionResults": "x"},
    lambda answer: damaged(answer, clientDataJSON="e30"),
    lambda answer: damaged(answer, clientDataJSON="\N{SNOWMAN}"),
    lambda answer: damaged(answer, clientDataJSON=websafe_encode(b"[" * 9000)),
    lambda answer: damaged(answer, clientDataJSON=None),
)
MADE_DAMAGES = (
    *DAMAGES,
    lambda answer: damaged(answer, attestationObject="AAAA"),
    lambda answer: damaged(answer, attestationObject=websafe_encode(b"\x81" * 9000)),
    lambda answer: damaged(answer, attestationObject=websafe_encode(b"\xa0")),
    lambda answer: damaged(answer, attestationObject=[]),
)
SIGNED_DAMAGES = (
    *DAMAGES,
    lambda answer: damaged(answer, authenticatorData="AAAA"),
    lambda answer: damaged(answer, authenticatorData=websafe_encode(b"\xff" * 200)),
    lambda answer: damaged(answer, signature="!"),
    lambda answer: damaged(answer, signature={}),
)


@pytest.mark.parametrize("damage", MADE_DAMAGES)
def test_a_new_credential_of_any_shape_is_refused(damage: Callable[[Any], Any]) -> None:
    user = make_user()
    asked = passkeys.begin_registration(user=user)
    made = damage(SoftwareKey().create(asked["options"]))
    assert fault(lambda: register(user, made, asked["state"])) == ("/credential", "passkey_refused")
    assert not mfa.is_enabled(user)


@pytest.mark.parametrize("damage", SIGNED_DAMAGES)
def test_an_answer_of_any_shape_is_refused(damage: Callable[[Any], Any]) -> None:
    user = make_user()
    key = add_passkey(user)
    asked, second = passkeys.begin_sign_in(), passkeys.begin_sign_in(user=user)
    answer = damage(key.get(asked["options"]))
    assert is_refused(lambda: passkeys.identify(credential=answer, state=asked["state"]))
    answer = damage(key.get(second["options"]))
    assert is_refused(lambda: passkeys.prove(user=user, credential=answer, state=second["state"]))


@pytest.mark.parametrize("more", [{"type": ["public-key"]}, {"type": "x"}, {"authenticatorAttachment": "x"}])
def test_what_does_not_matter_does_no_harm(more: dict[str, Any]) -> None:
    user, key = make_user(), SoftwareKey()
    asked = passkeys.begin_registration(user=user)
    register(user, {**key.create(asked["options"]), **more}, asked["state"])
    asked = passkeys.begin_sign_in()
    answer = {**key.get(asked["options"]), **more}
    assert passkeys.identify(credential=answer, state=asked["state"]) == user


def test_a_key_that_can_verify_nothing_is_not_kept() -> None:
    user, key = make_user(), SoftwareKey()
    asked = passkeys.begin_registration(user=user)
    made = key.create(asked["options"])
    point = key.private_key.public_key().public_numbers().x.to_bytes(32, "big")
    attestation = websafe_decode(made["response"]["attestationObject"])
    made["response"]["attestationObject"] = websafe_encode(attestation.replace(point, bytes(32)))
    assert fault(lambda: register(user, made, asked["state"])) == ("/credential", "passkey_refused")
    assert not mfa.is_enabled(user)
