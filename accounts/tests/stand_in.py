"""A provider of our own: a real HTTP server that plays Google, Facebook and Firebase, and that can misbehave."""

import hashlib
import hmac
import json
import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from accounts.auth.social import keys, providers
from fantasize.tests.waiting import PATIENCE_SECONDS

CLIENT_ID = "shop.apps.googleusercontent.com"
APP_ID, APP_SECRET, APP_TOKEN = "4242", "facebook-secret", "4242|app-token"
PROJECT = "shop-project"
PICTURE = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00\x90wS\xde"
    b"\x00\x00\x00\x0cIDATx\x9cc\xf8\xcf\xc0\x00\x00\x03\x01\x01\x00\xc9\xfe\x92\xef\x00\x00\x00\x00IEND\xaeB`\x82"
)


@lru_cache(maxsize=8)
def private_key(kid: str) -> rsa.RSAPrivateKey:
    """The private key called ``kid``; one per run."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@lru_cache(maxsize=8)
def certificate(kid: str) -> str:
    """Its certificate, as Google publishes them."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "stand-in")])
    start = datetime(2020, 1, 1, tzinfo=UTC)
    key = private_key(kid)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(start).not_valid_after(start + timedelta(days=36500))
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def public_pem(kid: str) -> bytes:
    """The public key as text: what an HS256 forger would use for a secret."""
    kind = serialization.PublicFormat.SubjectPublicKeyInfo
    return private_key(kid).public_key().public_bytes(serialization.Encoding.PEM, kind)


@dataclass
class StandIn:
    """What the provider says, and what it was asked.

    Attributes:
        url: where it listens.
        kids: the keys that it publishes.
        delay: seconds before it answers.
        status: what it answers instead of 200, if anything.
        page: what it answers instead of a document, if anything.
        max_age: seconds for which its keys may be kept.
        people: Facebook's access tokens: whom each belongs to, and which app it was given to.
        calls: the paths that it was asked for.
    """

    url: str = ""
    kids: list[str] = field(default_factory=lambda: ["one"])
    delay: float = 0.0
    status: int = 200
    page: bytes = b""
    max_age: int = 3600
    people: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)

    def google_token(self, kid: str = "one", headers: dict[str, Any] | None = None, **claims: Any) -> str:
        """An ID token of Google's; claims that are None are left out."""
        return self._token(kid, headers, {"iss": self.url, "aud": CLIENT_ID, "sub": "ada-at-google", **claims})

    def firebase_token(self, kid: str = "one", headers: dict[str, Any] | None = None, **claims: Any) -> str:
        """An ID token of Firebase's."""
        now = int(datetime.now(UTC).timestamp())
        issuer = f"{self.url}/firebase/{PROJECT}"
        return self._token(
            kid, headers, {"iss": issuer, "aud": PROJECT, "sub": "ada-at-firebase", "auth_time": now - 5, **claims}
        )

    def facebook_token(self, *, app_id: str = APP_ID, is_valid: bool = True, **person: Any) -> str:
        """An access token of Facebook's, for somebody."""
        token = f"facebook-{len(self.people)}-{person.get('id', 'ada')}"
        self.people[token] = {"app_id": app_id, "is_valid": is_valid, "person": {"id": "ada-at-facebook", **person}}
        return token

    def _token(self, kid: str, headers: dict[str, Any] | None, claims: dict[str, Any]) -> str:
        now = int(datetime.now(UTC).timestamp())
        body = {
            "iat": now - 1,
            "exp": now + 3600,
            "jti": uuid.uuid4().hex,
            "email": "ada@example.com",
            "email_verified": True,
            "given_name": "Ada",
            "family_name": "Lovelace",
            **claims,
        }
        present = {name: value for name, value in body.items() if value is not None}
        token: str = jwt.encode(present, private_key(kid), "RS256", headers={"kid": kid, **(headers or {})})
        return token

    def answer(self, path: str, query: dict[str, str]) -> tuple[int, Any]:
        """Status and document."""
        if path.endswith("/certs"):
            return self.status, {kid: certificate(kid) for kid in self.kids}
        if path == "/graph/oauth/access_token":
            is_ours = (query["client_id"], query["client_secret"]) == (APP_ID, APP_SECRET)
            return (self.status, {"access_token": APP_TOKEN}) if is_ours else (400, {"error": {"code": 101}})
        if path == "/graph/debug_token":
            return self._inspect(query)
        if path == "/graph/me":
            return self._tell(query)
        return 404, {}

    def _inspect(self, query: dict[str, str]) -> tuple[int, Any]:
        known = self.people.get(query["input_token"])
        if query["access_token"] != APP_TOKEN:
            return 400, {"error": {"code": 190}}
        if known is None:
            return self.status, {"data": {"is_valid": False, "error": {"code": 190}}}
        return self.status, {"data": {"app_id": known["app_id"], "is_valid": known["is_valid"]}}

    def _tell(self, query: dict[str, str]) -> tuple[int, Any]:
        token = query["access_token"]
        proof = hmac.new(APP_SECRET.encode(), token.encode(), hashlib.sha256).hexdigest()
        if query.get("appsecret_proof") != proof or token not in self.people:
            return 400, {"error": {"code": 100}}
        return self.status, self.people[token]["person"]


