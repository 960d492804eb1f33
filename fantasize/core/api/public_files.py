"""Files that everybody may see, under addresses that never change what they show."""

import re
from http import HTTPStatus
from pathlib import PurePosixPath

from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import parse_etags
from django.views.decorators.http import require_safe

from fantasize.core.api.files import lock_down, part_of, span_of

# What is served as what: by our own names, never by what somebody said or a file seems to be.
CONTENT_TYPES = {
    "jpeg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "mp4": "video/mp4",
    "webm": "video/webm",
}
# Only names of the kind that we give find a file, in the one folder that is public.
_NAME = re.compile(r"catalogue/[0-9a-f]{2}/[0-9a-f]{32}(-[a-z]{1,20})?\.(jpeg|png|webp|mp4|webm)")

_FOR_EVER = "public, max-age=31536000, immutable"


@require_safe
def serve(request: HttpRequest, name: str) -> HttpResponseBase:
    """The file ``name`` of the default storage, whole or one range of it (RFC 9110, section 14).

    Raises:
        Http404: there is none.
    """
    if not _NAME.fullmatch(name):
        raise Http404
    path = PurePosixPath(name)
    etag = f'"{path.stem}"'
    try:
        size = default_storage.size(name)
    except OSError:
        raise Http404 from None
    if _is_known(request, etag):
        return _described(HttpResponse(status=HTTPStatus.NOT_MODIFIED), path, etag)
    span = span_of(request, size, etag)
    if span is None:
        refusal = HttpResponse(status=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
        refusal["Content-Range"] = f"bytes */{size}"
        return refusal
    return _described(part_of(request, name, CONTENT_TYPES[path.suffix[1:]], size, span), path, etag)


def _described(response: HttpResponseBase, path: PurePosixPath, etag: str) -> HttpResponseBase:
    lock_down(response, name=path.name, is_inline=True)
    response["Cache-Control"] = _FOR_EVER
    response["ETag"] = etag
    # Shop pages of other hosts show them too.
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    if response.status_code == HTTPStatus.NOT_MODIFIED:
        del response["Content-Type"]
    return response


def _is_known(request: HttpRequest, etag: str) -> bool:
    tags = parse_etags(request.headers.get("If-None-Match", ""))
    return "*" in tags or etag in {tag.removeprefix("W/") for tag in tags}
