"""What is found under which words: the ``search`` column of products and packages."""

from collections.abc import Collection

from django.db import connection

from catalog.search.words import ACCENTED, PLAIN

LANGUAGE = "english"
# Every form of a word is found in any text; unfinished words are found in what things are called.
UNSTEMMED = "simple"

_CATEGORIES = """
    WITH RECURSIVE above (id, place) AS (
        SELECT DISTINCT category_id, category_id FROM {table} WHERE id = ANY (%(ids)s) AND category_id IS NOT NULL
        UNION
        SELECT above.id, category.parent_id
          FROM above JOIN catalog_category AS category ON category.id = above.place
         WHERE category.parent_id IS NOT NULL
    ), places (id, names) AS (
        SELECT above.id, string_agg(category.name, ' ')
          FROM above JOIN catalog_category AS category ON category.id = above.place
         GROUP BY above.id
    )
"""
_UPDATE = """
    UPDATE {table} AS thing
       SET search = setweight(to_tsvector('english', title), 'A') || setweight(to_tsvector('simple', title), 'A')
                 || setweight(to_tsvector('english', maker), 'B') || setweight(to_tsvector('simple', maker), 'B')
                 || setweight(to_tsvector('english', labels), 'C') || setweight(to_tsvector('simple', labels), 'C')
                 || setweight(to_tsvector('english', body), 'D')
      FROM (SELECT {table}.*, {columns} FROM {table}
              LEFT JOIN places ON places.id = category_id {joins}
             WHERE {table}.id = ANY (%(ids)s) ORDER BY {table}.id FOR NO KEY UPDATE OF {table}) AS source,
           -- By itself, so that each text is made once.
           LATERAL (SELECT {title} AS title, {maker} AS maker, {labels} AS labels, {body} AS body OFFSET 0) AS texts
     WHERE thing.id = source.id
"""
# To look each letter up takes longer than all else, and most texts have none that is not plain already.
_PLAIN = """CASE WHEN octet_length(lower({0})) = length(lower({0})) THEN lower({0})
                 ELSE translate(lower({0}), %(accented)s, %(plain)s) END"""
_PRODUCT = {
    "maker": "coalesce(source.brand, '')",
    "columns": """places.names AS places, catalog_brand.name AS brand,
        (SELECT string_agg(name, ' ') FROM catalog_tag
           JOIN catalog_product_tags AS link ON link.tag_id = catalog_tag.id
          WHERE link.product_id = {table}.id) AS tags,
        (SELECT string_agg(name, ' ') FROM catalog_material
           JOIN catalog_productmaterial AS link ON link.material_id = catalog_material.id
          WHERE link.product_id = {table}.id) AS parts""",
    "joins": "LEFT JOIN catalog_brand ON catalog_brand.id = brand_id",
}
_PACKAGE = {
    "maker": "''",
    "columns": """places.names AS places, '' AS tags,
        (SELECT string_agg(name, ' ') FROM catalog_product
           JOIN catalog_packageitem AS link ON link.product_id = catalog_product.id
          WHERE link.package_id = {table}.id) AS parts""",
    "joins": "",
}


def write_products(ids: Collection[int], *, table: str = "catalog_product") -> None:
    """Bring the search documents of these products up to date, in the caller's transaction. Locks their rows.

    ``table`` is another one if they are about to be stored: with their columns, and where ``search`` goes.
    """
    _write(table, _PRODUCT, ids)


def write_packages(ids: Collection[int], *, table: str = "catalog_package") -> None:
    """The same for packages, whose parts are stored already."""
    _write(table, _PACKAGE, ids)


def _write(table: str, own: dict[str, str], ids: Collection[int]) -> None:
    if not ids:
        return
    texts = {
        "title": _PLAIN.format("source.name || ' ' || source.sku"),
        "maker": _PLAIN.format(own["maker"]),
        "labels": _PLAIN.format("concat_ws(' ', source.places, source.tags, source.parts)"),
        "body": _PLAIN.format("regexp_replace(source.description, '<[^>]*>', ' ', 'g')"),
    }
    columns = own["columns"].format(table=table)
    statement = (_CATEGORIES + _UPDATE).format(table=table, columns=columns, joins=own["joins"], **texts)
    with connection.cursor() as cursor:
        cursor.execute(statement, {"ids": list(ids), "accented": ACCENTED, "plain": PLAIN})
