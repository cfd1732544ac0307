"""What the rooms above add to a claim's page."""

from typing import Any

from banyang.foundation.hooks import Hook
from projects.claims.models import Claim

# What a claim's own page shows beside the claim, as the page's context.
claim_page: Hook[[Claim], dict[str, Any]] = Hook()
