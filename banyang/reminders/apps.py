from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class RemindersConfig(AppConfig):
    name = "banyang.reminders"

    def ready(self) -> None:
        autodiscover_modules("reminders")  # each app's kinds
