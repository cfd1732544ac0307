from django.apps import AppConfig


class DeliveriesConfig(AppConfig):
    name = "projects.deliveries"

    def ready(self) -> None:
        from projects.claims.hooks import claim_page
        from projects.deliveries import pages
        from projects.lists.hooks import project_page
        from projects.needs.hooks import progress_of

        claim_page.register(pages.deliveries_beside_claim)
        project_page.register(pages.deliveries_beside_project)
        progress_of.register(pages.progress_of)
