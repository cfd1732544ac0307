"""Tells mypy what our middleware sees to: `request.user` can be asked what one of our users can.

`SignInMiddleware` lets only users in, and on the pages for everybody a `Visitor` answers
like a user without a role. Without this every view would have to prove that nobody else is there.
"""

from collections.abc import Callable

from mypy.plugin import AttributeContext, Plugin
from mypy.types import Instance, Type

USER = "banyang.accounts.models.User"
BASE_USER = "django.contrib.auth.base_user.AbstractBaseUser"


class SignedIn(Plugin):
    def get_attribute_hook(self, fullname: str) -> Callable[[AttributeContext], Type] | None:
        if fullname == "django.http.request.HttpRequest.user":
            return lambda context: self._instance(USER) or context.default_attr_type
        if fullname == f"{BASE_USER}.is_authenticated":  # a Visitor is not
            return lambda context: self._instance("builtins.bool") or context.default_attr_type
        return None

    def _instance(self, fullname: str) -> Instance | None:
        found = self.lookup_fully_qualified(fullname)
        return Instance(found.node, []) if found and hasattr(found.node, "defn") else None


def plugin(version: str) -> type[Plugin]:
    return SignedIn
