from django.db import migrations

GUARD = """
CREATE TRIGGER customizations_templateversion_append_only
    BEFORE UPDATE OR DELETE ON customizations_templateversion FOR EACH ROW EXECUTE FUNCTION core_append_only();
"""
UNGUARD = "DROP TRIGGER customizations_templateversion_append_only ON customizations_templateversion;"


class Migration(migrations.Migration):
    dependencies = [("customizations", "0001_initial"), ("core", "0002_event_log_append_only")]

    operations = [migrations.RunSQL(GUARD, UNGUARD)]
