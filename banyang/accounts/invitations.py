"""The link that lets a person set their first password, or a new one."""

from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.urls import reverse
from django.utils.encoding import force_str
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

from banyang.accounts.models import User


class _InvitationTokens(PasswordResetTokenGenerator):
    """Tokens that die with the password they were made beside, and after a week.

    The week is `PASSWORD_RESET_TIMEOUT`.
    """

    key_salt = "banyang.accounts.invitations"

    def _make_hash_value(self, user: User, timestamp: int) -> str:
        return f"{user.pk}{user.password}{user.is_active}{timestamp}"


_tokens = _InvitationTokens()


def path(user: User) -> str:
    """The path of a fresh link for `user`, who has no password yet."""
    uid = urlsafe_base64_encode(str(user.pk).encode())
    return reverse("invitation", kwargs={"uidb64": uid, "token": _tokens.make_token(user)})


def find(uidb64: str, token: str) -> User | None:
    """The active person whom this link invites, or `None` if it is used, expired or forged."""
    try:
        pk = int(force_str(urlsafe_base64_decode(uidb64)))
    except ValueError:
        return None
    user = User.objects.active().filter(pk=pk).first()
    return user if user and _tokens.check_token(user, token) else None
