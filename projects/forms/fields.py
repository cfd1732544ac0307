"""Choices from the catalogue, under the headings that it has there."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from banyang.forms import GroupedChoiceField
from projects.models import Group, Service


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
