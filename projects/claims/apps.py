from django.apps import AppConfig


class ClaimsConfig(AppConfig):
    name = "projects.claims"

    def ready(self) -> None:
        from projects.catalogue.hooks import service_page
        from projects.claims import projects
        from projects.lists import hooks

        service_page.register(projects.projects_beside_service)
        hooks.for_reader.register(projects.with_claims_of)
        hooks.project_page.register(projects.claims_beside_project)
