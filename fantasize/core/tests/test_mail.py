"""Mail: with the transaction or not at all, unable to carry more than it should, readable everywhere."""

import email
import email.policy
import json
import logging
import re
import runpy
import socketserver
import threading
import warnings
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import unquote_to_bytes

import pytest
from anymail.exceptions import AnymailNotSupportedWarning
from django.core import mail as outgoing
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from procrastinate.contrib.django import app as queue
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings

from fantasize.core import mail
from fantasize.core.tests.jobs import work_off

TO = "ada@example.com"
SAMPLE = {
    "code": "493027",
    "minutes": 15,
    "device": "Firefox on Linux",
    "address": "203.0.113.7",
    "when": datetime(2026, 11, 1, 5, 30, tzinfo=UTC),
    "provider": "Google",
    "role": "manager",
    "what": "A passkey was removed.",
}
ROOT = Path(__file__).parents[3]
TEMPLATES = sorted(path.stem for path in ROOT.glob("templates/email/accounts/*.html"))


def compose(name: str, **context: Any) -> Any:
    return mail.compose(f"accounts/{name}", to=TO, context={**SAMPLE, **context}, message_id="<1@shop>")


def html(message: Any) -> str:
    return str(message.alternatives[0][0])


# --- in the queue -----------------------------------------------------------------


def test_a_mail_goes_out_once_its_transaction_is_committed(transactional_db: None) -> None:
    with transaction.atomic():
        mail.send_later("accounts/new_sign_in", to=TO, context=SAMPLE)
        work_is_waiting = ProcrastinateJob.objects.count()
    assert (work_is_waiting, outgoing.outbox) == (1, [])
    work_off()
    (sent,) = outgoing.outbox
    assert sent.to == [TO]
    assert "Firefox on Linux" in sent.body
    assert "1 November 2026, 05:30 UTC" in sent.body


def test_what_is_rolled_back_is_never_mailed(transactional_db: None) -> None:
    with transaction.atomic():
        mail.send_later("accounts/welcome", to=TO)
        transaction.set_rollback(True)
    work_off()
    assert outgoing.outbox == []


def test_a_job_tells_nobody_whom_it_is_for(transactional_db: None) -> None:
    mail.send_later("accounts/new_sign_in", to=TO, context=SAMPLE)
    stored = json.dumps(list(ProcrastinateJob.objects.values_list("args", flat=True)))
    assert "ada" not in stored
    assert "Firefox" not in stored


def test_a_mail_sent_leaves_no_job_behind(transactional_db: None) -> None:
    mail.send_later("accounts/welcome", to=TO)
    work_off()
    assert not ProcrastinateJob.objects.exists()


