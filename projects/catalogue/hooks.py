"""What the rooms above add to a service's page."""

from typing import Any

from banyang.accounts.models import User, Visitor
from banyang.foundation.hooks import Hook
from projects.catalogue.models import Service

# What a service's own page shows beside the service, as the page's context.
service_page: Hook[[Service, User | Visitor], dict[str, Any]] = Hook()
