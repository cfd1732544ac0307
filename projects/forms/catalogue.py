"""Forms for the catalogue: its filters, its services, its categories and groups."""

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from banyang.forms import EditForm, PublicWords, TextArea
from banyang.lists import FilterForm
from projects.actions.catalogue import SERVICE_FIELDS
from projects.forms.fields import GroupField
from projects.models import Category, Group, Service
from projects.models.catalogue import ServiceQuerySet


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
