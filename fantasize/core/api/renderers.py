"""JSON answers: enveloped in v2, bare in the older versions."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from rest_framework.renderers import JSONRenderer

from fantasize.core import clock
from fantasize.core.api.versioning import LATEST


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
        if getattr(request, "version", LATEST) != LATEST:
            return self._dump(_bare(data, pagination), context)
        body = {"success": True, "data": data, "meta": _meta(request, pagination)}
        return self._dump(body, context)

    def _dump(self, data: Any, context: Mapping[str, Any]) -> bytes:
        # DRF answers None with an empty body; a null is an answer too.
        return b"null" if data is None else bytes(super().render(data, None, dict(context)))


def render_plain(data: Any) -> bytes:
    """``data`` as JSON with nothing around it: what an ETag is made of."""
    return json.dumps(data, cls=JSONRenderer.encoder_class, sort_keys=True).encode()


def _meta(request: Any, pagination: Mapping[str, Any] | None) -> dict[str, Any]:
    meta = {
        "request_id": getattr(request, "request_id", ""),
        "version": LATEST,
        "timestamp": clock.now().isoformat().replace("+00:00", "Z"),
    }
    return {**meta, "pagination": pagination} if pagination else meta


def _bare(data: Any, pagination: Mapping[str, Any] | None) -> Any:
    """The resource itself; a list as ``{count, next, previous, results}``."""
    if not isinstance(data, list):
        return data
    page = pagination or {"total_items": len(data), "next": None, "previous": None}
    return {"count": page["total_items"], "next": page["next"], "previous": page["previous"], "results": data}
