"""Encryption of what is stored for later: a stolen copy of the database opens none of it."""

from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.utils.crypto import salted_hmac


def cipher(purpose: str) -> MultiFernet:
    """Seals with a key of its own for each ``purpose``, and opens what a ``SECRET_KEY`` of before has sealed."""
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    keys = [salted_hmac("fantasize.core.sealing", purpose, secret, algorithm="sha256").digest() for secret in secrets]
    return MultiFernet([Fernet(urlsafe_b64encode(key)) for key in keys])
