"""Answers that everybody gets alike come from the cache: before a call is routed, counted or takes a query."""

import hashlib
from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils.translation import get_language

from fantasize.core.api.conditional import is_known, not_modified
from fantasize.core.api.negotiation import preferred_type
from fantasize.core.api.renderers import EnvelopeJSONRenderer, cut_stamps, stamp
from fantasize.core.api.versioning import LATEST, call_of
from fantasize.core.caching import CachePolicy, store

# The body in the pieces between what differs from call to call, and the headers.
Answer = tuple[tuple[bytes, ...], dict[str, str]]

_CREDENTIALS = ("HTTP_AUTHORIZATION", "HTTP_X_API_KEY")
_MEDIA_TYPES = [str(EnvelopeJSONRenderer.media_type)]
# What the key tells apart already. An answer that varies by anything else is not kept.
_VARY = {"accept", "accept-encoding", "api-version", "authorization", "origin", "x-api-key", ""}
_MARK = "is_kept_for_all"
# RFC 9211.
_HIT, _STORED, _PASSED = "fantasize; hit", "fantasize; fwd=miss; stored", "fantasize; fwd=miss"


class CacheMiddleware:
    """Keeps what anonymous callers read at endpoints with a ``cache_policy``.

    Stands right behind the API's own layer: what that and the layers around it add belongs to each call.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer; 304 if the caller has it already."""
        if not _is_for_all(request):
            return self.get_response(request)
        key = _key_of(request)
        answer: Answer | None = store.find_near(key)
        if answer is not None:
            return _reply(request, answer, _HIT)
        policy = _policy_of(request)
        if policy is None:
            return self.get_response(request)
        return self._find_or_compute(request, key, policy)

    def _find_or_compute(self, request: HttpRequest, key: str, policy: CachePolicy) -> HttpResponse:
        outcome: Answer | HttpResponse = store.get_or_compute(
            key,
            names=policy.names,
            ttl=policy.seconds,
            compute=lambda: self._compute(request),
            is_kept=lambda found: isinstance(found, tuple),
        )
        is_computed = is_kept_for_all(request)
        if isinstance(outcome, tuple):
            return _reply(request, outcome, _STORED if is_computed else _HIT)
        etag = outcome.headers.get("ETag")
        if outcome.status_code == HTTPStatus.OK and etag and is_known(request, etag):
            outcome = not_modified(outcome.headers)
        outcome.headers["Cache-Status"] = _PASSED
        return outcome

    def _compute(self, request: HttpRequest) -> Answer | HttpResponse:
        setattr(request, _MARK, True)
        response = self.get_response(request)
        return _pack(request, response) if _may_be_kept(response) else response


def is_kept_for_all(request: HttpRequest) -> bool:
    """Whether the answer is computed for others too, so that it has to be whole whatever the caller has already."""
    return bool(getattr(request, _MARK, False))


def _is_for_all(request: HttpRequest) -> bool:
    """Whether the call is a read by nobody in particular, and nothing uncommitted can be seen while answering it."""
    return (
        request.method in ("GET", "HEAD")
        and hasattr(request, "api_call")
        and not any(name in request.META for name in _CREDENTIALS)
        and settings.SESSION_COOKIE_NAME not in request.COOKIES
        and preferred_type(request, _MEDIA_TYPES) is not None
        and not transaction.get_connection().in_atomic_block
    )


def _key_of(request: HttpRequest) -> str:
    """Everything that the bytes of an answer differ by; links in it name host, path and the whole query.

    Raises:
        DisallowedHost: the host is none of ours.
    """
    query = sorted(request.GET.lists())
    place = (request.scheme, request.get_host(), request.path, call_of(request).version, get_language(), query)
    return f"answer:{hashlib.sha256(repr(place).encode()).hexdigest()}"


def _policy_of(request: HttpRequest) -> CachePolicy | None:
    try:
        view = resolve(request.path_info).func
    except Resolver404:
        return None
    policy: CachePolicy | None = getattr(getattr(view, "cls", None), "cache_policy", None)
    return policy if policy and policy.seconds > 0 else None


def _may_be_kept(response: HttpResponse) -> bool:
    vary = {name.strip().lower() for name in response.headers.get("Vary", "").split(",")}
    return (
        response.status_code == HTTPStatus.OK
        and "public" in response.headers.get("Cache-Control", "")
        and not response.cookies
        and not response.streaming
        and vary <= _VARY
    )


def _pack(request: HttpRequest, response: HttpResponse) -> Answer:
    content = response.content
    pieces = cut_stamps(content) if call_of(request).version == LATEST else (content,)
    return pieces, {name: value for name, value in response.headers.items() if name != "Content-Length"}


def _reply(request: HttpRequest, answer: Answer, status: str) -> HttpResponse:
    pieces, headers = answer
    if "ETag" in headers and is_known(request, headers["ETag"]):
        response = not_modified(headers)
    else:
        content = stamp(pieces, request)
        response = HttpResponse(content, headers={**headers, "Content-Length": str(len(content))})
    response.headers["Cache-Status"] = status
    return response
