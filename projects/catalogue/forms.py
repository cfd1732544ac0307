"""Forms for the catalogue, and the fields with which other rooms choose from it."""

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from banyang.foundation.forms import EditForm, GroupedChoiceField, TextArea
from banyang.foundation.listing import FilterForm
from banyang.foundation.public_words import PublicWords
from projects.catalogue.actions import SERVICE_FIELDS
from projects.catalogue.models import Category, Group, Service, ServiceQuerySet


class GroupField(GroupedChoiceField):
    """One of the catalogue's groups."""

    def __init__(self, *, required: bool = False, **kwargs: Any) -> None:
        super().__init__(
            Group.objects.select_related("category"),
            heading=lambda group: group.category,
            label=_("Group"),
            required=required,
            **kwargs,
        )


class ServiceField(GroupedChoiceField):
    """One of the services that are offered at present, or none."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            Service.objects.current().in_catalogue_order(),
            heading=lambda service: f"{service.group.category} · {service.group}",
            required=False,
            **kwargs,
        )

    def keep(self, pk: Any) -> None:
        """Offer the service that is chosen already, though the catalogue may have it no more."""
        services = Service.objects.current() | Service.objects.filter(pk=pk)
        self.queryset = services.in_catalogue_order()


class CatalogueFilter(FilterForm):
    """Narrows the catalogue."""

    q = forms.CharField(label=_("Words"), max_length=50)
    category = forms.ModelChoiceField(Category.objects.all(), label=_("Category"))
    group = GroupField()

    def filtered(self, queryset: ServiceQuerySet) -> ServiceQuerySet:
        active = dict(self.active)
        if words := active.pop("q", ""):
            queryset = queryset.filter(
                Q(name__icontains=words)
                | Q(summary__icontains=words)
                | Q(typical_partners__icontains=words)
                | Q(code__istartswith=words)
            )
        if active.pop("retired", False):
            queryset = queryset.filter(is_current=False)
        if category := active.pop("category", None):
            queryset = queryset.filter(group__category=category)
        return queryset.filter(**active)


class StaffCatalogueFilter(CatalogueFilter):
    """For staff, who also see what is offered no more."""

    retired = forms.BooleanField(label=_("only what is offered no more"))


class ServiceForm(PublicWords, EditForm):
    public = ("name", "summary", "typical_partners")

    group = GroupField(empty_label=_("Choose a group"), required=True)

    class Meta:
        model = Service
        fields = SERVICE_FIELDS
        widgets = {"summary": TextArea(attrs={"rows": 3})}
        help_texts = {
            "code": _("Short and unique, such as ZX02-03."),
            "typical_partners": _("Who usually offers it, separated by semicolons."),
        }


class CategoryForm(EditForm):
    class Meta:
        model = Category
        fields = ("name",)


class GroupForm(EditForm):
    class Meta:
        model = Group
        fields = ("category", "name")
