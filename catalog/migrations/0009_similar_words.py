"""pg_trgm and its index, where the server has the extension and lets us make it; the shop does without it as well."""

from django.db import migrations

_INDEX = """
DO $$ BEGIN
    IF EXISTS (SELECT 1 FROM pg_available_extensions WHERE name = 'pg_trgm') THEN
        CREATE EXTENSION IF NOT EXISTS pg_trgm;
        CREATE INDEX search_word_similar ON catalog_searchword USING gist (word gist_trgm_ops);
    END IF;
EXCEPTION WHEN insufficient_privilege THEN
    RAISE NOTICE 'pg_trgm is not permitted here: misspelt words are told without it';
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0008_search")]

    operations = [migrations.RunSQL(_INDEX, "DROP INDEX IF EXISTS search_word_similar;")]
