"""Files that everybody may see, under addresses that never change what they show."""

import re
from http import HTTPStatus
from pathlib import PurePosixPath

from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import parse_etags
from django.views.decorators.http import require_safe

from fantasize.core.api.files import lock_down, stream

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
_RANGE = re.compile(r"bytes=(?P<first>[0-9]{0,18})-(?P<last>[0-9]{0,18})", re.ASCII)


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
    span = _span(request, size, etag)
    if span is None:
        refusal = HttpResponse(status=HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
        refusal["Content-Range"] = f"bytes */{size}"
        return refusal
    return _described(_part(request, path, size, span), path, etag)


def _part(request: HttpRequest, path: PurePosixPath, size: int, span: tuple[int, int]) -> HttpResponseBase:
    start, end = span
    content_type = CONTENT_TYPES[path.suffix[1:]]
    if request.method == "HEAD":
        return HttpResponse(content_type=content_type, headers={"Content-Length": str(size)})
    try:
        file = default_storage.open(str(path))
    except OSError:
        # Deleted since its size was read.
        raise Http404 from None
    response = stream(file, content_type=content_type, start=start, end=end)
    if (start, end) != (0, size):
        response.status_code = HTTPStatus.PARTIAL_CONTENT
        response["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    return response


def _described(response: HttpResponseBase, path: PurePosixPath, etag: str) -> HttpResponseBase:
    lock_down(response, name=path.name, is_inline=True)
    response["Cache-Control"] = _FOR_EVER
    response["ETag"] = etag
    response["Accept-Ranges"] = "bytes"
    # Shop pages of other hosts show them too.
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    if response.status_code == HTTPStatus.NOT_MODIFIED:
        del response["Content-Type"]
    return response


def _is_known(request: HttpRequest, etag: str) -> bool:
    tags = parse_etags(request.headers.get("If-None-Match", ""))
    return "*" in tags or etag in {tag.removeprefix("W/") for tag in tags}


def _span(request: HttpRequest, size: int, etag: str) -> tuple[int, int] | None:
    """Which bytes are asked for, as the first and the one after the last; None if the file has none of them.

    Several ranges, other units and what is no range at all are ignored, as the standard allows.
    """
    match = _RANGE.fullmatch(request.headers.get("Range", ""))
    is_same = request.headers.get("If-Range", etag) == etag
    if match is None or request.method != "GET" or not is_same or match.group() == "bytes=-":
        return 0, size
    first, last = match["first"], match["last"]
    if not first:
        return (max(0, size - int(last)), size) if int(last) and size else None
    if last and int(last) < int(first):
        return 0, size
    end = min(size, int(last) + 1) if last else size
    return (int(first), end) if int(first) < size else None
