"""Guesses at what is secret: counted here before they are looked at, whichever door they come through.

An account's guesses are counted together over all doors and addresses. A device on which its owner has signed in
completely has a count of its own, so that nobody is locked out by strangers. A client's wrong guesses are counted over
all accounts; once there are too many, it is told of no further guess, not even of a right one that was under way.
"""

import hashlib

from accounts.models import User
from accounts.services import devices
from accounts.services.sessions import Device
from fantasize.core import limits

_ACCOUNT = "auth"
_CLIENT = "auth_address"


def knock(*, user: User | None, device: Device, identifier: str = "") -> None:
    """Count one guess, before anything is looked at.

    Args:
        user: whose secret is guessed at; None for nobody, who is counted by ``identifier`` like an account.
        device: where the guess comes from.
        identifier: what the account was called.

    Raises:
        RateLimitedError: too many guesses at this account, or failures of this client.
        UnavailableError: guesses cannot be counted just now.
    """
    require_welcome(device=device)
    _require(limits.hit(_ACCOUNT, _account_key(user, device, identifier)))


def turn_away(*, device: Device) -> None:
    """Count a failure of the client, whose guess was wrong.

    Raises:
        RateLimitedError: it had failed too often already; it must not hear that this guess was wrong either.
        UnavailableError: failures cannot be counted just now.
    """
    _require(limits.hit(_CLIENT, _client_key(device)))


def require_welcome(*, device: Device) -> None:
    """Refuse a client that has failed too often; asked before a guess, and again before it hears that it was right.

    Raises:
        RateLimitedError: it has.
        UnavailableError: failures cannot be counted just now.
    """
    _require(limits.test(_CLIENT, _client_key(device)))


def let_in(*, user: User, device: Device) -> None:
    """Forget the guesses that were counted with those of this device: ``user`` has shown everything that is asked.

    Raises:
        RateLimitedError: the client has failed too often meanwhile.
        UnavailableError: guesses cannot be counted just now.
    """
    require_welcome(device=device)
    limits.clear(_ACCOUNT, _account_key(user, device))


def _account_key(user: User | None, device: Device, identifier: str = "") -> str:
    known = devices.find(device.token)
    if user is None:
        return f"unknown:{hashlib.sha256(identifier.strip().lower().encode()).hexdigest()}"
    if known is not None and known.user_id == user.pk:
        return f"{user.actor}:device:{known.pk}"
    return user.actor


def _client_key(device: Device) -> str:
    return f"address:{device.site}"


def _require(verdict: limits.Verdict | None) -> None:
    if verdict is not None:
        verdict.require()
