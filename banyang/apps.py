from django.apps import AppConfig


class BanyangConfig(AppConfig):
    name = "banyang"
    default = True

    def ready(self) -> None:
        from banyang import checks  # noqa: F401 - registers them
