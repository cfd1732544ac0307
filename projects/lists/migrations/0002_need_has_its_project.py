"""A need that became a project has that project: no row of one table can say so of another.

The rule is checked at the end of the transaction, but after each statement in the form that changes
a need (`EditForm.locking`): the link is written before the need's state, and deleted after it. Two
transactions at once don't see each other's rows: actions hold the project's lock meanwhile. Its
message is for programmers; people meet the refusals of the actions first.
"""

from django.db import migrations

RULE = """
    CREATE FUNCTION lists_need_has_its_project() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        changed bigint;
    BEGIN
        IF TG_TABLE_NAME = 'needs_need' THEN
            changed := NEW.id;
        ELSE
            changed := OLD.need_id;
        END IF;
        IF EXISTS (SELECT FROM needs_need WHERE id = changed AND state = 'project')
            AND NOT EXISTS (SELECT FROM lists_projectneed WHERE need_id = changed)
        THEN
            RAISE EXCEPTION 'Need % became a project, but no project is named', changed
                USING ERRCODE = 'check_violation', CONSTRAINT = 'need_project_named';
        END IF;
        RETURN NULL;
    END;
    $$;
    CREATE CONSTRAINT TRIGGER need_project_named
        AFTER INSERT OR UPDATE OF state ON needs_need
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.state = 'project')
        EXECUTE FUNCTION lists_need_has_its_project();
    CREATE CONSTRAINT TRIGGER need_project_named
        AFTER DELETE OR UPDATE OF need_id ON lists_projectneed
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
        EXECUTE FUNCTION lists_need_has_its_project();
"""
RELEASE = """
    DROP TRIGGER need_project_named ON lists_projectneed;
    DROP TRIGGER need_project_named ON needs_need;
    DROP FUNCTION lists_need_has_its_project();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("lists", "0001_initial"),
    ]

    operations = [migrations.RunSQL(RULE, RELEASE)]
