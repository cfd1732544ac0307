from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class RemindersConfig(AppConfig):
    name = "banyang.reminders"

    def ready(self) -> None:
        from banyang.reminders import checks  # noqa: F401 - registers them

        autodiscover_modules("reminders")  # the kinds of each room
