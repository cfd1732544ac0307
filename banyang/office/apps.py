from django.apps import AppConfig


class OfficeConfig(AppConfig):
    name = "banyang.office"
