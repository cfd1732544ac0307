"""What changes accounts, and what is written down about those who use them."""

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext as _
from psycopg.errors import UniqueViolation

from banyang.accounts import usernames
from banyang.accounts.models import Disclosure, Export, User
from banyang.foundation import phones
from banyang.foundation.actions import action
from banyang.foundation.errors import Refused, save_valid
from banyang.foundation.moves import locked

ATTEMPTS = 3  # to make an account while others are made


@action
def invite_user(
    *,
    name: str,
    phone: str,
    username: str = "",
    email: str = "",
    is_staff: bool = False,
    by: User,
) -> User:
    """Make an account without a password; `invitations.path` is the link that sets the first one.

    `by` is staff. Without `username` one is made from the name. Raises `Refused` if the phone
    number or the username already belongs to somebody, and says to whom, and `ValidationError`
    if the phone number is none, or the name holds one.
    """
    phones.validate_no_number(name)
    fields = {
        "name": name,
        "phone": phones.mobile(phone),
        "email": User.objects.normalize_email(email),
        "is_staff": is_staff,
    }
    for _attempt in range(ATTEMPTS):
        try:
            with transaction.atomic():
                return _new_account(username=username, **fields)
        except IntegrityError as error:
            if not isinstance(error.__cause__, UniqueViolation):
                raise
            # Somebody else took the number or the username just now: look again.
    raise Refused(_("Somebody else has just entered the same. Look at the list, please."))


def _new_account(*, name: str, phone: str, username: str, **fields: Any) -> User:
    if phone and (owner := User.objects.filter(phone=phone).first()):
        raise Refused(
            _("The number %(phone)s already belongs to %(name)s. Give that account the role.")
            % {"phone": phones.mask(phone), "name": owner}
        )
    if not username:  # if somebody takes the free one now, another attempt finds the next
        username = usernames.suggest(name)
    elif owner := User.objects.filter(username=username).first():
        raise Refused(
            _("%(name)s already signs in as “%(username)s”. Choose another username.")
            % {"name": owner, "username": username}
        )
    return User.objects.create_user(
        username=username,
        password=None,
        name=name,
        phone=phone or None,
        invited_at=timezone.now(),
        **fields,
    )


@action
def find_or_invite_user(*, name: str, phone: str, by: User, email: str = "") -> tuple[User, bool]:
    """The account with this phone number, as it is, or a new one; and whether it is new.

    For giving somebody a role: `by` may give it. Raises `Refused` if the account may not sign
    in, and what `invite_user` raises.
    """
    user = User.objects.filter(phone=phone).first()
    if user is None:
        return invite_user(name=name, phone=phone, email=email, by=by), True
    if not user.is_active:
        raise Refused(_("%(name)s may not sign in. Reactivate the account first.") % {"name": user})
    return user, False


@action
def reissue_invitation(*, user: User, by: User) -> None:
    """Take the password of `user` away, so that a new link sets it; every older link dies.

    `by` is staff. Ends the person's open sessions. Raises `Refused` for oneself and for an
    account that may not sign in.
    """
    if user == by:
        raise Refused(_("Change your own password on your own page."))
    _check_still_staff(by)
    if not user.is_active:
        raise Refused(_("%(name)s may not sign in. Reactivate the account first.") % {"name": user})
    user.set_unusable_password()
    user.invited_at, user.password_set_at = timezone.now(), None
    user.save(update_fields=["password", "invited_at", "password_set_at"])


@action
def set_password(*, user: User, password: str, by: User) -> None:
    """Give `user` a password that the form has checked; every open link dies.

    `by` is the person themselves. Raises `Refused` if the password was changed since `user` was
    loaded: a link is used once, however often it is clicked.
    """
    current: User = locked(User.objects.all(), user.pk)
    if current.password != user.password:
        raise Refused(_("The password has just been changed. Please sign in with the new one."))
    user.set_password(password)
    user.password_set_at = timezone.now()
    user.save(update_fields=["password", "password_set_at"])


@action
def update_user(*, user: User, by: User, **fields: Any) -> None:
    """Change the name, phone, e-mail, language or staff role of `user` as a form has checked them.

    `by` is staff or the person themselves, who leaves their number and role alone. Raises
    `Refused` if staff would take their own role, or if somebody else has the phone number.
    """
    if user == by and by.is_staff and fields.get("is_staff") is False:
        raise Refused(_("Ask a colleague to take your staff role: somebody has to keep it."))
    if fields.get("is_staff") is False:
        _check_still_staff(by)
    for name, value in fields.items():
        setattr(user, name, value)
    save_valid(user, only=list(fields))


def _check_still_staff(by: User) -> None:
    """Two who put each other out at the same moment must not leave the office without staff.

    Locks everybody on the staff, and raises `Refused` if `by` is no longer among them, or has
    another password than when they asked, or none.
    """
    current = next((person for person in User.objects.lock_staff() if person == by), None)
    if current is None:
        raise Refused(_("A colleague has just taken your staff role."))
    if current.password != by.password:
        raise Refused(_("Your password is no longer what it was. Please sign in again."))


@action
def deactivate_user(*, user: User, by: User) -> None:
    """Keep `user` from signing in, from this moment on; what they did stays under their name.

    `by` is staff. Raises `Refused` for oneself.
    """
    if user == by:
        raise Refused(_("You can't deactivate your own account."))
    _check_still_staff(by)
    user.is_active = False
    user.save(update_fields=["is_active"])


@action
def reactivate_user(*, user: User, by: User) -> None:
    """Let `user` sign in again, with the password they had. `by` is staff."""
    user.is_active = True
    user.save(update_fields=["is_active"])


@action
def disclose(*, thing: Model, field: str, by: User) -> str:
    """The value of `thing.field` in full, with a record that `by` was shown it.

    The caller has made sure that `by` is among those who need it.
    """
    content_type = ContentType.objects.get_for_model(thing)
    Disclosure.objects.create(user=by, content_type=content_type, object_id=thing.pk, field=field)
    return getattr(thing, field)


@action
def record_export(
    *, model: type[Model], query: str, rows: int, by: User, phones_shown: bool = False
) -> None:
    """Write down that `by` took `rows` rows of `model` out as a file.

    `query` is the query string of what was shown; `phones_shown` says whether phone numbers
    went out in full.
    """
    Export.objects.create(
        user=by,
        content_type=ContentType.objects.get_for_model(model),
        query=query[:500],
        rows=rows,
        phones_shown=phones_shown,
    )
