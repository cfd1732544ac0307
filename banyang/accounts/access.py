"""Who may open a page: every decorator for it, in one file.

`SignInMiddleware` lets only signed-in people in; a page for everybody says `@public`.
A role decorator answers 403 to signed-in people without the role. Which *things* a person may
see or change is decided by `visible_to` and `manageable_by` of their querysets.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404

from banyang.accounts.models import User

View = Callable[..., HttpResponseBase]

public = login_not_required


def _requires(test: Callable[[User], bool], role: str = "") -> Callable[[View], View]:
    """Refuses whoever does not pass the `test`; the page of the refusal may name the `role`."""

    def decorator(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not test(request.user):
                raise PermissionDenied(role)
            return view(request, *args, **kwargs)

        return checked

    return decorator


staff_required = _requires(lambda user: user.is_staff)
secretary_required = _requires(lambda user: user.is_staff or user.is_secretary)
partner_required = _requires(lambda user: user.is_partner, "partner")


def get_manageable(model: type[Model], user: User, **lookup: Any) -> Any:
    """The one `model` object that `user` may change.

    Raises `Http404` if the person may not even see it and `PermissionDenied` if they may see
    but not change it. The model's manager must offer `visible_to` and `manageable_by`.
    """
    objects: Any = model._default_manager
    found = objects.manageable_by(user).filter(**lookup).first()
    if found is None:
        get_object_or_404(objects.visible_to(user), **lookup)
        raise PermissionDenied
    return found
