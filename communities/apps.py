from django.apps import AppConfig


class CommunitiesConfig(AppConfig):
    name = "communities"

    def ready(self) -> None:
        from banyang.accounts.roles import GivenBy, Role, register

        register(
            Role.SECRETARY,
            GivenBy("secretaryships", "community", lambda row: row.get_post_display()),
        )
