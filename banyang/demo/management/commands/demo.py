"""`manage.py demo`: the demo office, on an installation without partners."""

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand

from banyang.demo.build import make_demo_office
from banyang.demo.office import DEMO_PASSWORD, SIGN_INS
from partners.models import Partner


class Command(BaseCommand):
    help = "Make the demo office, unless there already are partners."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--sign-ins",
            action="store_true",
            help="make nothing; say how to sign in to the demo office, if this is one",
        )

    def handle(self, *, sign_ins: bool, **options: Any) -> None:
        if sign_ins:
            if get_user_model().objects.filter(username=SIGN_INS[0][0]).exists():
                self.say_sign_ins("Demo sign-ins:")
        elif Partner.objects.exists():
            self.stdout.write("There already are partners: the demo office was left out.")
        else:
            make_demo_office()
            self.say_sign_ins("The demo office is ready. Sign in with one of these:")

    def say_sign_ins(self, heading: str) -> None:
        """Write the demo office's sign-ins, a line each."""
        self.stdout.write(heading)
        for name, who in SIGN_INS:
            self.stdout.write(f"  {name:<10} {DEMO_PASSWORD}  {who}")
