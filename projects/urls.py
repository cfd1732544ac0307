from django.urls import URLPattern, path

from projects.views import claims, lists, plans, projects

urlpatterns: list[URLPattern] = [
    path("project-lists/", lists.projectlist_list, name="projectlist_list"),
    path("project-lists/new/", lists.projectlist_create, name="projectlist_create"),
    path("project-lists/<int:pk>/", lists.projectlist_detail, name="projectlist_detail"),
    path("project-lists/<int:pk>/publish/", lists.projectlist_publish, name="projectlist_publish"),
    path("projects/", projects.project_list, name="project_list"),
    path("projects/new/", projects.project_create, name="project_create"),
    path("projects/<int:pk>/", projects.project_detail, name="project_detail"),
    path("projects/<int:pk>/edit/", projects.project_edit, name="project_edit"),
    path("projects/<int:pk>/publish/", projects.project_publish, name="project_publish"),
    path("projects/<int:pk>/remove/", projects.project_remove, name="project_remove"),
    path("projects/<int:pk>/cancel/", projects.project_cancel, name="project_cancel"),
    path("projects/<int:pk>/complete/", projects.project_complete, name="project_complete"),
    path("projects/<int:pk>/reopen/", projects.project_reopen, name="project_reopen"),
    path("projects/<int:pk>/claim/", claims.project_claim, name="project_claim"),
    path("claims/", claims.claim_list, name="claim_list"),
    path("claims/<int:pk>/", claims.claim_detail, name="claim_detail"),
    path("claims/<int:pk>/confirm/", plans.claim_confirm, name="claim_confirm"),
    path("claims/<int:pk>/plan/", plans.claim_plan_edit, name="claim_plan_edit"),
    path("claims/<int:pk>/withdraw/", claims.claim_withdraw, name="claim_withdraw"),
    path("claims/<int:pk>/release/", claims.claim_release, name="claim_release"),
    path("claims/<int:pk>/complete/", claims.claim_complete, name="claim_complete"),
    path("claims/<int:pk>/reopen/", claims.claim_reopen, name="claim_reopen"),
    path("claims/<int:pk>/deliveries/new/", plans.delivery_create, name="delivery_create"),
    path("steps/<int:pk>/done/", plans.step_done, name="step_done"),
    path("deliveries/<int:pk>/edit/", plans.delivery_edit, name="delivery_edit"),
    path("deliveries/<int:pk>/remove/", plans.delivery_remove, name="delivery_remove"),
]
