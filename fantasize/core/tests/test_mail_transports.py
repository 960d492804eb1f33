"""Mails on their way: files, SMTP servers and providers, good and bad."""

import email
import email.policy
import runpy
import socketserver
import threading
import warnings
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import unquote_to_bytes

import pytest
from anymail.exceptions import AnymailNotSupportedWarning
from pytest_django import Settings

from fantasize.core import mail

TO = "ada@example.com"
SAMPLE = {"code": "493027", "minutes": 15, "provider": "Google"}
ROOT = Path(__file__).parents[3]


def test_in_development_every_mail_is_a_file(settings: Settings, tmp_path: Path) -> None:
    settings.EMAIL_BACKEND = "fantasize.core.mail.FileBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    mail.send_now("accounts/verify_email", to=TO, context=SAMPLE)
    mail.send_now("accounts/social_linked", to=TO, context={**SAMPLE, "provider": "../../ĝ \N{WRAPPED PRESENT}"})
    first, second = sorted((tmp_path / "mail").iterdir())
    read = email.message_from_bytes(first.read_bytes(), policy=email.policy.default)
    assert (first.suffix, read["To"], read["Subject"]) == (".eml", TO, "Confirm your e-mail address")
    assert b"\n    493027\n" in first.read_bytes()
    assert second.name.endswith(".eml")


class _SilentServer(socketserver.ThreadingTCPServer):
    """Takes connections and never says a word."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        self.over = threading.Event()
        super().__init__(("127.0.0.1", 0), socketserver.BaseRequestHandler)

    def finish_request(self, request: Any, client_address: Any) -> None:
        self.over.wait(30)


def test_a_server_that_says_nothing_is_not_waited_for(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_TIMEOUT = 0.2
    with _SilentServer() as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address[:2]
        with pytest.raises(mail.MailError, match="SMTPServerDisconnected"):
            mail.send_now("accounts/welcome", to=TO)
        server.over.set()
        server.shutdown()


class _Refusing(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self.wfile.write(b"220 hello\r\n")
        for line in self.rfile:
            is_recipient = line.upper().startswith(b"RCPT")
            self.wfile.write(f"550 no such user {TO}\r\n".encode() if is_recipient else b"250 ok\r\n")


def test_a_refusal_gives_the_code_and_no_address(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Refusing) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address[:2]
        with pytest.raises(mail.MailError) as failure:
            mail.send_now("accounts/welcome", to=TO)
        server.shutdown()
    assert str(failure.value) == "SMTPRecipientsRefused 550"
    assert failure.value.__suppress_context__


class _Provider(BaseHTTPRequestHandler):
    """Plays a mail provider's API and keeps what it was told."""

    told: ClassVar[list[tuple[str, str, bytes]]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.told.append((self.path, self.headers["Authorization"], body))
        answer = b'{"id": "<1@mail>", "message": "Queued"}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *args: Any) -> None:
        pass


def _settings_with(monkeypatch: pytest.MonkeyPatch, **environment: str) -> dict[str, Any]:
    for name in ("EMAIL_URL", "SENDGRID_API_KEY", "MAILGUN_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return runpy.run_path(str(ROOT / "fantasize/settings/parts/mail.py"))


@pytest.mark.parametrize("provider", ["SENDGRID", "MAILGUN"])
def test_providers_are_asked_through_their_api(
    provider: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    _Provider.told.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), _Provider) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/v3"
        keys = {f"{provider}_API_KEY": "sesame", f"{provider}_API_URL": address}
        chosen = _settings_with(monkeypatch, **keys, MAILGUN_SENDER_DOMAIN="mail.shop.example")
        settings.EMAIL_BACKEND, settings.ANYMAIL = chosen["EMAIL_BACKEND"], chosen["ANYMAIL"]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", AnymailNotSupportedWarning)
            mail.send_now("accounts/welcome", to=TO, message_id="<7@shop.example>")
        server.shutdown()
    ((path, authorization, body),) = _Provider.told
    assert path.startswith("/v3/")
    assert authorization
    body = unquote_to_bytes(body)
    assert TO.encode() in body
    assert b"7@shop.example" in body


def test_the_environment_chooses_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    smtp = _settings_with(monkeypatch, EMAIL_URL="smtp+tls://me:secret@mail.example:587", SENDGRID_API_KEY="x")
    assert (smtp["EMAIL_HOST"], smtp["EMAIL_PORT"], smtp["EMAIL_USE_TLS"]) == ("mail.example", 587, True)
    assert "sendgrid" in _settings_with(monkeypatch, SENDGRID_API_KEY="x")["EMAIL_BACKEND"]
    assert "mailgun" in _settings_with(monkeypatch, MAILGUN_API_KEY="x")["EMAIL_BACKEND"]
    files = _settings_with(monkeypatch)
    assert files["EMAIL_BACKEND"] == "fantasize.core.mail.FileBackend"
    assert files["EMAIL_FILE_PATH"].name == "mail"
