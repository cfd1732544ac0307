from django.urls import path

from projects.lists.views import lists, projects

urlpatterns = [
    path("project-lists/", lists.projectlist_list, name="projectlist_list"),
    path("project-lists/new/", lists.projectlist_create, name="projectlist_create"),
    path("project-lists/<int:pk>/", lists.projectlist_detail, name="projectlist_detail"),
    path("project-lists/<int:pk>/publish/", lists.projectlist_publish, name="projectlist_publish"),
    path(
        "project-lists/<int:pk>/reschedule/",
        lists.projectlist_reschedule,
        name="projectlist_reschedule",
    ),
    path("project-lists/<int:pk>/remove/", lists.projectlist_remove, name="projectlist_remove"),
    path("project-lists/<int:pk>/recall/", lists.projectlist_recall, name="projectlist_recall"),
    path("projects/", projects.project_list, name="project_list"),
    path("projects/new/", projects.project_create, name="project_create"),
    path("projects/<int:pk>/", projects.project_detail, name="project_detail"),
    path("projects/<int:pk>/publish/", projects.project_publish, name="project_publish"),
    path("projects/<int:pk>/remove/", projects.project_remove, name="project_remove"),
]
