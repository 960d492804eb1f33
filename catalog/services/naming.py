"""Names that only one thing of a kind may have: SKUs and slugs."""

from django.utils.text import slugify

from catalog.models import Package, Product
from fantasize.core.errors import FieldError

_LONGEST_SLUG = 200
_LONGEST_SKU = 60


def free_slug(kind: type[Product | Package], name: str) -> str:
    """A slug for ``name`` that no other thing of this kind has yet."""
    return _free(kind, "slug", slugify(name)[:_LONGEST_SLUG] or str(kind._meta.model_name))  # noqa: SLF001 - Django's documented interface


def free_sku(kind: type[Product | Package], slug: str) -> str:
    """A SKU like ``slug`` that no other thing of this kind has yet."""
    return _free(kind, "sku", slug.upper()[:_LONGEST_SKU])


def taken(kind: type[Product | Package], *, sku: str, slug: str, but: int | None = None) -> list[FieldError]:
    """A fault for each of these that another thing of this kind has; an empty one is not looked for."""
    others = kind._default_manager.exclude(pk=but)  # noqa: SLF001 - Django's documented interface
    return [
        FieldError(f"/{field}", "duplicate", f"Another {kind._meta.model_name} has this {field}.")  # noqa: SLF001 - as above
        for field, value in (("sku", sku), ("slug", slug))
        if value and others.filter(**{field: value}).exists()
    ]


def _free(kind: type[Product | Package], field: str, base: str) -> str:
    rows = kind._default_manager.filter(**{f"{field}__startswith": base})  # noqa: SLF001 - as above
    used = set(rows.values_list(field, flat=True))
    candidates = (base, *(f"{base}-{number}" for number in range(2, len(used) + 3)))
    return next(candidate for candidate in candidates if candidate not in used)
