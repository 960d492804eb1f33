from django.db import migrations

# What a person wrote may be blanked, and nothing else may ever change: a row may become what this function makes of it.
GUARD = """
CREATE FUNCTION core_without_words(data jsonb) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    word text;
BEGIN
    FOREACH word IN ARRAY ARRAY['note', 'reason', 'tracking_number'] LOOP
        data := jsonb_set(data, ARRAY[word], '""', false);
        data := jsonb_set(data, ARRAY['details', word], '""', false);
    END LOOP;
    RETURN data;
END $$;

CREATE FUNCTION core_guard_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE'
        AND NEW.data = core_without_words(OLD.data)
        AND (NEW.aggregate, NEW.aggregate_id, NEW.seq, NEW.name, NEW.actor, NEW.request_id, NEW.occurred_at)
          = (OLD.aggregate, OLD.aggregate_id, OLD.seq, OLD.name, OLD.actor, OLD.request_id, OLD.occurred_at)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'check_violation';
END $$;

CREATE OR REPLACE TRIGGER core_domainevent_append_only
    BEFORE UPDATE OF aggregate, aggregate_id, seq, name, data, actor, request_id, occurred_at OR DELETE
    ON core_domainevent FOR EACH ROW EXECUTE FUNCTION core_guard_event();
"""
UNGUARD = """
CREATE OR REPLACE TRIGGER core_domainevent_append_only
    BEFORE UPDATE OF aggregate, aggregate_id, seq, name, data, actor, request_id, occurred_at OR DELETE
    ON core_domainevent FOR EACH ROW EXECUTE FUNCTION core_append_only();
DROP FUNCTION core_guard_event();
DROP FUNCTION core_without_words(jsonb);
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0002_event_log_append_only")]

    operations = [migrations.RunSQL(GUARD, UNGUARD)]
