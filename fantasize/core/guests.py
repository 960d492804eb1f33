"""Guests: whoever buys without an account is known by a token. The shop keeps its hash only."""

import hashlib
import re
import secrets

_BYTES = 32
# What ``new_token`` makes. A shorter one could be guessed, and what is its guest's be seen.
TOKEN_PATTERN = "^[A-Za-z0-9_-]{43}$"  # noqa: S105 - what one looks like
_TOKEN = re.compile(TOKEN_PATTERN.removesuffix("$") + r"\Z")


def new_token() -> str:
    """A token that nobody can guess: 256 random bits."""
    return secrets.token_urlsafe(_BYTES)


def is_token(text: str) -> bool:
    """Whether it looks like a token of ours."""
    return _TOKEN.match(text) is not None


def principal_of(token: str) -> str:
    """The guest as idempotency keys, uploads and carts name them: ``cart:<hash>``, from which nobody gets back."""
    return f"cart:{hashlib.sha256(token.encode()).hexdigest()}"
