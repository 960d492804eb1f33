"""The certificates that providers sign ID tokens with: ``{"<kid>": "<PEM>"}``, kept as long as they say."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import requests
from django.conf import settings

from accounts.auth.social.transport import ProviderSession, unavailable
from fantasize.core import clock

_MAX_AGE = re.compile(r"max-age=([0-9]{1,8})")
_DEFAULT_AGE = timedelta(minutes=5)
_LONGEST_AGE = timedelta(days=1)
# A key nobody knows may be a new one, and is mostly nonsense: it is worth one call now and then.
_ASK_AGAIN_AFTER = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class _Kept:
    response: requests.Response
    fetched_at: datetime
    fresh_until: datetime


_kept: dict[str, _Kept] = {}


def urls() -> set[str]:
    """Where the providers of ID tokens publish their certificates."""
    return {settings.GOOGLE_CERTS_URL, settings.FIREBASE_CERTS_URL}


def document(url: str) -> requests.Response:
    """What ``url`` says, not older than it allows.

    Raises:
        UnavailableError: ``provider_unavailable``.
    """
    kept = _kept.get(url)
    if kept is None or clock.now() >= kept.fresh_until:
        kept = _kept[url] = _fetch(url)
    return kept.response


def find_certificate(url: str, kid: str) -> str | None:
    """The certificate (PEM) that ``url`` names ``kid``; None if there is none.

    Raises:
        UnavailableError: ``provider_unavailable``.
    """
    certificates = _certificates_in(document(url))
    if kid not in certificates and clock.now() >= _kept[url].fetched_at + _ASK_AGAIN_AFTER:
        _kept[url] = _fetch(url)
        certificates = _certificates_in(document(url))
    certificate = certificates.get(kid)
    return certificate if isinstance(certificate, str) else None


def forget() -> None:
    """Ask again next time."""
    _kept.clear()


def _fetch(url: str) -> _Kept:
    with ProviderSession() as session:
        response = session.get(url)
    if not response.ok:
        raise unavailable(str(response.status_code))
    now = clock.now()
    return _Kept(response, now, now + _age_of(response))


def _age_of(response: requests.Response) -> timedelta:
    stated = _MAX_AGE.search(response.headers.get("Cache-Control", ""))
    return min(timedelta(seconds=int(stated[1])), _LONGEST_AGE) if stated else _DEFAULT_AGE


def _certificates_in(response: requests.Response) -> dict[str, Any]:
    try:
        certificates = response.json()
    except requests.JSONDecodeError:
        raise unavailable("no JSON") from None
    if not isinstance(certificates, dict):
        raise unavailable("no certificates")
    return certificates