def test_a_server_that_fails_is_asked_again_with_the_same_message_id(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[str] = []
    deliver = outgoing.EmailMultiAlternatives.send

    def fail_once(message: Any, *args: Any) -> int:
        seen.append(message.extra_headers["Message-ID"])
        if len(seen) == 1:
            raise OSError(f"550 no such user {TO}")
        return deliver(message, *args)

    monkeypatch.setattr(outgoing.EmailMultiAlternatives, "send", fail_once)
    mail.send_later("accounts/welcome", to=TO)
    with caplog.at_level(logging.DEBUG, "procrastinate"):
        work_off()
    assert outgoing.outbox == []
    assert TO not in caplog.text
    assert "MailError" in caplog.text
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE status = 'todo'")
    work_off()
    assert len(outgoing.outbox) == 1
    assert len(seen) == 2
    assert len(set(seen)) == 1


def test_different_mails_have_different_message_ids(transactional_db: None) -> None:
    for _ in range(2):
        mail.send_later("accounts/welcome", to=TO)
    work_off()
    assert len({message.extra_headers["Message-ID"] for message in outgoing.outbox}) == 2


@pytest.mark.parametrize(("hours", "left"), [(1, 1), (mail.KEEP_UNDELIVERABLE_HOURS + 1, 0)])
def test_what_nobody_could_deliver_is_forgotten(transactional_db: None, hours: int, left: int) -> None:
    mail.send_later("accounts/welcome", to=TO)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing', attempts = 9")
        cursor.execute("UPDATE procrastinate_jobs SET status = 'failed'")
        cursor.execute("UPDATE procrastinate_events SET at = now() - make_interval(hours => %s)", [hours])
    queue.configure_task("fantasize.core.tasks.purge_undeliverable_mail").defer(timestamp=0)
    work_off()
    assert ProcrastinateJob.objects.filter(queue_name=mail.QUEUE).count() == left


# --- what people wrote is data --------------------------------------------------------

EVIL = (
    "x\r\nBcc: eve@example.com",
    "x\nContent-Type: text/html",
    "x\r\n\r\n<h1>body</h1>",
    "x\u2028Bcc: eve@example.com",
    "x\x85Subject: y",
    "x\x0bTo: y@example.com\x0c",
)


@pytest.mark.parametrize("text", EVIL)
def test_a_subject_stays_one_line(text: str) -> None:
    message = compose("social_linked", provider=text)
    read = email.message_from_bytes(message.message().as_bytes(), policy=email.policy.default)
    assert sorted(read.keys()) == sorted(compose("social_linked").message().keys())
    assert message.recipients() == [TO]
    assert len(message.subject.splitlines()) == 1


@pytest.mark.parametrize(
    "to",
    [
        "ada@example.com\r\nBcc: eve@example.com",
        "ada@example.com\n",
        "ada@example.com, eve@example.com",
        "ada@example.com;eve@example.com",
        "Ada <ada@example.com>",
        "ada@example.com eve@example.com",
        "ada@example.com\x00",
        "",
    ],
)
def test_an_address_is_one_address(to: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        mail.send_now("accounts/welcome", to=to)
    assert "example" not in str(refusal.value)
    assert outgoing.outbox == []


def test_an_address_that_is_none_does_not_fail_what_the_mail_tells_of(transactional_db: None) -> None:
    mail.send_later("accounts/password_changed", to="ada@example.com\r\nBcc: eve@example.com")
    mail.send_later("accounts/password_changed", to=TO)
    work_off()
    assert [message.to for message in outgoing.outbox] == [[TO]]


def test_markup_is_text_in_the_html_and_itself_in_the_text() -> None:
    text = "<script>alert('1')</script> & \"Tom\""
    message = compose("new_sign_in", device=text)
    assert text in message.body
    assert "<script" not in html(message)
    assert "&lt;script&gt;" in html(message)


def test_template_code_in_what_people_wrote_is_not_run() -> None:
    text = "{{ shop_url }}{% include 'email/base.txt' %}"
    message = compose("new_sign_in", device=text)
    assert text in message.body


def test_a_subject_is_not_escaped() -> None:
    assert compose("social_linked", provider="Tom & <Jerry>").subject == "Tom & <Jerry> now opens your account"


# --- every mail ------------------------------------------------------------------


def test_all_mails_are_there() -> None:
    assert TEMPLATES == [
        "account_erased",
        "already_registered",
        "mfa_disabled",
        "mfa_enabled",
        "new_sign_in",
        "password_changed",
        "refresh_reused",
        "reset_password",
        "role_changed",
        "sign_in_changed",
        "social_linked",
        "verify_email",
        "welcome",
    ]


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_mail_is_complete_in_both_forms(name: str, settings: Settings) -> None:
    settings.PUBLIC_BASE_URL = "https://shop.example"
    message = compose(name)
    assert 5 < len(message.subject) < 60
    for body in (message.body, html(message)):
        assert "https://shop.example" in body
        assert not re.search(r"{[{%]|[%}]}|None", body)
    assert not re.search(r"</?[a-z]", message.body)
    assert message.message()["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize("name", ["verify_email", "reset_password"])
def test_the_code_is_the_only_number_that_looks_like_one(name: str) -> None:
    message = compose(name)
    for body in (message.body, html(message)):
        assert set(re.findall(r"\b\d{6}\b", body)) == {"493027"}
    assert "15 minutes" in message.body


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_mail_loads_nothing_from_anywhere(name: str) -> None:
    assert not re.search(r"<(img|script|link|iframe)|url\(|@import", html(compose(name)))


# --- on its way ---------------------------------------------------------------------


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
        threading.Thread(target=server.serve_forever, daemon=True).start()
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
        threading.Thread(target=server.serve_forever, daemon=True).start()
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
        threading.Thread(target=server.serve_forever, daemon=True).start()
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
