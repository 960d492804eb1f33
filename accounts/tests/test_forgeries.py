"""Two hundred access tokens that we did not issue: every way of signing, under every header, with every claim grown."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings

from accounts import tokens
from accounts.services import sessions
from accounts.services.sessions import Device
from accounts.tests.factories import make_user
from fantasize.core.errors import UnauthenticatedError
from fantasize.tests.client import ApiClient

pytestmark = pytest.mark.django_db

KEY = str(settings.SIMPLE_JWT["SIGNING_KEY"]).encode()
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC = ec.generate_private_key(ec.SECP256R1())
PEM = RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

Signer = Callable[[bytes], bytes]


def by_hmac(key: bytes, digest: Any = hashlib.sha256) -> Signer:
    return lambda text: hmac.new(key, text, digest).digest()


# How a forger without our key may sign.
SIGNERS: dict[str, Signer] = {
    "none": lambda _: b"",
    "HS256": by_hmac(b"k" * 64),
    "HS256 with nothing": by_hmac(b""),
    "HS256 with a public key": by_hmac(PEM),
    "HS384": by_hmac(KEY, hashlib.sha384),
    "HS512": by_hmac(KEY, hashlib.sha512),
    "RS256": lambda text: RSA.sign(text, padding.PKCS1v15(), SHA256()),
    "ES256": lambda text: EC.sign(text, ec.ECDSA(SHA256())),
}
JWK = {"kty": "oct", "k": base64.urlsafe_b64encode(b"k" * 64).decode()}
# What a header may add to have another key looked for.
HEADERS: list[dict[str, Any]] = [
    {},
    {"kid": "/dev/null"},
    {"kid": "../../../../proc/sys/kernel/randomize_va_space"},
    {"kid": "x' UNION SELECT 'k' -- "},
    {"jwk": JWK},
    {"jku": "https://evil.example/keys.json"},
    {"x5u": "https://evil.example/chain.pem"},
    {"typ": "JWT", "cty": "JWT"},
]
# What the forger would like to be; the last is a second subject beside the first.
CLAIMS: list[str] = [
    "{}",
    '{"role": "administrator"}',
    '{"token_type": "access", "rights": 99}',
    '{"sub": "x", "sub": %s}',
]


def segment(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def forged(claims: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, sign in SIGNERS.items():
        for header in HEADERS:
            for grown in CLAIMS:
                body = (
                    json.dumps(claims)[:-1] + ", " + (grown.replace("%s", json.dumps(claims["sub"]))[1:-1] or '"a": 1')
                )
                head = json.dumps({"alg": name.split(" ")[0], **header})
                signed = segment(head.encode()) + b"." + segment(body.encode() + b"}")
                yield f"{name} {header} {grown}", (signed + b"." + segment(sign(signed))).decode()


def test_none_of_them_proves_anything() -> None:
    session = sessions.begin(user=make_user(role="administrator"), device=Device()).session
    claims = dict(tokens.authenticate_access(tokens.issue_access(session)).claims)
    tried = dict(forged(claims))
    assert len(tried) >= 200
    for name, token in tried.items():
        with pytest.raises(UnauthenticatedError) as caught:
            tokens.authenticate_access(token)
        assert caught.value.code == "token_invalid", name


def test_the_forger_would_succeed_with_our_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: what refuses them is the signature, not how they are written."""
    session = sessions.begin(user=make_user(role="administrator"), device=Device()).session
    claims = dict(tokens.authenticate_access(tokens.issue_access(session)).claims)
    monkeypatch.setitem(SIGNERS, "HS256", by_hmac(KEY))
    let_in = [token for name, token in forged(claims) if name.startswith("HS256 {}") and "rights" not in name]
    assert all(tokens.authenticate_access(token).session == session for token in let_in)
    assert len(let_in) == 3


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "Api-Key"])
def test_neither_over_http(scheme: str) -> None:
    session = sessions.begin(user=make_user(), device=Device()).session
    claims = dict(tokens.authenticate_access(tokens.issue_access(session)).claims)
    for name, token in list(forged(claims))[::16]:
        reply = ApiClient().get("/users/profile", Authorization=f"{scheme} {token}")
        assert reply.status == 401, name
