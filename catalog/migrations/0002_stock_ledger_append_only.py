from django.db import migrations

GUARD = """
CREATE TRIGGER catalog_stockmovement_append_only
    BEFORE UPDATE OR DELETE ON catalog_stockmovement FOR EACH ROW EXECUTE FUNCTION core_append_only();
"""
UNGUARD = "DROP TRIGGER catalog_stockmovement_append_only ON catalog_stockmovement;"


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_initial"), ("core", "0002_event_log_append_only")]

    operations = [migrations.RunSQL(GUARD, UNGUARD)]
