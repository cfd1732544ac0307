"""Sign-in by phone number or username."""

from typing import Any

from axes.utils import reset
from django.contrib.auth.backends import ModelBackend
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from banyang.accounts.models import User
from banyang.foundation import phones
from banyang.foundation.limits import client_address


class PhoneOrUsernameBackend(ModelBackend):
    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> User | None:
        """The active person with this phone number or username and this password."""
        if not username or not password:
            return None
        user = find(username)
        if user is None:
            User().set_password(password)  # so that the time taken does not tell who exists
            return None
        if user.check_password(password) and self.user_can_authenticate(user):
            return user
        return None


def find(text: str) -> User | None:
    """The person who signs in with `text`: their username, or their phone number in any spelling."""
    if user := User.objects.filter(username=text.strip()).first():
        return user
    try:
        phone = phones.normalise(text)
    except ValidationError:
        return None
    return User.objects.filter(phone=phone).first() if phone else None


def identity(request: HttpRequest | None, credentials: dict[str, Any] | None) -> str:
    """Under which name failed sign-ins are counted: one for every spelling of a phone number.

    Who has an account is not asked: else the lock would tell that a number is somebody's, and a
    username and a number locked together whose it is.
    """
    text = str((credentials or {}).get("username") or "")[:50].strip()
    try:
        return phones.normalise(text)
    except ValidationError:
        return text


def forget_failures(request: HttpRequest, user: User) -> None:
    """Count failed sign-ins by the phone number of `user`, who has just signed in, from none again.

    django-axes forgets those by username itself.
    """
    if user.phone:
        reset(username=user.phone, ip=client_address(request))
