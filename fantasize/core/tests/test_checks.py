"""What ``check --deploy`` asks of a real shop."""

from typing import Any

from fantasize.core.apps import mails_leave_the_house


def test_mails_that_are_files_are_warned_of(settings: Any) -> None:
    settings.EMAIL_BACKEND = "fantasize.core.mail.FileBackend"
    assert [warning.id for warning in mails_leave_the_house(None)] == ["fantasize.W001"]
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    assert mails_leave_the_house(None) == []
