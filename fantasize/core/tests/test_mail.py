"""Mail: with the transaction or not at all, unable to carry more than it should, readable everywhere."""

import email
import email.policy
import json
import logging
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
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
