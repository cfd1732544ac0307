"""Emptying a table with TRUNCATE passes by the triggers that keep its rows, so it gets one as well.

Every table that only grows (it has a trigger `append_only`: the events of pghistory, their contexts,
disclosures, exports) refuses TRUNCATE, unless the session says `SET banyang.truncates_history = on`,
as the tests do, whose database is emptied after every test that commits. A migration that adds
such a table runs this again; a test finds the one that was forgotten.

Against mistakes and against a stolen form this is enough. Whoever *owns* a table can always drop
its triggers: an office that wants to keep even the web process from that lets one role own the
tables and run `migrate`, and gives the role in `DATABASE_URL` of web, worker and beat no more than
SELECT, INSERT, UPDATE and DELETE.
"""

from django.db import migrations

GUARD = """
    CREATE OR REPLACE FUNCTION banyang_history_stays_whole() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF current_setting('banyang.truncates_history', true) = 'on' THEN
            RETURN NULL;
        END IF;
        RAISE EXCEPTION 'Cannot truncate % table', TG_TABLE_NAME;
    END;
    $$;

    DO $$
    DECLARE guarded regclass;
    BEGIN
        FOR guarded IN
            SELECT tgrelid FROM pg_trigger WHERE tgname ~ '^(pgtrigger_)?append_only'
        LOOP
            EXECUTE format(
                'CREATE OR REPLACE TRIGGER stays_whole BEFORE TRUNCATE ON %s'
                ' EXECUTE FUNCTION banyang_history_stays_whole()',
                guarded
            );
        END LOOP;
    END;
    $$;
"""
RELEASE = "DROP FUNCTION banyang_history_stays_whole() CASCADE;"


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_history_context_stays"),
        ("office", "0001_initial"),
        ("reminders", "0001_initial"),
        ("communities", "0001_initial"),
        ("catalogue", "0001_initial"),
        ("partners", "0001_initial"),
        ("imports", "0001_initial"),
        ("needs", "0001_initial"),
        ("lists", "0002_need_has_its_project"),
        ("claims", "0001_initial"),
        ("deliveries", "0001_initial"),
        ("markets", "0001_initial"),
    ]

    operations = [migrations.RunSQL(GUARD, RELEASE)]
