"""Who did what stands in pghistory's contexts, so these are as unchangeable as the events.

pghistory protects the events of every model (`PGHISTORY_APPEND_ONLY`) but not the contexts, which
have the user in them. Its own triggers complete a context while a request goes on, from inside a
trigger; everybody else is refused.
"""

from django.db import migrations

PROTECT = """
    CREATE FUNCTION banyang_history_context_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' AND pg_trigger_depth() > 1 THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'Cannot update or delete rows from % table', TG_TABLE_NAME;
    END;
    $$;
    CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON pghistory_context
        FOR EACH ROW EXECUTE FUNCTION banyang_history_context_stays();
"""
RELEASE = """
    DROP TRIGGER append_only ON pghistory_context;
    DROP FUNCTION banyang_history_context_stays();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("pghistory", "0007_auto_20250421_0444"),
    ]

    operations = [migrations.RunSQL(PROTECT, RELEASE)]
