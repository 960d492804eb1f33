"""The ``Idempotency-Key`` header on unsafe calls."""

import re
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from urllib.parse import urlencode

from django.db import transaction
from django.http import HttpResponse

from fantasize.core import idempotency
from fantasize.core.api.requests import ShopRequest
from fantasize.core.api.versioning import PARAMETER, call_of
from fantasize.core.errors import DomainError, FieldError, MalformedError
from fantasize.core.idempotency import Answer, Call

HEADER = "Idempotency-Key"
# Printable ASCII; space only inside, where no server trims it.
KEY_PATTERN = "^[!-~]([ -~]{0,253}[!-~])?$"
_KEY = re.compile(KEY_PATTERN.removesuffix("$") + r"\Z")
_KEPT_HEADERS = ("Content-Type", "ETag", "Location", "Cache-Control")


class Unprepared(Exception):  # noqa: N818 - no error: nobody hears of it
    """An answer cannot be made before ``prepare`` has done what takes its time; nothing of it stays."""


def read_key(request: ShopRequest, *, is_required: bool) -> str | None:
    """The call's key, if it has one. ``is_required`` asks for one on calls that name v2 explicitly.

    Raises:
        MalformedError: it is missing or ill-formed.
    """
    key = request.headers.get(HEADER)
    if key is None:
        if is_required and request.is_explicit_v2:
            raise _refusal("idempotency_key_missing", "Idempotency key missing", "This call needs an Idempotency-Key.")
        return None
    if not _KEY.fullmatch(key):
        detail = "An Idempotency-Key has 1 to 255 printable ASCII characters."
        raise _refusal("idempotency_key_malformed", "Idempotency key malformed", detail)
    return key


def answer_once(
    request: ShopRequest,
    key: str,
    answer: Callable[[], HttpResponse],
    *,
    prepare: Callable[[], None],
    is_prepared_first: bool = True,
) -> HttpResponse:
    """What ``answer`` makes of the call, rendered: made once under ``key``, repeated ever after.

    Only success is kept: a refusal leaves the key free. ``answer`` works in the transaction that keeps what it says;
    ``prepare`` does before that what takes longer than locks may be held: always, or when ``answer`` is ``Unprepared``.

    Raises:
        ConflictError: a twin is at work.
        InvalidError: the key was used for another call.
    """
    call = _call(request, key)
    if not is_prepared_first:
        with suppress(Unprepared):
            return _answer(call, answer)
    known = idempotency.find_answer(call)
    if known is not None:
        return _replay(known)
    with idempotency.announced(call):
        return _prepare(call, prepare) or _answer(call, answer)


def _prepare(call: Call, prepare: Callable[[], None]) -> HttpResponse | None:
    """Do the slow work; the answer, if it cannot be done because a twin got one before the key was ours."""
    try:
        prepare()
    except DomainError:
        known = idempotency.find_answer(call)
        if known is None:
            raise
        return _replay(known)
    return None


def _answer(call: Call, answer: Callable[[], HttpResponse]) -> HttpResponse:
    with transaction.atomic():
        known = idempotency.claim(call)
        if known is not None:
            return _replay(known)
        response = answer()
        if response.status_code < HTTPStatus.MULTIPLE_CHOICES:
            idempotency.store_answer(call, _recorded(response))
        return response


def _call(request: ShopRequest, key: str) -> Call:
    address = call_of(request)
    asked = sorted((name, values) for name, values in request.query_params.lists() if name != PARAMETER)
    said = (address.version, str(request.method), address.route, urlencode(asked, doseq=True))
    identity = (*(part.encode() for part in said), request.body)
    return Call(request.principal, key, idempotency.fingerprint_of(*identity))


def _recorded(response: HttpResponse) -> Answer:
    headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
    return Answer(response.status_code, response.content, headers)


def _replay(answer: Answer) -> HttpResponse:
    return HttpResponse(answer.body, status=answer.status, headers={**answer.headers, "Idempotency-Replayed": "true"})


def _refusal(code: str, title: str, detail: str) -> MalformedError:
    return MalformedError(detail, code=code, title=title, errors=[FieldError(HEADER, code, detail, "header")])
