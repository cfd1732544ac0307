"""Makes imports of partner lists, for tests."""

import factory
from factory.django import DjangoModelFactory

from banyang.accounts.factories import UserFactory
from partners.imports.models import ImportRow, PartnerImport


class ImportFactory(DjangoModelFactory):
    """An import of a list that has been read: one partner below the column titles."""

    class Meta:
        model = PartnerImport

    file_name = "合伙人名单.xlsx"
    state = PartnerImport.State.READ
    by = factory.SubFactory(UserFactory, is_staff=True)
    sheets = factory.LazyFunction(
        lambda: [
            {
                "index": 0,
                "name": "Sheet1",
                "height": 2,
                "rows": [[1, ["单位名称", "类别"]], [2, ["般阳茶社", "企业"]]],
            }
        ]
    )
    report = factory.LazyFunction(
        lambda: {
            "counts": dict.fromkeys(ImportRow.Kind.values, 0) | {"new": 1},
            "first_number": None,
            "last_number": None,
        }
    )
