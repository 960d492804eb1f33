"""A passkey in software: makes and uses credentials as a browser would, and can misbehave."""

import secrets
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2.cose import ES256
from fido2.utils import sha256, websafe_decode, websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

FLAG = AuthenticatorData.FLAG
ORIGIN = "http://localhost:5000"


@dataclass
class SoftwareKey:
    """One credential.

    Attributes:
        origin: of the page that asks.
        rp_id: whom it believes to sign for; what the page says unless told.
        counter: how often it has signed; stays 0 unless ``counts``.
        verifies: whether it asks its owner for a PIN.
    """

    origin: str = ORIGIN
    rp_id: str = ""
    counter: int = 0
    counts: bool = False
    verifies: bool = True
    user_handle: str = ""
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    private_key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        """What ``navigator.credentials.create`` answers."""
        asked = options["publicKey"]
        self.user_handle = asked["user"]["id"]
        public_key = ES256.from_cryptography_key(self.private_key.public_key())  # type: ignore[no-untyped-call]
        attested = AttestedCredentialData.create(Aaguid.NONE, self.credential_id, public_key)
        data = self._data(self.rp_id or asked["rp"]["id"], attested)
        response = {
            "clientDataJSON": websafe_encode(self._client_data("webauthn.create", asked)),
            "attestationObject": websafe_encode(AttestationObject.create("none", data, {})),
        }
        return {**self._credential(response), "clientExtensionResults": {"credProps": {"rk": True}}}

    def get(self, options: dict[str, Any], **replaced: str) -> dict[str, Any]:
        """What ``navigator.credentials.get`` answers."""
        asked = options["publicKey"]
        client_data, data = self._client_data("webauthn.get", asked), self._data(self.rp_id or asked["rpId"])
        signature = self.private_key.sign(data + sha256(client_data), ec.ECDSA(SHA256()))
        response = {
            "clientDataJSON": websafe_encode(client_data),
            "authenticatorData": websafe_encode(data),
            "signature": websafe_encode(signature),
            "userHandle": self.user_handle,
        }
        return {**self._credential(response | replaced), "clientExtensionResults": {}}

    def _credential(self, response: dict[str, Any]) -> dict[str, Any]:
        name = websafe_encode(self.credential_id)
        return {
            "id": name,
            "rawId": name,
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "response": response,
        }

    def _client_data(self, kind: str, asked: dict[str, Any]) -> bytes:
        return CollectedClientData.create(kind, websafe_decode(asked["challenge"]), self.origin)

    def _data(self, rp_id: str, attested: bytes = b"") -> AuthenticatorData:
        self.counter += self.counts
        flags = FLAG.UP | (FLAG.UV if self.verifies else 0) | (FLAG.AT if attested else 0)
        data: AuthenticatorData = AuthenticatorData.create(sha256(rp_id.encode()), flags, self.counter, attested)
        return data
