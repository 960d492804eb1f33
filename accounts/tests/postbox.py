"""Mail in tests: the background jobs that write it, and what it says."""

import re

from django.core import mail
from django.core.mail import EmailMessage
from django.db import connection
from procrastinate.contrib.django import app as queue
from procrastinate.contrib.django.models import ProcrastinateJob

_DONE = "UPDATE procrastinate_jobs SET status = 'succeeded' WHERE id = %s"


def deliver() -> list[EmailMessage]:
    """Run every waiting job, oldest first, as a worker would; returns the mails that this has sent."""
    before = len(mail.outbox)
    for job in ProcrastinateJob.objects.filter(status="todo").order_by("pk"):
        queue.tasks[job.task_name].func(**job.args)
        with connection.cursor() as cursor:
            cursor.execute(_DONE, [job.pk])
    return mail.outbox[before:]


def subjects() -> list[tuple[str, str]]:
    """To whom, and about what, the mails are that waited."""
    return [(message.to[0], str(message.subject)) for message in deliver()]


def code_in(message: EmailMessage) -> str:
    """The code that a mail brings."""
    found = re.search(r"^ +([0-9]{6})$", str(message.body), re.MULTILINE)
    assert found, message.body
    return found[1]


def newest_code() -> str:
    """The code of the mail that was sent last."""
    return code_in(mail.outbox[-1])


def mailed_code() -> str:
    """The code of the one mail that waited."""
    [message] = deliver()
    return code_in(message)
