"""Files as answers: piece by piece, and closed whatever becomes of the caller."""

import io

import pytest

from fantasize.core.api.files import lock_down, stream

# At the end of an answer Django looks at its connections.
pytestmark = pytest.mark.django_db


def test_a_file_goes_out_in_pieces_and_is_closed_at_its_end() -> None:
    file = io.BytesIO(b"x" * 200_000)
    answer = stream(file, content_type="application/zip")
    pieces = [bytes(piece) for piece in answer]
    assert (len(pieces), sum(map(len, pieces)), answer["Content-Length"]) == (4, 200_000, "200000")
    assert file.closed


def test_a_caller_who_hangs_up_closes_it_too() -> None:
    file = io.BytesIO(b"x" * 200_000)
    answer = stream(file, content_type="application/zip")
    next(iter(answer))
    assert not file.closed
    answer.close()
    assert file.closed


def test_a_download_is_nothing_but_a_file() -> None:
    answer = lock_down(stream(io.BytesIO(b"x"), content_type="application/zip"), name="all.zip")
    assert answer["Content-Disposition"] == 'attachment; filename="all.zip"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["Cache-Control"] == "private, no-store"
    answer.close()
