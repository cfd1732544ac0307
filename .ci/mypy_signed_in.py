"""Tells mypy what `LoginRequiredMiddleware` sees to: in a view, `request.user` is one of our users.

Without it every view would have to prove that nobody anonymous is there. Views marked `@public`
are the exception; the access tests open each of them without signing in.
"""

from collections.abc import Callable

from mypy.plugin import AttributeContext, Plugin
from mypy.types import Instance, Type

USER = "banyang.accounts.models.User"


class SignedIn(Plugin):
    def get_attribute_hook(self, fullname: str) -> Callable[[AttributeContext], Type] | None:
        return self._our_user if fullname == "django.http.request.HttpRequest.user" else None

    def _our_user(self, context: AttributeContext) -> Type:
        found = self.lookup_fully_qualified(USER)
        if found is None or not hasattr(found.node, "defn"):
            return context.default_attr_type
        return Instance(found.node, [])


def plugin(version: str) -> type[Plugin]:
    return SignedIn
