"""Fetching over TLS: a server proves who it is, in bounded time."""

import ipaddress
import ssl
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pytest_django import Settings

from fantasize.core import fetch as fetching
from fantasize.core.fetch import FetchError, fetch
from fantasize.core.tests.strangers import PNG, Canary, Mute

pytestmark = pytest.mark.usefixtures("nobody_allowed")


def get(url: str, *, max_bytes: int = 1000) -> bytes:
    return fetch(url, max_bytes=max_bytes, content_types={"image/png"})


def _signed(name: str, folder: Path) -> Path:
    """A certificate for ``name``, signed by itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    try:
        san: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        san = x509.DNSName(name)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([san]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.mark.parametrize(
    ("certified", "is_known", "is_taken"),
    [("localhost", True, True), ("localhost", False, False), ("other.example", True, False)],
)
def test_a_server_proves_who_it_is(
    canary: Canary,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    certified: str,
    is_known: bool,  # noqa: FBT001 - a parameter
    is_taken: bool,  # noqa: FBT001 - as above
) -> None:
    path = _signed(certified, tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    canary.socket = context.wrap_socket(canary.socket, server_side=True)
    monkeypatch.setenv("SSL_CERT_FILE", str(path if is_known else _signed("stranger.example", tmp_path)))
    monkeypatch.setattr(fetching, "_trusting", ssl.create_default_context)
    settings.FETCH_ALLOWED_HOSTS = [f"localhost:{canary.server_port}"]
    url = f"https://localhost:{canary.server_port}/"
    if is_taken:
        assert get(url) == PNG
    else:
        with pytest.raises(FetchError):
            get(url)
        assert canary.asked == []


def test_a_handshake_that_never_ends_is_cut_off(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "TOTAL_SECONDS", 0.4)
    mute = Mute()
    mute.start()
    port = mute.listener.getsockname()[1]
    settings.FETCH_ALLOWED_HOSTS = [f"127.0.0.1:{port}"]
    started = time.monotonic()
    with pytest.raises(FetchError):
        get(f"https://127.0.0.1:{port}/")
    assert time.monotonic() - started < 30
    mute.over.set()
    mute.join()
    mute.listener.close()
