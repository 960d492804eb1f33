"""Mails about accounts. They go out after the commit; one that cannot be sent never fails what it tells of."""

import structlog
from django.conf import settings
from django.core.mail import send_mail

log = structlog.get_logger(__name__)


def welcome(*, email: str) -> None:
    """Greet a new customer."""
    _send(
        email,
        "Welcome to Fantasize",
        f"Your account is open. Sign in with {email} and make somebody a gift:\n\n{settings.PUBLIC_BASE_URL}\n\n"
        "If this was not you, somebody has typed your address by mistake. You need not do anything.\n",
    )


def tell_address_is_known(*, email: str) -> None:
    """Tell the owner of an account that somebody tried to open another one with their address."""
    _send(
        email,
        "You already have an account",
        "Somebody, probably you, tried to open an account with this address. There is one already, and nothing about\n"
        f"it has changed. Sign in as usual:\n\n{settings.PUBLIC_BASE_URL}\n",
    )


def _send(to: str, subject: str, text: str) -> None:
    try:
        send_mail(subject, text, None, [to])
    except Exception as error:  # noqa: BLE001 - mail servers fail in many ways; the account does not depend on any
        log.warning("accounts.mail_failed", error=type(error).__name__)
