import re

from django.db import migrations, transaction

BATCH = 1_000
AREA = re.compile(r"0(?:10|2\d|[3-9]\d\d)(?=\d{7,8}$)")


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
            for pk, phone in contacts.exclude(phone="").order_by("pk").values_list("partner", "phone"):
                phones[pk].append(phone)
            for partner in batch:
                index(partner, phones[partner.pk])
            partners.model.objects.bulk_update(batch, ["search_text", "search_grams"])
        last = batch[-1].pk


def index(partner, phones):
    """As `partners.search` did it then: that goes on to change, and old rows pass through here.

    A search text has a part a line: the name, how it is read, the credit code, the numbers.
    """
    name, *others = partner.search_text.split("\n")
    lines = [phone.partition("-")[0] for phone in phones]
    parts = [name, *(part for part in others if part not in phones), *(line[-4:] for line in lines)]
    partner.search_text = "\n".join(parts)
    grams = {*phones, *lines, *(AREA.sub("", line) for line in lines)}
    for part in parts:
        grams.update(part)
        grams.update(part[i : i + 2] for i in range(len(part) - 1))
    partner.search_grams = sorted(grams)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("partners", "0007_imports_last_step"),
    ]

    operations = [
        migrations.RunPython(index_anew, migrations.RunPython.noop, elidable=True),
    ]
