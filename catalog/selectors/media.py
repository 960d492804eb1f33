"""Reads of pictures and videos."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar, cast

from django.db.models import Model, Prefetch, QuerySet, prefetch_related_objects

from catalog.enums import MediaState
from catalog.models import Category, Package, Product, ProductMedia
from catalog.models.media import ProductMediaQuerySet
from fantasize.core.statements import fetch_all

M = TypeVar("M", bound=Model)
Target = Product | Package | Category

# What a picture's smaller copies are called, and their longest side in pixels; smallest first.
RENDITIONS = {"thumb": 160, "card": 480, "full": 1200}

# Said once: Django takes longer to put such a statement together, and rows into models, than PostgreSQL to answer it.
_READY = """
    SELECT {target}_id, id, kind, file, alt, width, height, renditions FROM catalog_productmedia
     WHERE {target}_id = ANY (%s) AND state = '{ready}' ORDER BY position, id
"""


class Medium(NamedTuple):
    """A picture or a video as lists show it; as in ``ProductMedia``."""

    id: int
    kind: str
    file: str
    alt: str
    width: int | None
    height: int | None
    renditions: Sequence[Mapping[str, Any]]


def with_media(things: QuerySet[M]) -> QuerySet[M]:
    """The same products or packages, each with what can be shown of it as ``ready_media``. One query for all."""
    return things.prefetch_related(_ready_media())


def with_image(categories: QuerySet[Category]) -> QuerySet[Category]:
    """The same categories, each with its picture or None as ``ready_image``. One query for all."""
    return categories.prefetch_related(_ready_image())


def attach(things: Sequence[Model]) -> None:
    """Give rows that were read already what ``with_media`` or ``with_image`` gives; those that have it keep it.

    All rows are of one kind. Products and packages get each ``Medium`` that can be shown. One query.
    """
    if things and isinstance(things[0], Category):
        prefetch_related_objects(things, _ready_image())
    elif bare := [thing for thing in things if not hasattr(thing, "ready_media")]:
        shown = _read_ready(kind_of(cast("Target", bare[0])), [thing.pk for thing in bare])
        for thing in bare:
            thing.ready_media = shown[thing.pk]  # type: ignore[attr-defined] # products and packages have it


def media_of(target: Target) -> ProductMediaQuerySet:
    """All of a thing's media in their order, whether they can be shown or not."""
    return ProductMedia.objects.filter(**{kind_of(target): target}).order_by("position", "pk")


def kind_of(target: Target) -> str:
    """What the thing is: ``product``, ``package`` or ``category``."""
    return str(target._meta.model_name)  # noqa: SLF001 - Django's documented interface


def target_of(media: ProductMedia) -> Target:
    """What the media show."""
    # A constraint of the table: just one of them is there.
    return cast("Target", media.product or media.package or media.category)


def files_of(media: ProductMedia) -> Iterator[str]:
    """Names in the storage of every file that may belong to the row, whether it has been written or not."""
    yield str(media.file)
    yield from {rendition["file"] for rendition in media.renditions}
    yield from (rendition_name(str(media.file), name) for name in RENDITIONS)


def rendition_name(name: str, rendition: str) -> str:
    """Where the copy ``rendition`` of the picture ``name`` is stored."""
    return f"{name.rpartition('.')[0]}-{rendition}.webp"


def _read_ready(target: str, pks: Sequence[int]) -> Mapping[int, list[Medium]]:
    """What can be shown of each thing, by its id."""
    shown: defaultdict[int, list[Medium]] = defaultdict(list)
    for pk, *facts, renditions in fetch_all(_READY.format(target=target, ready=MediaState.READY), [list(pks)]):
        shown[pk].append(Medium._make((*facts, json.loads(renditions))))
    return shown


def _ready_media() -> Prefetch[str]:
    return Prefetch("media", queryset=ProductMedia.objects.ready(), to_attr="ready_media")


def _ready_image() -> Prefetch[str]:
    return Prefetch("image", queryset=ProductMedia.objects.ready(), to_attr="ready_image")
