from django.urls import path

from projects.claims.views import claims, plans, projects

urlpatterns = [
    path("projects/<int:pk>/edit/", projects.project_edit, name="project_edit"),
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
    path("steps/", plans.step_list, name="step_list"),
    path("steps/<int:pk>/done/", plans.step_done, name="step_done"),
]
