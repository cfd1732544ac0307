from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from banyang.foundation.actions import Program
from banyang.office.actions import load_known_years


class Command(BaseCommand):
    help = (
        "Fill the working calendar with every year whose holidays have been announced and that is "
        "not filled yet. What is there is never changed."
    )

    def handle(self, **options: Any) -> None:
        for year, added in load_known_years(by=Program("load_calendar")).items():
            self.stdout.write(
                _("Calendar of %(year)s: %(count)s days added.") % {"year": year, "count": added}
            )
