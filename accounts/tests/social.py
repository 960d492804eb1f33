"""What the shop makes of a provider's token."""

import pytest

from accounts.auth import social
from accounts.auth.social import Credential, Identity
from accounts.enums import SignInMethod
from fantasize.core.errors import DomainError, UnauthenticatedError


def verify(method: SignInMethod, token: str, nonce: str = "") -> Identity:
    return social.verify(Credential(method, token, nonce))


def refused(method: SignInMethod, token: str, nonce: str = "") -> DomainError:
    with pytest.raises(DomainError) as caught:
        verify(method, token, nonce)
    return caught.value


def is_refused(method: SignInMethod, token: str, nonce: str = "") -> bool:
    error = refused(method, token, nonce)
    return isinstance(error, UnauthenticatedError) and error.code == "provider_token_invalid"
