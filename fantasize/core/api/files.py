"""Bodies that bring a file, and answers that are one."""

import os
import re
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from pathlib import PurePosixPath
from typing import IO, Any, ClassVar, TypeVar

from django.core.exceptions import RequestDataTooBig
from django.core.files.storage import default_storage
from django.core.files.uploadhandler import FileUploadHandler
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from rest_framework.exceptions import ParseError
from rest_framework.parsers import DataAndFiles, MultiPartParser
from rest_framework.renderers import BaseRenderer

from fantasize.core.errors import MalformedError, TooLargeError

R = TypeVar("R", bound=HttpResponseBase)

MAX_FILE_BYTES = 10 * 1024 * 1024
# Videos of the catalogue, which only staff bring.
MOST_FILE_BYTES = 100 * 1024 * 1024
# What stands around the file: boundaries, headers, small fields.
_OVERHEAD_BYTES = 64 * 1024
_PIECE_BYTES = 64 * 1024
_RANGE = re.compile(r"bytes=(?P<first>[0-9]{0,18})-(?P<last>[0-9]{0,18})", re.ASCII)


class BoundedUploads(FileUploadHandler):
    """Refuses bodies with files before they are read if they say that they are larger than any file we take."""

    chunk_size = _PIECE_BYTES

    def handle_raw_input(
        self,
        input_data: Any,
        META: dict[str, Any],  # noqa: N803 - as above
        content_length: int,
        boundary: Any,
        encoding: str | None = None,
    ) -> None:
        """Look at the length.

        Raises:
            RequestDataTooBig: it is too large.
        """
        if content_length > MOST_FILE_BYTES + _OVERHEAD_BYTES:
            raise RequestDataTooBig("The body is larger than any file that is taken.")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Leave the file to the next handler."""
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Leave the file to the next handler."""


class UploadParser(MultiPartParser):
    """``multipart/form-data`` with files of at most 10 MiB together; only for views that ask for one."""

    max_bytes: ClassVar[int] = MAX_FILE_BYTES

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> "DataAndFiles[Any, Any]":
        """The fields and files.

        Raises:
            TooLargeError: the body says that it is larger.
            MalformedError: it is not what its media type says, or repeats a name.
        """
        request = (parser_context or {})["request"]
        _require_size(request.META.get("CONTENT_LENGTH") or "0", self.max_bytes)
        try:
            body = super().parse(stream, media_type, parser_context)
        except Exception as error:
            # What has come so far of a file lies on the disk.
            for handler in request.upload_handlers:
                handler.upload_interrupted()
            if isinstance(error, ParseError):
                raise MalformedError("The body is not well-formed multipart/form-data.") from None
            raise
        if any(len(values) > 1 for part in (body.data, body.files) for _, values in part.lists()):
            raise MalformedError("The body repeats a name.")
        return body


class LargeUploadParser(UploadParser):
    """As much as a video may have; what of it is no video is refused later."""

    max_bytes = MOST_FILE_BYTES


class _FileRenderer(BaseRenderer):
    """Says which type the answer has; the bytes are the view's."""

    charset = None
    render_style = "binary"


class JPEGRenderer(_FileRenderer):
    """A photograph."""

    media_type = "image/jpeg"
    format = "jpeg"


class PDFRenderer(_FileRenderer):
    """A document."""

    media_type = "application/pdf"
    format = "pdf"


class PNGRenderer(_FileRenderer):
    """A drawing."""

    media_type = "image/png"
    format = "png"


class WebPRenderer(_FileRenderer):
    """A picture."""

    media_type = "image/webp"
    format = "webp"


class ZipRenderer(_FileRenderer):
    """An archive."""

    media_type = "application/zip"
    format = "zip"


def stream(file: IO[bytes], *, content_type: str, start: int = 0, end: int | None = None) -> StreamingHttpResponse:
    """An answer that is ``file`` from ``start`` to before ``end``, piece by piece.

    The file is closed at the last piece, and when nobody wants the rest.
    """
    size = file.seek(0, os.SEEK_END)
    length = (size if end is None else end) - start
    file.seek(start)
    headers = {"Content-Length": str(length)}
    return StreamingHttpResponse(_Pieces(file, length), content_type=content_type, headers=headers)


class _Pieces:
    """A file in pieces; closed at its end or when told so, also by somebody who has not asked for the first piece."""

    def __init__(self, file: IO[bytes], length: int) -> None:
        self._file, self._left = file, length

    def __iter__(self) -> "Iterator[bytes]":
        return self

    def __next__(self) -> bytes:
        piece = self._file.read(min(self._left, _PIECE_BYTES)) if self._left else b""
        self._left -= len(piece)
        if piece:
            return piece
        self._left = 0
        self.close()
        raise StopIteration

    def close(self) -> None:
        self._file.close()


def span_of(request: Any, size: int, etag: str) -> tuple[int, int] | None:
    """Which bytes of a file are asked for, as the first and the one after the last; None if it has none of them.

    Several ranges, other units and what is no range at all are ignored, as the standard allows (RFC 9110, section 14).
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


def part_of(request: Any, name: str, content_type: str, size: int, span: tuple[int, int]) -> HttpResponseBase:
    """``span`` of the stored file ``name`` of that size; its head alone if no more is asked for.

    Raises:
        Http404: it is not there any more.
    """
    start, end = span
    if request.method == "HEAD":
        headers = {"Content-Length": str(size), "Accept-Ranges": "bytes"}
        return HttpResponse(content_type=content_type, headers=headers)
    try:
        file = default_storage.open(name)
    except OSError:
        # Deleted since its size was read.
        raise Http404 from None
    response = stream(file, content_type=content_type, start=start, end=end)
    response["Accept-Ranges"] = "bytes"
    if (start, end) != (0, size):
        response.status_code = HTTPStatus.PARTIAL_CONTENT
        response["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    return response


def private_file(request: Any, name: str, *, content_type: str) -> HttpResponseBase:
    """A stored file that the caller may see and nobody else: whole, or the range that is asked for.

    A range that it does not have is ignored: the whole file answers it too. Nobody keeps it, so that it has no tag.

    Raises:
        Http404: it is not there.
    """
    try:
        size = default_storage.size(name)
    except OSError:
        raise Http404 from None
    response = part_of(request, name, content_type, size, span_of(request, size, "") or (0, size))
    return lock_down(response, name=PurePosixPath(name).name, is_inline=True)


def lock_down(response: R, *, name: str, is_inline: bool = False) -> R:
    """Let browsers take the file for what its type says, run nothing in it and keep it for nobody else."""
    disposition = "inline" if is_inline else "attachment"
    response["Content-Disposition"] = f'{disposition}; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, no-store"
    return response


def _require_size(size: str, most: int) -> None:
    if size.isdecimal() and int(size) > most + _OVERHEAD_BYTES:
        raise TooLargeError(f"A file has at most {most} bytes.")