class _Handler(BaseHTTPRequestHandler):
    """Answers out of the server's ``StandIn``."""

    provider: StandIn

    def do_GET(self) -> None:
        provider, url = self.provider, urlsplit(self.path)
        provider.calls.append(url.path)
        if provider.delay:
            provider.released.wait(provider.delay)
        if url.path == "/picture.png":
            return self._send(200, PICTURE, "image/png")
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        status, document = provider.answer(url.path, query)
        return self._send(status, provider.page or json.dumps(document).encode(), "application/json")

    def _send(self, status: int, body: bytes, content_type: str) -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", f"public, max-age={self.provider.max_age}")
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            self.close_connection = True  # whoever asked did not wait

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's name
        """Keep quiet."""


@contextmanager
def stand_in(settings: Any) -> Iterator[StandIn]:
    """A running provider that the shop takes for all three."""
    provider = StandIn()
    handler = type("Handler", (_Handler,), {"provider": provider})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    provider.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    keys.forget()
    try:
        with _believed(settings, provider.url):
            try:
                yield provider
            finally:
                provider.released.set()
                if provider.delay:
                    _wait_for_calls()
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _wait_for_calls() -> None:
    """Calls that nobody waited for end here, and not at the next test's provider."""
    for pool in providers._POOLS.values():
        met = threading.Barrier(providers._AT_ONCE)
        wait([pool.submit(met.wait) for _ in range(providers._AT_ONCE)], timeout=PATIENCE_SECONDS)


@contextmanager
def _believed(settings: Any, url: str) -> Iterator[None]:
    """The shop's settings name the stand-in; allauth has read them when it was imported."""
    settings.GOOGLE_CLIENT_ID, settings.GOOGLE_ISSUER_URL, settings.GOOGLE_CERTS_URL = CLIENT_ID, url, f"{url}/certs"
    settings.FACEBOOK_CLIENT_ID, settings.FACEBOOK_CLIENT_SECRET = APP_ID, APP_SECRET
    settings.FIREBASE_PROJECT_ID, settings.FIREBASE_ISSUER_URL = PROJECT, f"{url}/firebase"
    settings.FIREBASE_CERTS_URL = f"{url}/firebase/certs"
    settings.FETCH_ALLOWED_HOSTS = [urlsplit(url).netloc]
    google = "allauth.socialaccount.providers.google.views"
    with (
        patch(f"{google}.CERTS_URL", f"{url}/certs"),
        patch(f"{google}.ID_TOKEN_ISSUER", url),
        patch("allauth.socialaccount.providers.facebook.flows.GRAPH_API_URL", f"{url}/graph"),
    ):
        yield
