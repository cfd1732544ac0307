from django.apps import AppConfig


class FoundationConfig(AppConfig):
    name = "banyang.foundation"

    def ready(self) -> None:
        from banyang.foundation import checks  # noqa: F401 - registers them
