"""A catalogue of any size, the same every time, written by a few statements."""

import psycopg

PRODUCTS = 100_000
PACKAGES = 2_000

_KINDS = (
    "Personalised", "Engraved", "Handmade", "Vintage", "Classic", "Mini", "Large", "Round", "Folding", "Painted",
    "Carved", "Rustic", "Modern", "Bright", "Quiet", "Festive", "Floral", "Striped", "Spotted", "Plain",
)  # fmt: skip
_MATERIALS = (
    "Oak", "Walnut", "Brass", "Copper", "Slate", "Linen", "Wool", "Cotton", "Leather", "Glass",
    "Ceramic", "Paper", "Silver", "Felt", "Cork",
)  # fmt: skip
_THINGS = (
    "Lantern", "Mug", "Photo Frame", "Cushion", "Clock", "Candle Holder", "Chopping Board", "Notebook", "Keyring",
    "Jewellery Box", "Teapot", "Cake Stand", "Bunting", "Blanket", "Apron", "Wine Rack", "Coaster Set", "Door Stop",
    "Wall Art", "Plant Pot", "Tea Towel", "Bird Feeder", "Music Box", "Picnic Basket", "Lunch Bag", "Umbrella",
    "Wash Bag", "Piggy Bank", "Night Light", "Christmas Bauble", "Advent Calendar", "Birthday Card", "Gift Tag",
    "Ribbon", "Puzzle", "Height Chart", "Baby Rattle", "Doll House", "Garden Sign", "Wind Chime",
)  # fmt: skip
_PEOPLE = (
    "Gardeners", "Grandparents", "Newlyweds", "Teachers", "Cyclists", "Book Lovers", "Bakers", "Cat Owners",
    "Children", "Travellers", "Musicians", "Best Friends",
)  # fmt: skip
_ROOMS = ("Home", "Kitchen", "Garden", "Stationery", "Children", "Celebrations", "Accessories", "Wedding")

