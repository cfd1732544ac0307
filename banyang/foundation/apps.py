from typing import Any

from django.apps import AppConfig

from banyang.foundation import translations


class FoundationConfig(AppConfig):
    name = "banyang.foundation"

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        # Every entry point comes by here, and none can have read a translation yet. `ready` would
        # be too late: some models, Django's own among them, read one while they are defined.
        translations.compile_at_start()

    def ready(self) -> None:
        from banyang.foundation import checks  # noqa: F401 - registers them
