"""Tickets: signed, typed, short-lived, from one step of signing in to the next. None opens anything by itself."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import Token

from fantasize.core import clock

# Ours have some 500 characters; nothing longer is worth decoding.
MAX_LENGTH = 1024


class _Ticket(Token):
    lifetime = timedelta(minutes=5)


class SecondStepTicket(_Ticket):
    """Its bearer has shown a first factor and owes the second."""

    token_type = "mfa"  # noqa: S105 - a type's name


class PasskeyTicket(_Ticket):
    """What a passkey was asked to sign, and for what."""

    token_type = "passkey"  # noqa: S105 - as above


def issue(kind: type[Token], **claims: str) -> str:
    """A ticket that is good for five minutes. Its claims are signed, and can be read by whoever holds it."""
    now = clock.now()
    ticket = kind()
    ticket.set_iat(at_time=now)
    ticket.set_exp(from_time=now)
    ticket.payload |= claims
    return str(ticket)


def read(kind: type[Token], text: str) -> Mapping[str, Any] | None:
    """The claims of a ticket; None for one that is forged, of another kind, or too old."""
    if len(text) > MAX_LENGTH:
        return None
    try:
        claims: Mapping[str, Any] = kind(text).payload  # type: ignore[arg-type] # it takes the text, whatever its hint says
    except (TokenError, RecursionError, ValueError):
        # RecursionError: a header of a thousand brackets.
        return None
    # Once more by our clock: the library only knows the system's.
    return claims if claims["exp"] > clock.now().timestamp() else None
