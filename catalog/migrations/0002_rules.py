"""What models cannot say: a ledger nobody rewrites, rules across rows, and an index for those servers that can have it."""

from django.db import migrations

_LEDGER = """
CREATE TRIGGER catalog_stockmovement_append_only
    BEFORE UPDATE OR DELETE ON catalog_stockmovement FOR EACH ROW EXECUTE FUNCTION core_append_only();
"""
_NO_LEDGER = "DROP TRIGGER catalog_stockmovement_append_only ON catalog_stockmovement;"

_SHARES = """
CREATE FUNCTION catalog_require_whole_materials() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ids bigint[] := CASE TG_OP WHEN 'INSERT' THEN ARRAY[NEW.product_id]
                               WHEN 'DELETE' THEN ARRAY[OLD.product_id]
                               ELSE ARRAY[NEW.product_id, OLD.product_id] END;
BEGIN
    IF EXISTS (SELECT 1 FROM catalog_productmaterial WHERE product_id = ANY (ids)
                GROUP BY product_id HAVING sum(percent) <> 100) THEN
        RAISE EXCEPTION 'the materials of a product are 100 percent together'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'product_materials_whole';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER product_materials_whole AFTER INSERT OR UPDATE OR DELETE ON catalog_productmaterial
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION catalog_require_whole_materials();
"""
_NO_SHARES = """
DROP TRIGGER product_materials_whole ON catalog_productmaterial;
DROP FUNCTION catalog_require_whole_materials();
"""

# The lock makes two moves that would bend the tree together wait for each other: the second sees the first.
_TREE = """
CREATE FUNCTION catalog_require_tree() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(7253811003);
    IF EXISTS (
        WITH RECURSIVE above (id, parent_id) AS (
            SELECT id, parent_id FROM catalog_category WHERE id = NEW.parent_id
            UNION
            SELECT category.id, category.parent_id
              FROM catalog_category AS category JOIN above ON category.id = above.parent_id
        ) SELECT 1 FROM above WHERE id = NEW.id
    ) THEN
        RAISE EXCEPTION 'a category cannot be below itself'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'category_tree_without_circle';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER category_tree_without_circle AFTER INSERT OR UPDATE OF parent_id ON catalog_category
    FOR EACH ROW WHEN (NEW.parent_id IS NOT NULL) EXECUTE FUNCTION catalog_require_tree();
"""
_NO_TREE = """
DROP TRIGGER category_tree_without_circle ON catalog_category;
DROP FUNCTION catalog_require_tree();
"""

_STARS = """
CREATE FUNCTION catalog_count_stars() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.state = 'published' THEN
        UPDATE catalog_product SET rating_sum = rating_sum - OLD.rating, rating_count = rating_count - 1
         WHERE id = OLD.product_id;
        UPDATE catalog_package SET rating_sum = rating_sum - OLD.rating, rating_count = rating_count - 1
         WHERE id = OLD.package_id;
    END IF;
    IF TG_OP <> 'DELETE' AND NEW.state = 'published' THEN
        UPDATE catalog_product SET rating_sum = rating_sum + NEW.rating, rating_count = rating_count + 1
         WHERE id = NEW.product_id;
        UPDATE catalog_package SET rating_sum = rating_sum + NEW.rating, rating_count = rating_count + 1
         WHERE id = NEW.package_id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER review_stars AFTER INSERT OR DELETE OR UPDATE OF state, rating, product_id, package_id
    ON catalog_review FOR EACH ROW EXECUTE FUNCTION catalog_count_stars();
"""
_NO_STARS = "DROP TRIGGER review_stars ON catalog_review; DROP FUNCTION catalog_count_stars();"

# Where the server has pg_trgm and lets us make it; the shop does without it as well.
_SIMILAR = """
DO $$ BEGIN
    IF EXISTS (SELECT 1 FROM pg_available_extensions WHERE name = 'pg_trgm') THEN
        CREATE EXTENSION IF NOT EXISTS pg_trgm;
        CREATE INDEX search_word_similar ON catalog_searchword USING gist (word gist_trgm_ops);
    END IF;
EXCEPTION WHEN insufficient_privilege THEN
    RAISE NOTICE 'pg_trgm is not permitted here: misspelt words are told without it';
END $$;
"""
_NOT_SIMILAR = "DROP INDEX IF EXISTS search_word_similar;"


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_initial"), ("core", "0002_event_log_append_only")]

    operations = [
        migrations.RunSQL(_LEDGER, _NO_LEDGER),
        migrations.RunSQL(_SHARES, _NO_SHARES),
        migrations.RunSQL(_TREE, _NO_TREE),
        migrations.RunSQL(_STARS, _NO_STARS),
        migrations.RunSQL(_SIMILAR, _NOT_SIMILAR),
    ]
