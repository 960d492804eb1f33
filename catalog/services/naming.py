"""Names that only one thing of a kind may have: SKUs and slugs."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, count

from django.db import connection
from django.db.models import Model, Q
from django.utils.text import slugify

from catalog.models import Package, Product
from fantasize.core.errors import FieldError

_LONGEST_SLUG = 200
_LONGEST_SKU = 60


def free_slug(kind: type[Product | Package], name: str) -> str:
    """A slug for ``name`` that no other thing of this kind has yet, nor gets in this moment. In a transaction."""
    take_turns(kind, slug_of(kind, name))
    return free_slugs(kind, [name])[0]


def free_slugs(kind: type[Product | Package], names: Sequence[str], *, used: Iterable[str] = ()) -> list[str]:
    """A slug for each of ``names`` that no other thing of this kind has yet, none of the others, and not ``used``."""
    return _free(kind, "slug", [slug_of(kind, name) for name in names], used)


def slug_of(kind: type[Model], name: str, *, longest: int = _LONGEST_SLUG) -> str:
    """What a slug for ``name`` begins with; for a number, a word: an address of digits is that of an id."""
    slug, word = slugify(name)[:longest], str(kind._meta.model_name)  # noqa: SLF001 - Django's documented interface
    if not slug:
        return word
    return f"{word}-{slug}"[:longest] if slug.isdecimal() else slug


def take_turns(kind: type[Model], base: str) -> None:
    """Wait for others who make a slug of the same text, until their transactions are over: so each finds a free one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{kind._meta.label} {base}"])  # noqa: SLF001 - as above


def free_sku(kind: type[Product | Package], slug: str) -> str:
    """A SKU like ``slug`` that no other thing of this kind has yet."""
    return _free(kind, "sku", [slug.upper()[:_LONGEST_SKU]])[0]


def taken(kind: type[Product | Package], *, sku: str, slug: str, but: int | None = None) -> list[FieldError]:
    """A fault for each of these that another thing of this kind has; an empty one is not looked for."""
    others = kind._default_manager.exclude(pk=but)  # noqa: SLF001 - Django's documented interface
    return [
        FieldError(f"/{field}", "duplicate", f"Another {kind._meta.model_name} has this {field}.")  # noqa: SLF001 - as above
        for field, value in (("sku", sku), ("slug", slug))
        if value and others.filter(**{field: value}).exists()
    ]


def _free(kind: type[Product | Package], field: str, bases: Sequence[str], used: Iterable[str] = ()) -> list[str]:
    """Each base if nothing has it, else the base with the first number that is free. Two queries at most."""
    rows = kind._default_manager.values_list(field, flat=True)  # noqa: SLF001 - as above
    used = {*used, *rows.filter(**{f"{field}__in": set(bases)})}
    if crowded := [base for base, times in Counter([*bases, *(used & set(bases))]).items() if times > 1]:
        used.update(rows.filter(Q(*((f"{field}__startswith", f"{base}-") for base in crowded), _connector=Q.OR)))
    numbers: defaultdict[str, Iterator[int]] = defaultdict(lambda: count(2))
    found = []
    for base in bases:
        candidates = chain([base], (f"{base}-{number}" for number in numbers[base]))
        found.append(next(candidate for candidate in candidates if candidate not in used))
        used.add(found[-1])
    return found
