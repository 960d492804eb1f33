"""The second step of signing in: from an ``mfa_token`` and a second factor to a session."""

from collections.abc import Mapping
from typing import Any

from accounts.services import mfa, passkeys, sign_in
from accounts.services.sessions import Device
from accounts.services.sign_in import SignIn


def verify(*, mfa_token: str, code: str, device: Device) -> SignIn:
    """Sign in with a one-time password or a recovery code.

    Raises:
        UnauthenticatedError: ``mfa_token_invalid`` or ``mfa_code_invalid``.
        RateLimitedError: too many guesses at this account, or by this client.
        UnavailableError: guesses cannot be counted just now.
    """
    user, method = mfa.read_challenge(mfa_token)
    mfa.prove(user=user, code=code, device=device)
    return sign_in.complete(user=user, device=device, method=method, has_mfa=True)


def begin_passkey(*, mfa_token: str) -> dict[str, Any]:
    """What the browser needs to show a passkey of whoever owes the second factor.

    Raises:
        UnauthenticatedError: ``mfa_token_invalid``.
    """
    user, _ = mfa.read_challenge(mfa_token)
    return passkeys.begin_sign_in(user=user)


def complete_passkey(*, mfa_token: str, credential: Mapping[str, Any], state: str, device: Device) -> SignIn:
    """Sign in with a passkey as the second factor.

    Raises:
        UnauthenticatedError: ``mfa_token_invalid`` or ``passkey_invalid``.
        UnavailableError: sign-ins cannot be counted just now.
    """
    user, method = mfa.read_challenge(mfa_token)
    passkeys.prove(user=user, credential=credential, state=state)
    return sign_in.complete(user=user, device=device, method=method, has_mfa=True)
