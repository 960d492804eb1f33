"""How allauth keeps second factors for us."""

from urllib.parse import urlsplit

from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings

from fantasize.core.sealing import cipher


class SecondFactorAdapter(DefaultMFAAdapter):
    """Encrypts what it stores, and knows the shop by its public address, never by a request's Host header."""

    def encrypt(self, text: str) -> str:
        """``text`` for the database: a stolen copy of it makes no one-time passwords."""
        return cipher("accounts.second_factor").encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """What ``encrypt`` was given."""
        return cipher("accounts.second_factor").decrypt(encrypted_text.encode()).decode()

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Whom passkeys are made for: the shop's host name."""
        return {"id": urlsplit(settings.PUBLIC_BASE_URL).hostname or "localhost", "name": settings.MFA_TOTP_ISSUER}
