#!/usr/bin/env python
"""Django's command line for Banyang Partners."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "banyang.settings")
    from django.conf import settings
    from django.core.management import execute_from_command_line

    if settings.EMBEDDED:
        from banyang import embedded

        try:
            embedded.ensure()
        except embedded.EmbeddedError as error:
            sys.exit(str(error))
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
