"""What customizations know about people: the pictures that they sent."""

from collections.abc import Iterator
from uuid import UUID

from customizations.models import Upload
from customizations.services import uploads
from fantasize.core import privacy
from fantasize.core.privacy import Document, Part

_EXPORTED = ("id", "width", "height", "bytes", "format", "sha256", "created_at", "kept_at")


def register() -> None:
    """Have exports and erasures ask us too."""
    privacy.register("customizations", export=parts_of, erase=forget)


def parts_of(user_id: UUID) -> Iterator[Part]:
    """Somebody's pictures and what is known of them, oldest first."""
    rows = list(Upload.objects.filter(owner=_owner(user_id)).order_by("created_at", "pk"))
    yield Document("uploads", [{name: getattr(row, name) for name in _EXPORTED} for row in rows])
    for row in rows:
        yield privacy.Upload(f"uploads/{row.pk}", str(row.file))


def forget(user_id: UUID) -> None:
    """Take somebody's pictures away, files and all; the caller has locked their row."""
    uploads.forget(_owner(user_id))


def _owner(user_id: UUID) -> str:
    return f"user:{user_id}"
