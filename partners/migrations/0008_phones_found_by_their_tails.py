from django.db import migrations, transaction

from partners.search import index

BATCH = 1_000


def index_anew(apps, schema_editor):
    """Stored were whole numbers, of which a search found every part."""
    partners = apps.get_model("partners", "Partner").objects.filter(has_phone=True).order_by("pk")
    last = 0
    while True:
        # Batch by batch, each locked as a change to its contacts would: people go on working.
        with transaction.atomic():
            batch = list(partners.select_for_update(no_key=True).filter(pk__gt=last)[:BATCH])
            if not batch:
                return
            phones: dict[int, list[str]] = {partner.pk: [] for partner in batch}
            contacts = apps.get_model("partners", "Contact").objects.filter(partner__in=batch)
            for pk, phone in contacts.order_by("pk").values_list("partner", "phone"):
                phones[pk].append(phone)
            for partner in batch:
                index(partner, phones[partner.pk])
            partners.model.objects.bulk_update(batch, ["search_text", "search_grams"])
        last = batch[-1].pk


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("partners", "0007_imports_last_step"),
    ]

    operations = [
        migrations.RunPython(index_anew, migrations.RunPython.noop, elidable=True),
    ]
