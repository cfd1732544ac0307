from django.apps import AppConfig


class ListsConfig(AppConfig):
    name = "projects.lists"

    def ready(self) -> None:
        from projects.lists import needs
        from projects.needs import hooks

        hooks.projects_of.register(needs.projects_of)
        hooks.lock_project_of.register(needs.lock_project_of)
        hooks.meets_again.register(needs.meets_again)
        hooks.parted_from_project.register(needs.part_from_project)
