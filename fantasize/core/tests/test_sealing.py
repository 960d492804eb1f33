"""Sealing: what comes back, and for whom it does not."""

from typing import Any

import pytest
from cryptography.fernet import InvalidToken

from fantasize.core.sealing import cipher


def test_what_is_sealed_opens_for_its_purpose_only() -> None:
    sealed = cipher("letters").encrypt(b"dear Ada")
    assert b"Ada" not in sealed
    assert cipher("letters").decrypt(sealed) == b"dear Ada"
    with pytest.raises(InvalidToken):
        cipher("secrets").decrypt(sealed)


def test_a_new_secret_key_opens_what_the_one_before_has_sealed(settings: Any) -> None:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "the first", []
    sealed = cipher("letters").encrypt(b"dear Ada")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "the second", ["the first"]
    assert cipher("letters").decrypt(sealed) == b"dear Ada"
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(InvalidToken):
        cipher("letters").decrypt(sealed)
