"""Outgoing mail: through ``EMAIL_URL``, SendGrid or Mailgun; else every mail is a file under ``DATA_DIR/mail``."""

from typing import Any

from fantasize.settings.env import DATA_DIR, env


def _provider(name: str, *options: str) -> dict[str, Any]:
    """django-anymail's options of a provider: the key, and what the environment says beside it."""
    values = {option: env.str(option, default="") for option in (f"{name}_API_KEY", f"{name}_API_URL", *options)}
    # Seconds to connect and to wait for an answer.
    return {"REQUESTS_TIMEOUT": (2, 8), **{option: value for option, value in values.items() if value}}


if env.str("EMAIL_URL", default=""):
    vars().update(env.email_url("EMAIL_URL"))
elif env.str("SENDGRID_API_KEY", default=""):
    EMAIL_BACKEND = "anymail.backends.sendgrid.EmailBackend"
    ANYMAIL = _provider("SENDGRID")
elif env.str("MAILGUN_API_KEY", default=""):
    EMAIL_BACKEND = "anymail.backends.mailgun.EmailBackend"
    ANYMAIL = _provider("MAILGUN", "MAILGUN_SENDER_DOMAIN")
else:
    EMAIL_BACKEND = "fantasize.core.mail.FileBackend"
    EMAIL_FILE_PATH = DATA_DIR / "mail"
# Seconds that the mail server may stay silent.
EMAIL_TIMEOUT = 5
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="") or "Fantasize <shop@localhost>"
