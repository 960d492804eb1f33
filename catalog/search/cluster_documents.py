"""What a search cluster is told of products and packages."""

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from django.db.models import QuerySet
from django.utils.html import strip_tags

from catalog.models import Brand, Category, Material, Package, Product, Tag
from catalog.search.port import Kind

INDEX = "fantasize"

_TEXT = {"type": "text", "analyzer": "stemmed"}
_NAME = {**_TEXT, "fields": {"words": {"type": "text", "analyzer": "unstemmed"}}}
MAPPING = {
    "settings": {
        "analysis": {
            "filter": {"english_stemmer": {"type": "stemmer", "language": "english"}},
            "analyzer": {
                "stemmed": {"tokenizer": "standard", "filter": ["lowercase", "asciifolding", "english_stemmer"]},
                "unstemmed": {"tokenizer": "standard", "filter": ["lowercase", "asciifolding"]},
            },
        },
    },
    "mappings": {
        "dynamic": "strict",
        "properties": {
            "name": _NAME,
            "sku": {"type": "text", "analyzer": "unstemmed"},
            "brand": _TEXT,
            "labels": _TEXT,
            "description": _TEXT,
            "sales_count": {"type": "integer"},
        },
    },
}


def actions_for(*, products: Collection[int], packages: Collection[int]) -> Iterator[dict[str, Any]]:
    """What a bulk call says of these rows: what is there is written, what is not (any more) is deleted."""
    paths = _category_paths()
    shown = Product.objects.active().select_related("brand").prefetch_related("tags", "materials")
    yield from _actions(Kind.PRODUCT, products, shown, paths)
    yield from _actions(Kind.PACKAGE, packages, Package.objects.active().prefetch_related("products"), paths)


def removals(kind: Kind, pks: Collection[int]) -> Iterator[dict[str, Any]]:
    """What a bulk call says of rows that are gone."""
    return ({"_op_type": "delete", "_index": INDEX, "_id": f"{kind}-{pk}"} for pk in pks)


def _actions(
    kind: Kind, pks: Collection[int], shown: QuerySet[Any], paths: dict[int | None, str]
) -> Iterator[dict[str, Any]]:
    rows = list(shown.filter(pk__in=pks))
    for row in rows:
        document = _document(row, paths.get(row.category_id, ""))
        yield {"_op_type": "index", "_index": INDEX, "_id": f"{kind}-{row.pk}", "_source": document}
    yield from removals(kind, set(pks) - {row.pk for row in rows})


def _document(row: Product | Package, category: str) -> dict[str, Any]:
    brand: Brand | None = None
    labels: Iterable[Tag | Material | Product]
    if isinstance(row, Product):
        brand, labels = row.brand, [*row.tags.all(), *row.materials.all()]
    else:
        labels = row.products.all()
    return {
        "name": row.name,
        "sku": row.sku,
        "brand": brand.name if brand else "",
        "labels": [category, *(label.name for label in labels)],
        "description": strip_tags(row.description),
        "sales_count": row.sales_count,
    }


def _category_paths() -> dict[int | None, str]:
    """The name of every category with those above it, by id."""
    rows = {pk: (parent, name) for pk, parent, name in Category.objects.values_list("pk", "parent_id", "name")}

    def names(pk: int | None) -> Iterator[str]:
        seen: set[int] = set()
        while pk in rows and pk not in seen:
            seen.add(pk)
            pk, name = rows[pk]
            yield name

    return {pk: " ".join(names(pk)) for pk in rows}
