"""Mail to people: rendered from ``templates/email``, as plain text with an HTML alternative.

What people wrote is data: escaped in the HTML, and unable to add headers or recipients. A mail waits for its turn in
the background queue sealed, so that neither the database nor a log of the job tells an address.
"""

import json
import smtplib
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.core.validators import validate_email
from django.template import Context
from django.template.loader import get_template
from django.utils.text import slugify
from procrastinate.contrib.django import app as queue

from fantasize.core import clock
from fantasize.core.sealing import cipher

SEND_TASK = "fantasize.core.tasks.send_mail"
QUEUE = "mail"
KEEP_UNDELIVERABLE_HOURS = 72


class MailError(Exception):
    """The mail server did not take a mail. Says why without naming anybody."""


def send_later(
    template: str, *, to: str, context: Mapping[str, Any] | None = None, message_id: str | None = None
) -> None:
    """Enqueue one mail in the caller's transaction: rolled back, it was never written.

    Args:
        template: ``<app>/<name>``: ``templates/email/<app>/<name>`` with ``.subject.txt``, ``.txt`` and ``.html``.
        to: one address.
        context: what the templates name, moments in UTC; no secrets: those belong to ``send_now``.
        message_id: the same for every repetition (``message_id_of``), so that a mail program can tell a copy; else new.

    An address that is none fails the job, not what the mail tells of.
    """
    message_id = message_id or new_message_id()
    letter = {"template": template, "to": to, "context": dict(context or {}), "message_id": message_id}
    queue.configure_task(SEND_TASK, queue=QUEUE).defer(letter=_seal(letter))


def send_now(
    template: str, *, to: str, context: Mapping[str, Any] | None = None, message_id: str | None = None
) -> None:
    """Render one mail and hand it to the mail server; for background tasks that hold a secret (a code).

    Args:
        template: as for ``send_later``.
        to: one address.
        context: what the templates name.
        message_id: the same for every repetition, so that a mail program can tell a copy; else a new one.

    Raises:
        MailError: the mail server did not take it.
        ValidationError: ``to`` is not one address.
    """
    message = compose(template, to=to, context=context or {}, message_id=message_id or new_message_id())
    try:
        message.send()
    # Whatever the many backends raise; their errors quote addresses, so nothing of them may reach a log.
    except Exception as error:  # noqa: BLE001
        raise MailError(_reason(error)) from None


def deliver(letter: str) -> None:
    """Send what ``send_later`` sealed. A repetition bears the same Message-ID.

    Raises:
        MailError: the mail server did not take it.
    """
    send_now(**json.loads(cipher("mail").decrypt(letter)))


def compose(template: str, *, to: str, context: Mapping[str, Any], message_id: str) -> EmailMessage:
    """The mail as it will be sent.

    Raises:
        ValidationError: ``to`` is not one address.
    """
    validate_email(to)
    values = {"shop_url": settings.PUBLIC_BASE_URL, "to": to, **context}
    subject = " ".join(_render(f"{template}.subject.txt", values, autoescape=False).split())
    values["subject"] = subject
    message = EmailMultiAlternatives(
        subject=subject,
        body=_render(f"{template}.txt", values, autoescape=False).strip() + "\n",
        to=[to],
        # Machines that answer mail (absence notices) leave such mail alone.
        headers={"Message-ID": message_id, "Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(_render(f"{template}.html", values, autoescape=True), "text/html")
    return message


def new_message_id() -> str:
    """A Message-ID of this shop that no other mail has."""
    return _message_id(uuid.uuid4())


def message_id_of(*names: object) -> str:
    """The Message-ID of the one mail that these name: what it is about, and to whom."""
    return _message_id(uuid.uuid5(uuid.NAMESPACE_URL, json.dumps([str(name) for name in names])))


def _message_id(number: uuid.UUID) -> str:
    return f"<{number}@{urlsplit(settings.PUBLIC_BASE_URL).hostname}>"


class FileBackend(BaseEmailBackend):
    """Writes every mail to a file of its own under ``settings.EMAIL_FILE_PATH``, oldest first by name."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write them; returns how many."""
        folder = Path(settings.EMAIL_FILE_PATH)
        folder.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            name = f"{clock.now():%Y%m%dT%H%M%S.%f}-{slugify(message.subject)[:60]}-{uuid.uuid4().hex[:6]}"
            # Whoever watches the folder sees whole mails only.
            part = folder / f".{name}.part"
            part.write_bytes(message.message().as_bytes())
            part.rename(folder / f"{name}.eml")
        return len(email_messages)


def _render(name: str, values: Mapping[str, Any], *, autoescape: bool) -> str:
    template: Any = get_template(f"email/{name}")
    return str(template.template.render(Context(dict(values), autoescape=autoescape)))


def _seal(letter: Mapping[str, Any]) -> str:
    return cipher("mail").encrypt(json.dumps(letter, default=_readable).encode()).decode()


def _readable(value: object) -> str:
    """How a mail tells what JSON does not know."""
    return f"{value:%d %B %Y, %H:%M} UTC".lstrip("0") if isinstance(value, datetime) else str(value)


def _reason(error: Exception) -> str:
    """The kind of failure, with the server's own code where it gave one."""
    code = getattr(error, "smtp_code", None) or getattr(error, "status_code", None)
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code = next((answer[0] for answer in error.recipients.values()), None)
    return f"{type(error).__name__} {code or ''}".strip()
