"""How allauth keeps second factors for us."""

import base64
import hashlib

from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet
from django.conf import settings
from django.utils.http import urlsplit


class SecondFactorAdapter(DefaultMFAAdapter):
    """Encrypts what it stores, and knows the shop by its public address, never by a request's Host header."""

    def encrypt(self, text: str) -> str:
        """``text`` for the database: a stolen copy of it makes no one-time passwords."""
        return _vault().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """What ``encrypt`` was given."""
        return _vault().decrypt(encrypted_text.encode()).decode()

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Whom passkeys are made for: the shop's host name."""
        return {"id": urlsplit(settings.PUBLIC_BASE_URL).hostname or "localhost", "name": settings.MFA_TOTP_ISSUER}


def _vault() -> Fernet:
    key = hashlib.scrypt(settings.SECRET_KEY.encode(), salt=b"accounts.second_factor", n=2, r=8, p=1, dklen=32)
    return Fernet(base64.urlsafe_b64encode(key))
