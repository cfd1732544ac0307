from django.urls import path

from partners.transitions import TRANSITIONS
from partners.views import partners, people, transitions

urlpatterns = [
    path("", partners.partner_list, name="partner_list"),
    path("new/", partners.partner_create, name="partner_create"),
    path("export/", partners.partner_export, name="partner_export"),
    path("<int:pk>/", partners.partner_detail, name="partner_detail"),
    path("<int:pk>/edit/", partners.partner_edit, name="partner_edit"),
    # partner_vet, partner_sign, partner_renew, partner_suspend, partner_resume, partner_withdraw,
    # partner_turn_down
    *(
        path(
            f"<int:pk>/{verb.replace('_', '-')}/",
            transitions.partner_transition,
            {"verb": verb},
            name=f"partner_{verb}",
        )
        for verb in TRANSITIONS
    ),
    path("<int:partner_pk>/contacts/new/", people.contact_add, name="contact_add"),
    path("contacts/<int:pk>/", people.contact_edit, name="contact_edit"),
    path("contacts/<int:pk>/remove/", people.contact_remove, name="contact_remove"),
    path("contacts/<int:pk>/phone/", people.contact_phone, name="contact_phone"),
    path("<int:partner_pk>/members/new/", people.member_add, name="member_add"),
    path("members/<int:pk>/remove/", people.member_remove, name="member_remove"),
]
