"""The documents of templates: what is wrong with one, and which one it is."""

import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any

from django.conf import settings

from customizations import engine
from customizations.engine import Schema, SchemaError
from customizations.models import Asset
from fantasize.core.errors import FieldError

MAX_BYTES = 256 * 1024
POINTER = "/schema"
_ASSET = re.compile(r"[0-9a-f]{64}")


def canonical(document: Any) -> bytes:
    """The document as JSON that is the same whenever the document is."""
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()


def sha256_of(document: Any) -> str:
    """Hash of the document, in hexadecimal digits."""
    return hashlib.sha256(canonical(document)).hexdigest()


def read(document: Any, *, keep_asset: bool = False) -> tuple[Schema | None, list[FieldError]]:
    """What a document of staff's says, and everything that is wrong with it, at ``/schema/...``.

    None if it cannot be read; one that can may still name a picture that is not there.

    Args:
        document: whatever was sent.
        keep_asset: the document is to be stored: the picture that it names stays until the caller's commit.
    """
    size = len(canonical(document))
    if size > MAX_BYTES:
        return None, [FieldError(POINTER, "too_large", f"A schema has at most {MAX_BYTES // 1024} KiB.")]
    try:
        schema = engine.parse(document, fonts=_fonts(), currency=settings.SHOP_CURRENCY)
    except SchemaError as error:
        return None, [FieldError(POINTER + fault.pointer, fault.code, fault.detail) for fault in error.faults]
    return schema, list(_missing_assets(schema, keep=keep_asset))


def asset_of(schema: Schema) -> str | None:
    """The picture that is behind everything, if it is one."""
    background = schema.canvas.background if schema.canvas else ""
    return background if _ASSET.fullmatch(background) else None


def _missing_assets(schema: Schema, *, keep: bool) -> Iterator[FieldError]:
    asset = asset_of(schema)
    if asset is None:
        return
    rows = Asset.objects.filter(pk=asset)
    if not (rows.select_for_update(no_key=True) if keep else rows).values("pk"):
        yield FieldError(f"{POINTER}/canvas/background", "does_not_exist", "There is no such picture.")


def _fonts() -> frozenset[str]:
    """The names of the fonts that there are."""
    from customizations import rendering  # noqa: PLC0415 - draws with a big library, which few calls need

    return frozenset(rendering.FONTS)
