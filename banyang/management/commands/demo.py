"""`manage.py demo`: the demo office, on an installation without partners."""

from typing import Any

from django.core.management.base import BaseCommand

from banyang.demo import DEMO_PASSWORD, SIGN_INS, make_demo_office
from partners.models import Partner


class Command(BaseCommand):
    help = "Make the demo office, unless there already are partners."

    def handle(self, *args: Any, **options: Any) -> None:
        if Partner.objects.exists():
            self.stdout.write("There already are partners: the demo office was left out.")
            return
        make_demo_office()
        self.stdout.write("The demo office is ready. Sign in with one of these:")
        self.stdout.write(sign_ins())


def sign_ins() -> str:
    """The demo office's sign-ins, a line each."""
    return "\n".join(f"  {name:<10} {DEMO_PASSWORD}  {who}" for name, who in SIGN_INS)
