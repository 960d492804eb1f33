"""JSON answers: enveloped in v2, bare in the older versions."""

import json
import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import orjson
from rest_framework.renderers import JSONRenderer

from fantasize.core import clock
from fantasize.core.api.versioning import LATEST

# What views may say of a list beside its rows.
_BESIDE = ("facets", "corrected")
_ENCODER = JSONRenderer.encoder_class()
# Moments are left to DRF's encoder, which writes UTC as Z.
_OPTIONS = orjson.OPT_NON_STR_KEYS | orjson.OPT_PASSTHROUGH_DATETIME
# What differs from call to call; the quotes are the document's own, for those within a text are escaped.
_META = b',"meta":{"request_id":"'
_STAMPS = re.compile(rb'(?P<id>[^"]*)","version":"v2","timestamp":"(?P<time>[^"]*)')


class EnvelopeJSONRenderer(JSONRenderer):
    """Puts what a view answers into the shape of the version that the call speaks."""

    charset = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """The body; empty for an answer that has none."""
        context = renderer_context or {}
        response, request = context.get("response"), context.get("request")
        if response is not None and response.status_code == HTTPStatus.NO_CONTENT:
            return b""
        pagination = getattr(response, "pagination", None)
        beside = {name: said for name in _BESIDE if (said := getattr(response, name, None)) is not None}
        if getattr(request, "version", LATEST) != LATEST:
            return _dump(_bare(data, pagination, beside))
        return _dump({"success": True, "data": data, "meta": {**_meta(request, pagination), **beside}})


def render_plain(data: Any) -> bytes:
    """``data`` as JSON with nothing around it, in one order: what an ETag is made of."""
    return _dump(data, is_sorted=True)


def cut_stamps(body: bytes) -> tuple[bytes, ...]:
    """``body`` without the call's id and time, in the pieces between them; whole if it has no envelope."""
    begin = body.rfind(_META) + len(_META)
    stamps = _STAMPS.match(body, begin) if begin >= len(_META) else None
    if stamps is None:
        return (body,)
    return body[:begin], body[stamps.end("id") : stamps.start("time")], body[stamps.end("time") :]


def stamp(pieces: Sequence[bytes], request: Any) -> bytes:
    """The body again, with the id and time of this call."""
    if len(pieces) == 1:
        return pieces[0]
    head, between, tail = pieces
    return b"".join((head, _request_id(request).encode(), between, _timestamp().encode(), tail))


def _meta(request: Any, pagination: Mapping[str, Any] | None) -> dict[str, Any]:
    meta = {
        "request_id": _request_id(request),
        "version": LATEST,
        "timestamp": _timestamp(),
    }
    return {**meta, "pagination": pagination} if pagination else meta


def _request_id(request: Any) -> str:
    return str(getattr(request, "request_id", ""))


def _timestamp() -> str:
    return clock.now().isoformat().replace("+00:00", "Z")


def _bare(data: Any, pagination: Mapping[str, Any] | None, beside: Mapping[str, Any]) -> Any:
    """The resource itself; a list as ``{count, next, previous, results}`` with what stands beside it."""
    if not isinstance(data, list):
        return data
    page = pagination or {"total_items": len(data), "next": None, "previous": None}
    return {"count": page["total_items"], "next": page["next"], "previous": page["previous"], "results": data, **beside}


def _dump(data: Any, *, is_sorted: bool = False) -> bytes:
    try:
        options = _OPTIONS | orjson.OPT_SORT_KEYS if is_sorted else _OPTIONS
        text = orjson.dumps(data, default=_ENCODER.default, option=options)
    except TypeError:
        text = _dump_slowly(data, is_sorted=is_sorted)
    # JavaScript takes these for ends of lines.
    return text.replace(b"\xe2\x80\xa8", b"\\u2028").replace(b"\xe2\x80\xa9", b"\\u2029")


def _dump_slowly(data: Any, *, is_sorted: bool) -> bytes:
    """The same with numbers of more than 64 bits in it."""
    compact: dict[str, Any] = {"ensure_ascii": False, "allow_nan": False, "separators": (",", ":")}
    return json.dumps(data, default=_ENCODER.default, sort_keys=is_sorted, **compact).encode()
