"""WebAuthn ceremonies: what a browser is asked to sign, and whether its answer is right. fido2 does the checking.

A ceremony has two halves. What was asked travels between them in a signed ticket, in no cookie session.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit
from uuid import UUID

from allauth.account.utils import url_str_to_user_pk
from allauth.mfa.adapter import get_adapter
from cryptography.exceptions import InvalidSignature
from django.conf import settings
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialType,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from accounts.auth import tickets
from accounts.models import User

T = TypeVar("T")
_LOOPBACK = "localhost"


class Purpose(StrEnum):
    """What a passkey is asked for."""

    REGISTER = "register"
    SIGN_IN = "sign_in"
    SECOND_STEP = "second_step"


@dataclass(frozen=True, slots=True)
class Asked:
    """The first half of a ceremony.

    Attributes:
        challenge: random, in web-safe base 64; nothing else was ever asked with it.
        verification: whether the device has to verify its owner, by PIN or body.
    """

    challenge: str
    verification: str

    @property
    def state(self) -> dict[str, Any]:
        """The same for fido2."""
        verification = UserVerificationRequirement(self.verification)
        return {"challenge": self.challenge, "user_verification": verification}


@dataclass(frozen=True, slots=True)
class Made:
    """A passkey that was made as asked.

    Attributes:
        credential_id: the authenticator's name for it.
        counter: how often it has signed; 0 for ever with most.
        as_json: what allauth keeps of it.
    """

    credential_id: bytes
    counter: int
    as_json: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Signed:
    """An answer that was signed as asked; ``counter`` says how often the passkey has."""

    credential_id: bytes
    counter: int


def ask_to_register(user: User, known: Sequence[AttestedCredentialData]) -> dict[str, Any]:
    """``options`` for ``navigator.credentials.create``, and ``state``; ``known`` passkeys are not to be made again."""
    options, state = _server().register_begin(
        PublicKeyCredentialUserEntity(**get_adapter().get_public_key_credential_user_entity(user)),
        credentials=known,
        resident_key_requirement=ResidentKeyRequirement.PREFERRED,
        user_verification=UserVerificationRequirement.PREFERRED,
        extensions={"credProps": True},
    )
    return _ceremony(Purpose.REGISTER, options, state, user)


def ask_to_sign_in() -> dict[str, Any]:
    """``options`` for ``navigator.credentials.get``, and ``state``: for any passkey that verifies its owner."""
    options, state = _server().authenticate_begin(user_verification=UserVerificationRequirement.REQUIRED)
    return _ceremony(Purpose.SIGN_IN, options, state, None)


def ask_for_second_step(user: User, known: Sequence[AttestedCredentialData]) -> dict[str, Any]:
    """The same for one of the ``known`` passkeys of ``user``, who has shown a password already."""
    preferred = UserVerificationRequirement.PREFERRED
    options, state = _server().authenticate_begin(known, user_verification=preferred)
    return _ceremony(Purpose.SECOND_STEP, options, state, user)


def read_state(state: str, purpose: Purpose, user: User | None) -> Asked | None:
    """What was asked; None if it was for something or somebody else, or more than five minutes ago."""
    claims = tickets.read(tickets.PasskeyTicket, state)
    if claims is None or (claims["purpose"], claims["sub"]) != (purpose, _subject(user)):
        return None
    return Asked(claims["challenge"], claims["verification"])


def check_made(asked: Asked, credential: Any) -> Made | None:
    """The passkey in a browser's answer (``PublicKeyCredential.toJSON()``); None if it is not what was asked for."""
    server = _server()
    return _quietly(lambda: _made(server, asked, credential))


def check_signed(asked: Asked, credential: Any, known: Sequence[AttestedCredentialData]) -> Signed | None:
    """Which of the ``known`` passkeys has signed a browser's answer; None if none did, or not as asked."""
    server = _server()
    return _quietly(lambda: _signed(server, asked, credential, known))


def owner_in(credential: Any) -> UUID | None:
    """Whose passkey has signed, as it says itself. Only a claim: the signature is checked with that account's keys."""
    owner = _quietly(
        lambda: url_str_to_user_pk(AuthenticationResponse.from_dict(credential).response.user_handle.decode())
    )
    return owner if isinstance(owner, UUID) else None


def _server() -> Fido2Server:
    entity = PublicKeyCredentialRpEntity(**get_adapter().get_public_key_credential_rp_entity())
    return Fido2Server(entity, verify_origin=_is_our_origin)


def _is_our_origin(origin: str) -> bool:
    """Whether a page of the shop has asked; in development any port of this machine will do."""
    ours, theirs = urlsplit(settings.PUBLIC_BASE_URL), urlsplit(origin)
    if settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN and (theirs.scheme, theirs.hostname) == ("http", _LOOPBACK):
        return True
    return f"{ours.scheme}://{ours.netloc}" == origin


def _made(server: Fido2Server, asked: Asked, credential: Any) -> Made:
    registration = RegistrationResponse.from_dict(credential)
    data = server.register_complete(asked.state, registration)
    made = cast("AttestedCredentialData", data.credential_data)
    # Whoever kept a broken key could never get in again: this one has to tell a wrong signature when it sees one.
    with suppress(InvalidSignature):
        made.public_key.verify(b"message", b"signature")
    return Made(made.credential_id, data.counter, _as_json(registration))


def _signed(server: Fido2Server, asked: Asked, credential: Any, known: Sequence[AttestedCredentialData]) -> Signed:
    response = AuthenticationResponse.from_dict(credential)
    used = server.authenticate_complete(asked.state, known, response)
    return Signed(used.credential_id, response.response.authenticator_data.counter)


def _ceremony(purpose: Purpose, options: Any, state: Mapping[str, Any], user: User | None) -> dict[str, Any]:
    ticket = tickets.issue(
        tickets.PasskeyTicket,
        purpose=purpose.value,
        sub=_subject(user),
        challenge=state["challenge"],
        verification=state["user_verification"].value,
    )
    return {"options": dict(options), "state": ticket}


def _subject(user: User | None) -> str:
    return "" if user is None else str(user.pk)


def _as_json(registration: RegistrationResponse) -> dict[str, Any]:
    """The parts that say something, and nothing else that a browser may have sent."""
    properties = registration.client_extension_results.get("credProps")
    is_discoverable = isinstance(properties, Mapping) and properties.get("rk") is True
    return {
        "id": registration.id,
        "rawId": registration.id,
        "type": PublicKeyCredentialType.PUBLIC_KEY.value,
        "response": dict(registration.response),
        "clientExtensionResults": {"credProps": {"rk": is_discoverable}},
    }


def _quietly(operation: Callable[[], T]) -> T | None:
    """What ``operation`` makes of a browser's answer; None if it is none."""
    try:
        return operation()
    # Foreign bytes make parsers and curves raise whatever they like: KeyError, struct.error, RecursionError, ...
    except Exception:  # noqa: BLE001
        return None
