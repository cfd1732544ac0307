from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class SiteConfig(AppConfig):
    name = "banyang.site"

    def ready(self) -> None:
        autodiscover_modules("worklist")  # what there is to do in each room
