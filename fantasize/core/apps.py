"""App configuration of the kernel."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register  # noqa: A004 - Django's name

from fantasize.core import grants


class CoreConfig(AppConfig):
    """Errors, money, time, events, caching, idempotency and the base API classes."""

    name = "fantasize.core"
    label = "core"
    verbose_name = "Operations"

    def ready(self) -> None:
        """Have ``check --deploy`` look at what a real shop cannot do without; let managers see imports and exports."""
        grants.declare("manager", "core.view_transfer")
        register(mails_leave_the_house, Tags.security, deploy=True)


def mails_leave_the_house(app_configs: Sequence[Any] | None, **_: Any) -> list[CheckMessage]:  # noqa: ARG001 - Django's signature
    """A shop whose mails are files cannot have anybody confirm an address or reset a password."""
    if settings.EMAIL_BACKEND != "fantasize.core.mail.FileBackend":
        return []
    hint = "Set EMAIL_URL, SENDGRID_API_KEY or MAILGUN_API_KEY."
    return [Warning("Mails are written to files and reach nobody.", hint=hint, id="fantasize.W001")]
