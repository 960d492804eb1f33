from django.db import migrations

# Only the mark that an event was dispatched may be set afterwards; what happened stays as it was written.
GUARD = """
CREATE FUNCTION core_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'check_violation';
END $$;

CREATE TRIGGER core_domainevent_append_only
    BEFORE UPDATE OF aggregate, aggregate_id, seq, name, data, actor, request_id, occurred_at OR DELETE
    ON core_domainevent FOR EACH ROW EXECUTE FUNCTION core_append_only();
"""
UNGUARD = """
DROP TRIGGER core_domainevent_append_only ON core_domainevent;
DROP FUNCTION core_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]

    operations = [migrations.RunSQL(GUARD, UNGUARD)]
