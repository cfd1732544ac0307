from django.apps import AppConfig


class OfficeConfig(AppConfig):
    name = "banyang.office"

    def ready(self) -> None:
        from banyang.foundation.phones import local_area_code
        from banyang.office.models import Office

        local_area_code.register(Office.area_code)
