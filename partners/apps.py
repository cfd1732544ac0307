from django.apps import AppConfig


class PartnersConfig(AppConfig):
    name = "partners"

    def ready(self) -> None:
        from banyang.accounts.roles import GivenBy, Role, register

        register(Role.MEMBER, GivenBy("memberships", "partner", lambda row: str(Role.MEMBER.label)))
