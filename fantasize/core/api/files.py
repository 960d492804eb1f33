"""Bodies that bring a file, and answers that are one."""

import os
from collections.abc import Iterator, Mapping
from functools import partial
from typing import IO, Any, TypeVar

from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from rest_framework.exceptions import ParseError
from rest_framework.parsers import DataAndFiles, MultiPartParser
from rest_framework.renderers import BaseRenderer

from fantasize.core.errors import MalformedError, TooLargeError

R = TypeVar("R", bound=HttpResponseBase)

MAX_FILE_BYTES = 10 * 1024 * 1024
# What stands around the file: boundaries, headers, small fields.
_OVERHEAD_BYTES = 64 * 1024
_PIECE_BYTES = 64 * 1024


class UploadParser(MultiPartParser):
    """``multipart/form-data`` with files of at most 10 MiB together; only for views that ask for one."""

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
        _require_size((parser_context or {})["request"].META.get("CONTENT_LENGTH") or "0")
        try:
            body = super().parse(stream, media_type, parser_context)
        except ParseError:
            raise MalformedError("The body is not well-formed multipart/form-data.") from None
        if any(len(values) > 1 for part in (body.data, body.files) for _, values in part.lists()):
            raise MalformedError("The body repeats a name.")
        return body


class _FileRenderer(BaseRenderer):
    """Says which type the answer has; the bytes are the view's."""

    charset = None
    render_style = "binary"


class WebPRenderer(_FileRenderer):
    """A picture."""

    media_type = "image/webp"
    format = "webp"


class ZipRenderer(_FileRenderer):
    """An archive."""

    media_type = "application/zip"
    format = "zip"


def stream(file: IO[bytes], *, content_type: str) -> StreamingHttpResponse:
    """An answer that is ``file``, piece by piece; the file is closed at its end, and when nobody wants the rest."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    return StreamingHttpResponse(_pieces(file), content_type=content_type, headers={"Content-Length": str(size)})


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        yield from iter(partial(file.read, _PIECE_BYTES), b"")


def lock_down(response: R, *, name: str, is_inline: bool = False) -> R:
    """Let browsers take the file for what its type says, run nothing in it and keep it for nobody else."""
    disposition = "inline" if is_inline else "attachment"
    response["Content-Disposition"] = f'{disposition}; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, no-store"
    return response


def _require_size(size: str) -> None:
    if size.isdecimal() and int(size) > MAX_FILE_BYTES + _OVERHEAD_BYTES:
        raise TooLargeError(f"A file has at most {MAX_FILE_BYTES} bytes.")
