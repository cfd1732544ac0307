from django.urls import path

from projects.deliveries import views

urlpatterns = [
    path("claims/<int:pk>/complete/", views.claim_complete, name="claim_complete"),
    path("claims/<int:pk>/reopen/", views.claim_reopen, name="claim_reopen"),
    path("claims/<int:pk>/deliveries/new/", views.delivery_create, name="delivery_create"),
    path("deliveries/<int:pk>/edit/", views.delivery_edit, name="delivery_edit"),
    path("deliveries/<int:pk>/remove/", views.delivery_remove, name="delivery_remove"),
]
