"""Calls to providers."""

from typing import Any

import requests
import structlog

from fantasize.core.errors import UnavailableError

log = structlog.get_logger(__name__)

CONNECT_SECONDS = 2.0
READ_SECONDS = 5.0
RETRY_AFTER_SECONDS = 5
_TOO_MANY, _SERVER_ERROR = 429, 500


class ProviderSession(requests.Session):
    """Calls a provider: briefly, and where we were told, without following it elsewhere."""

    def request(self, method: str, url: str | bytes, *args: Any, **options: Any) -> requests.Response:
        """The provider's answer, whatever it says of the token.

        Raises:
            UnavailableError: ``provider_unavailable``: it cannot be reached, is busy or broken.
        """
        options |= {"timeout": (CONNECT_SECONDS, READ_SECONDS), "allow_redirects": False}
        try:
            response = super().request(method, url, *args, **options)
        except requests.RequestException as error:
            # The message holds the URL, and that may hold a token.
            raise unavailable(type(error).__name__) from None
        if response.status_code == _TOO_MANY or response.status_code >= _SERVER_ERROR:
            raise unavailable(str(response.status_code))
        return response


def unavailable(reason: str) -> UnavailableError:
    """The refusal for a provider that is down; ``reason`` goes to the log."""
    log.warning("accounts.provider_unavailable", reason=reason)
    return UnavailableError(
        "The sign-in provider does not answer just now.",
        code="provider_unavailable",
        extra={"retry_after": RETRY_AFTER_SECONDS},
    )
