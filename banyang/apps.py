from django.apps import AppConfig


class BanyangConfig(AppConfig):
    name = "banyang"
    default = True
