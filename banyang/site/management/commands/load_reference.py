from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from banyang.foundation.actions import Program
from banyang.foundation.reference import BadFile, ReferenceRow, read_details, read_table
from banyang.office.actions import DETAILS, load_office
from banyang.office.models import Office
from communities.actions import COMMUNITY_COLUMNS, COMMUNITY_EXTRAS, load_communities
from communities.models import Community
from projects.catalogue.actions import CATALOGUE_COLUMNS, CATALOGUE_EXTRAS, load_catalogue
from projects.catalogue.models import Service

BY = Program("load_reference")
OFFICE = settings.BASE_DIR / "banyang/office/data/office.json"
COMMUNITIES = settings.BASE_DIR / "communities/data/communities.csv"
CATALOGUE = settings.BASE_DIR / "projects/catalogue/data/catalogue.csv"


def _belongs(rows: list[ReferenceRow], model: type[Community] | type[Service]) -> bool:
    """Whether a default table fits the data: an office with a list of its own gets none of ours."""
    codes = model._base_manager.values_list("code", flat=True)
    return not codes or not {row.cells["code"] for row in rows}.isdisjoint(codes)


class Command(BaseCommand):
    help = (
        "Add the reference data that is missing: communities, the catalogue, the working calendar, "
        "and the office's own details while nobody has touched them. What is there is never "
        "changed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--office", type=Path, help=f"JSON of the office's details: {', '.join(DETAILS)}"
        )
        parser.add_argument(
            "--communities",
            type=Path,
            help=f"CSV with {', '.join(COMMUNITY_COLUMNS)} and, if known, "
            f"{', '.join(COMMUNITY_EXTRAS)}",
        )
        parser.add_argument(
            "--catalogue",
            type=Path,
            help=f"CSV with {', '.join(CATALOGUE_COLUMNS)} and, if known, "
            f"{', '.join(CATALOGUE_EXTRAS)}",
        )

    @transaction.atomic
    def handle(
        self,
        *,
        office: Path | None,
        communities: Path | None,
        catalogue: Path | None,
        **options: Any,
    ) -> None:
        with connection.cursor() as cursor:
            # Two web processes that start at once load one after the other.
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('load_reference'))")
        try:
            # The default office is that of the default communities.
            if office or not communities:
                self.load_office(office)
            self.load_communities(communities)
            self.load_catalogue(catalogue)
            call_command("load_calendar", stdout=self.stdout)
        except BadFile as error:
            raise CommandError(str(error)) from error

    def load_office(self, path: Path | None) -> None:
        details = read_details(path or OFFICE, DETAILS)
        ours = path or _belongs(self.communities(None), Community)
        if not ours:
            return
        if load_office(details=details, by=BY):
            self.stdout.write(_("The office is %(name)s.") % {"name": details.get("name", "")})
        else:
            self.stdout.write(
                _(
                    "The office stays %(name)s: it has details of its own already, and they are "
                    "changed on its page."
                )
                % {"name": Office.objects.get(pk=1).name}
            )

    def communities(self, path: Path | None) -> list[ReferenceRow]:
        return read_table(path or COMMUNITIES, COMMUNITY_COLUMNS, COMMUNITY_EXTRAS)

    def load_communities(self, path: Path | None) -> None:
        rows = self.communities(path)
        added = load_communities(rows=rows, by=BY) if path or _belongs(rows, Community) else 0
        self.stdout.write(
            _("Communities: %(added)s added, %(total)s in all.")
            % {"added": added, "total": Community.objects.count()}
        )

    def load_catalogue(self, path: Path | None) -> None:
        rows = read_table(path or CATALOGUE, CATALOGUE_COLUMNS, CATALOGUE_EXTRAS)
        added = load_catalogue(rows=rows, by=BY) if path or _belongs(rows, Service) else (0, 0, 0)
        self.stdout.write(
            _(
                "Catalogue: %(categories)s categories, %(groups)s groups and %(services)s services "
                "added, %(total)s services in all."
            )
            % {
                "categories": added[0],
                "groups": added[1],
                "services": added[2],
                "total": Service.objects.count(),
            }
        )