# Words are picked by remainders of large multiples: no two neighbours look alike, and every run makes the same rows.
_FILL = """
INSERT INTO catalog_category (id, name, slug, position, is_active, parent_id)
SELECT n, rooms[n], lower(rooms[n]), n, TRUE, NULL FROM words, generate_series(1, 8) AS n
UNION ALL
SELECT 8 + n, things[n], lower(replace(things[n], ' ', '-')), n, TRUE, 1 + n % 8
  FROM words, generate_series(1, 40) AS n;

INSERT INTO catalog_brand (id, name, slug, position)
SELECT n, kinds[1 + n % 20] || ' & ' || people[1 + n / 20 % 12] || ' ' || n, 'brand-' || n, n
  FROM words, generate_series(1, 300) AS n;
INSERT INTO catalog_material (id, name, slug, position)
SELECT n, materials[n], lower(materials[n]), n FROM words, generate_series(1, 15) AS n;
INSERT INTO catalog_tag (id, name, slug, position)
SELECT n, 'For ' || people[n], 'for-' || n, n FROM words, generate_series(1, 12) AS n;

INSERT INTO catalog_stockitem (id, on_hand, held, low_stock_at)
SELECT n, CASE WHEN n % 20 = 0 THEN 0 ELSE n::bigint * 7919 % 60 END, 0, 5
  FROM size, generate_series(1, size.products) AS n;
INSERT INTO catalog_stockmovement (stock_item_id, delta, reason, reference, actor, at)
SELECT id, on_hand, 'opening', '', 'system', now() FROM catalog_stockitem WHERE on_hand > 0 ORDER BY id;

INSERT INTO catalog_product
       (id, sku, name, slug, description, list_price, price, category_id, brand_id, stock_id, is_active, has_options,
        rating_sum, rating_count, sales_count, version, created_at, updated_at)
SELECT n, 'SKU-' || n, name, 'gift-' || n,
       '<p>' || name || '. Made to order and wrapped by hand; a name or a short message can be added. ' || repeat(
       'It comes in a sturdy box with care instructions and a card that says who it is from. ', 3) || '</p>',
       cost, cost, 8 + thing, 1 + n::bigint * 104729 % 300, n, n % 200 > 0, n % 3 = 0,
       rated * (3 + n % 3), rated, (n::bigint * 7907 % 997) ^ 2 / 2000, 1, moment, moment
  FROM words, size, generate_series(1, size.products) AS n,
       LATERAL (SELECT 1 + (n::bigint * 7919 % 40)::int AS thing, (n::bigint * 31337 % 9901)::numeric / 100 + 1 AS cost,
                       CASE WHEN n % 7 = 0 THEN 0 ELSE n::bigint * 6113 % 41 END AS rated,
                       timestamptz '2026-01-01' + n * interval '4 minutes' AS moment) AS picked,
       LATERAL (SELECT kinds[1 + n::bigint * 15485863 % 20] || ' ' || materials[1 + n::bigint * 32452843 % 15] || ' '
                       || things[thing] || ' for ' || people[1 + n::bigint * 49979687 % 12] AS name) AS named;
INSERT INTO catalog_productmaterial (product_id, material_id, percent)
SELECT id, 1 + id * 32452843 % 15, CASE WHEN id % 2 = 0 THEN 100 ELSE 60 END FROM catalog_product
UNION ALL
SELECT id, 1 + (id * 32452843 + 1) % 15, 40 FROM catalog_product WHERE id % 2 = 1;
INSERT INTO catalog_product_tags (product_id, tag_id) SELECT id, 1 + id * 49979687 % 12 FROM catalog_product;
INSERT INTO catalog_productmedia
       (product_id, kind, state, alt, position, file, content_type, width, height, size, sha256, renditions, created_at)
SELECT id, 'image', 'ready', name, 0, 'catalogue/ab/' || md5(id::text) || '.jpg', 'image/jpeg', 1600, 1200, 250000,
       repeat('0', 64),
       (SELECT jsonb_agg(jsonb_build_object('name', copy, 'file', 'catalogue/ab/' || md5(id::text) || copy || '.webp',
                                            'width', width, 'height', width * 3 / 4) ORDER BY width)
          FROM (VALUES ('thumb', 160), ('card', 480), ('full', 1200)) AS copies (copy, width)),
       now()
  FROM catalog_product;

INSERT INTO catalog_package
       (id, sku, name, slug, description, list_price, price, percent_off, parts_total, category_id, is_active,
        has_options, rating_sum, rating_count, sales_count, version, created_at, updated_at)
SELECT n, 'SET-' || n, 'Gift Set ' || kinds[1 + n % 20] || ' for ' || people[1 + n / 20 % 12], 'set-' || n,
       '<p>A set.</p>', round(total * 0.9, 2), round(total * 0.9, 2), 10, total, 9 + n % 40, TRUE, FALSE, 0, 0, n % 50,
       1, now(), now()
  FROM words, size, generate_series(1, size.packages) AS n,
       LATERAL (SELECT sum(list_price) AS total FROM catalog_product WHERE id BETWEEN n * 3 AND n * 3 + 2) AS parts;
INSERT INTO catalog_packageitem (package_id, product_id, quantity, position)
SELECT id, id * 3 + part, 1, part FROM catalog_package, generate_series(0, 2) AS part;

INSERT INTO catalog_offer (id, name, percent, starts_at, is_active, created_at, version)
SELECT n, 'Offer ' || n, 5 * n, now() - interval '1 day', TRUE, now(), 1 FROM generate_series(1, 6) AS n;
INSERT INTO catalog_offer_products (offer_id, product_id) SELECT 1 + id % 4, id FROM catalog_product WHERE id % 50 = 0;
INSERT INTO catalog_offer_categories (offer_id, category_id) VALUES (5, 12), (6, 30);
UPDATE catalog_product AS product SET price = round(product.list_price * (100 - best.percent) / 100, 2)
  FROM (SELECT id, max(percent) AS percent
          FROM (SELECT product_id AS id, percent
                  FROM catalog_offer_products JOIN catalog_offer ON catalog_offer.id = offer_id
                UNION ALL
                SELECT catalog_product.id, percent FROM catalog_product
                  JOIN catalog_offer_categories USING (category_id) JOIN catalog_offer ON catalog_offer.id = offer_id)
               AS named
         GROUP BY id) AS best
 WHERE product.id = best.id;
"""
_TABLES = ("category", "brand", "material", "tag", "stockitem", "product", "package", "offer")


def fill(url: str, *, products: int = PRODUCTS, packages: int = PACKAGES) -> None:
    """Write the catalogue into a migrated, empty shop. The search is not told: run ``rebuild_search`` afterwards."""
    with psycopg.connect(url, autocommit=True) as connection:
        words = (list(each) for each in (_KINDS, _MATERIALS, _THINGS, _PEOPLE, _ROOMS))
        connection.execute(
            psycopg.ClientCursor(connection).mogrify(
                "CREATE TEMP TABLE words AS SELECT %s::text[] AS kinds, %s::text[] AS materials, %s::text[] AS things,"
                " %s::text[] AS people, %s::text[] AS rooms",
                tuple(words),
            )
        )
        connection.execute(f"CREATE TEMP TABLE size AS SELECT {products:d} AS products, {packages:d} AS packages")
        connection.execute("SET session_replication_role = replica")  # the rows are right: no trigger needs to look
        connection.execute(_FILL)
        for table in _TABLES:
            sequence = f"pg_get_serial_sequence('catalog_{table}', 'id')"
            connection.execute(f"SELECT setval({sequence}, max(id)) FROM catalog_{table}")  # noqa: S608 - names of ours


def tidy(url: str) -> None:
    """What autovacuum does in a shop that has been open for a while."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
