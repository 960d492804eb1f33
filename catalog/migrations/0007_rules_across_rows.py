"""What no constraint of one row can say: shares of materials, a tree without circles, stars that are counted."""

from django.db import migrations

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


class Migration(migrations.Migration):
    dependencies = [("catalog", "0006_price_of_what_is_there")]

    operations = [
        migrations.RunSQL(_SHARES, _NO_SHARES),
        migrations.RunSQL(_TREE, _NO_TREE),
        migrations.RunSQL(_STARS, _NO_STARS),
    ]
