from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from banyang.foundation import translations


class Command(BaseCommand):
    help = "Compile the translations; with --update write new messages, with --check report gaps."
    requires_system_checks: list[str] = []  # which load the code whose messages are in question

    def add_arguments(self, parser: ArgumentParser) -> None:
        action = parser.add_mutually_exclusive_group()
        action.add_argument(
            "--update", action="store_true", help="add messages to the catalogues, drop unused ones"
        )
        action.add_argument(
            "--check", action="store_true", help="fail when a catalogue is not complete and sound"
        )

    def handle(self, *, update: bool, check: bool, **options: Any) -> None:
        try:
            if update:
                self.update()
            if check:
                self.check_catalogues()
            for path in translations.compile_catalogues():
                self.stdout.write(f"compiled {path.relative_to(settings.BASE_DIR)}")
        except ValueError as error:
            raise CommandError(str(error)) from error

    def update(self) -> None:
        added, dropped = translations.update_catalogues()
        for key in added:
            self.stdout.write(f"to translate: {key}")
        for key in dropped:
            self.stdout.write(f"dropped: {key}")

    def check_catalogues(self) -> None:
        problems = translations.find_problems()
        if problems:
            raise CommandError("\n".join([*problems, f"{len(problems)} problems"]))
