"""Passkeys and security keys: kept by allauth in its own format, used to sign in or as a second factor."""

from collections.abc import Mapping
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import QuerySet
from django.utils.crypto import salted_hmac
from fido2.webauthn import AttestedCredentialData

from accounts.auth import webauthn
from accounts.auth.webauthn import Asked, Purpose
from accounts.enums import SignInMethod
from accounts.models import Session, UsedPassword, User
from accounts.services import doors, mfa, sign_in, verification
from accounts.services.sessions import Device
from accounts.services.sign_in import SignIn
from fantasize.core import clock
from fantasize.core.errors import ConflictError, InvalidError, NotFoundError, UnauthenticatedError

MAX_PER_USER = 20


def list_of(user: User) -> QuerySet[Any]:
    """The user's passkeys, oldest first."""
    rows: QuerySet[Any] = Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN)
    return rows.order_by("pk")


def begin_registration(*, user: User) -> dict[str, Any]:
    """``options`` for the browser's ``navigator.credentials.create``, and ``state`` for ``complete_registration``."""
    return webauthn.ask_to_register(user, [_credential_of(row) for row in list_of(user)])


@transaction.atomic
def complete_registration(
    *, user: User, credential: Mapping[str, Any], state: str, name: str, session: Session | None = None
) -> tuple[Authenticator, list[str]]:
    """Keep the passkey that a browser has made. Locks the user's row.

    Args:
        user: who.
        credential: what ``PublicKeyCredential.toJSON()`` says.
        state: of ``begin_registration``.
        name: what its owner calls it.
        session: where it happens; it has shown its second factor herewith.

    Returns:
        The passkey, and fresh recovery codes, the only copy of them; none for whoever still has some.

    Raises:
        InvalidError: not the answer to what was asked (at ``/credential``).
        ConflictError: ``step_expired``, too late or repeated; ``too_many_passkeys``.
    """
    asked = webauthn.read_state(state, Purpose.REGISTER, user)
    if asked is None:
        raise _too_late()
    made = webauthn.check_made(asked, credential)
    mfa.lock(user)
    known = {_credential_of(row).credential_id for row in list_of(user)}
    if made is None or made.credential_id in known:
        raise InvalidError.at("/credential", "This is not the answer to what was asked.", code="passkey_refused")
    if len(known) >= MAX_PER_USER:
        raise ConflictError(f"There are {MAX_PER_USER} passkeys already.", code="too_many_passkeys")
    if not _is_first_answer(user, asked):
        raise _too_late()
    data = {"name": name, "credential": made.as_json, "sign_count": made.counter}
    passkey = Authenticator(user=user, type=Authenticator.Type.WEBAUTHN, data=data, created_at=clock.now())
    return passkey, mfa.add(user, passkey, session)


@transaction.atomic
def remove(*, user: User, passkey_id: int) -> None:
    """Forget a passkey. Locks the user's row.

    Raises:
        NotFoundError: the user has no such passkey.
        ConflictError: ``mfa_required_by_role``: it is the last factor of somebody who must have one.
    """
    mfa.lock(user)
    passkey = list_of(user).filter(pk=passkey_id).first()
    if passkey is None:
        raise NotFoundError
    mfa.remove(user, passkey)


def begin_sign_in(*, user: User | None = None) -> dict[str, Any]:
    """``options`` for the browser's ``navigator.credentials.get``, and ``state``.

    Without a ``user`` the passkey says whose it is and has to verify its owner; with one it is their second factor.
    """
    if user is None:
        return webauthn.ask_to_sign_in()
    return webauthn.ask_for_second_step(user, [_credential_of(row) for row in list_of(user)])


def complete_sign_in(*, credential: Mapping[str, Any], state: str, device: Device) -> SignIn:
    """Sign in whoever holds a passkey. It has verified its owner, which makes it two factors.

    Raises:
        UnauthenticatedError: ``passkey_invalid``; ``email_unverified``, in a shop that asks for it.
        UnavailableError: sign-ins cannot be counted just now.
    """
    try:
        user = identify(credential=credential, state=state)
    except UnauthenticatedError:
        doors.turn_away(device=device)
        raise
    verification.require_verified(user)
    return sign_in.complete(user=user, device=device, method=SignInMethod.PASSKEY, has_mfa=True)


def identify(*, credential: Mapping[str, Any], state: str) -> User:
    """Whose passkey has signed what ``begin_sign_in()`` asked for; the answer counts once.

    Raises:
        UnauthenticatedError: ``passkey_invalid``.
    """
    asked = webauthn.read_state(state, Purpose.SIGN_IN, None)
    user: User | None = User.objects.active().filter(pk=webauthn.owner_in(credential)).first()
    if user is None or asked is None:
        raise _refusal()
    _accept(user, credential, asked)
    return user


def prove(*, user: User, credential: Mapping[str, Any], state: str) -> None:
    """Accept a passkey as the second factor of ``user``; the answer counts once.

    It is no guess, so that no door counts it: nobody hits on a signature.

    Raises:
        UnauthenticatedError: ``passkey_invalid``.
    """
    asked = webauthn.read_state(state, Purpose.SECOND_STEP, user)
    if asked is None:
        raise _refusal()
    _accept(user, credential, asked)


@transaction.atomic
def _accept(user: User, credential: Mapping[str, Any], asked: Asked) -> None:
    """Check an answer with the keys that are kept, and note the use. Locks the user's passkeys.

    Raises:
        UnauthenticatedError: ``passkey_invalid``.
    """
    rows = {_credential_of(row).credential_id: row for row in list_of(user).select_for_update()}
    signed = webauthn.check_signed(asked, credential, [_credential_of(row) for row in rows.values()])
    if signed is None or not _is_first_answer(user, asked):
        raise _refusal()
    _note_use(rows[signed.credential_id], signed.counter)


def _note_use(passkey: Authenticator, counter: int) -> None:
    """A counter that does not grow belongs to a copy of the key; keys without one say 0 for ever."""
    before = passkey.data.get("sign_count", 0)
    if (counter or before) and counter <= before:
        raise _refusal()
    passkey.data["sign_count"] = counter
    passkey.last_used_at = clock.now()
    passkey.save(update_fields=["data", "last_used_at"])


def _is_first_answer(user: User, asked: Asked) -> bool:
    """Whether nobody has answered this before; the unique row decides."""
    code_hash = salted_hmac("accounts.passkeys", asked.challenge, algorithm="sha256").hexdigest()
    _, is_new = UsedPassword.objects.get_or_create(user=user, code_hash=code_hash, defaults={"used_at": clock.now()})
    return is_new


def _credential_of(passkey: Authenticator) -> AttestedCredentialData:
    credential: AttestedCredentialData = passkey.wrap().authenticator_data.credential_data
    return credential


def _too_late() -> ConflictError:
    return ConflictError("This step has expired, or was taken before. Begin again.", code="step_expired")


def _refusal() -> UnauthenticatedError:
    return UnauthenticatedError("The passkey was not accepted.", code="passkey_invalid")
