"""People who sign in: one account per person."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import AnonymousUser, PermissionsMixin
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Right
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from banyang.accounts import roles
from banyang.accounts.roles import Role
from banyang.foundation import phones
from banyang.foundation.text import half_width


class UserQuerySet(models.QuerySet["User"]):
    def active(self) -> "UserQuerySet":
        return self.filter(is_active=True)

    def matching(self, text: str) -> "UserQuerySet":
        """Those whose name, username or last four digits have `text` in them, or whose phone it is.

        Finding by other parts of a number would tell what its mask hides.
        """
        text = half_width(text).strip()
        digits = re.sub(r"[\s-]", "", text)
        found = Q(name__icontains=text) | Q(username__icontains=text)
        if digits.isdecimal():
            found |= Q(phone=digits) | Q(phone_tail__contains=digits)
        return self.alias(phone_tail=Right("phone", 4)).filter(found)

    def with_role(self, role: str) -> "UserQuerySet":
        """Those who are `staff`, have a `Role` or, with `none`, are nothing yet."""
        if role == "staff":
            return self.filter(is_staff=True)
        if role == "none":
            no_role = {given_by.relation: None for given_by in roles.GIVEN_BY.values()}
            return self.filter(is_staff=False, **no_role)
        relation = roles.GIVEN_BY[Role(role)].relation
        return self.filter(**{f"{relation}__isnull": False}).distinct()

    def lock_staff(self) -> "list[User]":
        """Everybody on the staff, locked until the transaction ends.

        Whatever may take somebody's role or account locks them first: they come in the same order.
        """
        staff = self.active().with_role("staff").order_by("pk")
        return list(staff.select_for_update(no_key=True))

    def acting_for(self, role: Role, pks: Iterable[int]) -> "dict[int, list[User]]":
        """Who has `role` for each of what `pks` number, and may sign in; in one query for all."""
        people: dict[int, list[User]] = defaultdict(list)
        path = roles.GIVEN_BY[role].path
        acting = self.active().filter(**{f"{path}__in": pks}).annotate(acts_for=F(path))
        for person in acting.order_by("pk"):
            people[person.acts_for].append(person)
        return people

    def of_communities(self, communities: Iterable[int]) -> "dict[int, list[User]]":
        """Who acts for each of `communities` (by number), in one query for them all."""
        return self.acting_for(Role.SECRETARY, communities)

    def of_partners(self, partners: Iterable[int]) -> "dict[int, list[User]]":
        """Who acts for each of `partners` (by number), in one query for them all."""
        return self.acting_for(Role.MEMBER, partners)

    def with_access(self, access: str) -> "UserQuerySet":
        """Those whose `User.access` it is."""
        if access == "inactive":
            return self.filter(is_active=False)
        invited = Q(password_set_at__isnull=True, invited_at__isnull=False)
        return self.active().filter(invited if access == "invited" else ~invited)

    def with_roles(self) -> "UserQuerySet":
        """With what they act for, for pages that name roles."""
        return self.prefetch_related(*(given_by.path for given_by in roles.GIVEN_BY.values()))

    def manageable_by(self, user: "User") -> "UserQuerySet":
        """Street-office staff look after every account; everybody looks after their own."""
        return self if user.is_staff else self.filter(pk=user.pk)


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(username=self.model.normalize_username(username), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, username: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(username, password, is_staff=True, is_superuser=True, **fields)


@pghistory.track(exclude=["password", "last_login"])
class User(AbstractBaseUser, PermissionsMixin):
    """A person with an account.

    `is_staff` is street-office staff. Whatever else a person is, `roles.py` tells: one person may
    act for several communities and partners.
    """

    username = models.CharField(
        _("username"),
        max_length=50,
        unique=True,
        validators=[
            RegexValidator(
                r"^(?!\d+$)[\w.-]+$",
                _("Use letters, digits, dots, dashes and underscores, and not digits alone."),
            ),
            phones.validate_is_none,
        ],
    )
    phone = models.CharField(_("phone"), max_length=20, unique=True, null=True, blank=True)
    name = models.CharField(_("full name"), max_length=50, validators=[phones.validate_no_number])
    email = models.EmailField(_("e-mail"), blank=True)
    language = models.CharField(_("language"), max_length=10, default="zh-hans")
    is_staff = models.BooleanField(_("street-office staff"), default=False)
    is_active = models.BooleanField(_("may sign in"), default=True)
    joined_at = models.DateTimeField(_("joined at"), auto_now_add=True)
    # The history has no passwords in it, so these two are what tells when one was taken or set.
    invited_at = models.DateTimeField(_("invited at"), null=True, blank=True, editable=False)
    password_set_at = models.DateTimeField(
        _("password set at"), null=True, blank=True, editable=False
    )

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["name"]

    objects = UserManager()

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name or self.username

    def clean(self) -> None:
        super().clean()
        self.phone = phones.mobile(self.phone) or None

    def get_full_name(self) -> str:
        return self.name

    @property
    def access(self) -> str:
        """`active`, `invited` (no password set since the last link) or `inactive`."""
        if not self.is_active:
            return "inactive"
        return "invited" if self.invited_at and not self.password_set_at else "active"

    @cached_property
    def community_ids(self) -> frozenset[int]:
        """The communities this person is secretary (or assistant) of."""
        return self._acts_for(Role.SECRETARY)

    @cached_property
    def partner_ids(self) -> frozenset[int]:
        """The partners this person is a member of."""
        return self._acts_for(Role.MEMBER)

    def _acts_for(self, role: Role) -> frozenset[int]:
        given_by = roles.GIVEN_BY[role]
        rows = getattr(self, given_by.relation)
        return frozenset(rows.values_list(f"{given_by.target}_id", flat=True))

    def named_roles(self) -> list[tuple[Any, str]]:
        """What the person acts for, and as what; without a query where loaded `with_roles`."""
        return [
            (getattr(row, given_by.target), given_by.title(row))
            for given_by in roles.GIVEN_BY.values()
            for row in getattr(self, given_by.relation).all()
        ]

    @property
    def is_secretary(self) -> bool:
        return bool(self.community_ids)

    @property
    def is_partner(self) -> bool:
        return bool(self.partner_ids)


def load_roles(people: Sequence[User]) -> None:
    """Fetch for whom each of `people` acts: one query for however many."""
    acting = User.objects.filter(pk__in={person.pk for person in people})
    secretary, member = (roles.GIVEN_BY[role].path for role in (Role.SECRETARY, Role.MEMBER))
    communities, partners = defaultdict(set), defaultdict(set)
    for pk, community, partner in acting.values_list("pk", secretary, member):
        communities[pk].add(community)
        partners[pk].add(partner)
    for person in people:
        person.community_ids = frozenset(communities[person.pk] - {None})
        person.partner_ids = frozenset(partners[person.pk] - {None})


class Visitor(AnonymousUser):
    """Somebody who has not signed in: no role, so that `visible_to` answers what is public."""

    community_ids: frozenset[int] = frozenset()
    partner_ids: frozenset[int] = frozenset()
    is_secretary = is_partner = False


# Nobody can edit such a record, and neither can the product.
APPEND_ONLY = pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)


class RecordQuerySet(models.QuerySet[Any]):
    """What is written down about who was shown or took what."""

    def visible_to(self, user: "User | Visitor") -> "RecordQuerySet":
        return self if user.is_staff else self.none()

    def latest_first(self, moment: str) -> "RecordQuerySet":
        """With who it was, and `at` what is in the field `moment`; in the order of writing, which
        nobody changes."""
        return self.select_related("user", "content_type").annotate(at=F(moment)).order_by("-pk")


class Disclosure(models.Model):
    """Somebody was shown a number that pages mask (个人信息保护法); nobody can edit the record."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="disclosures")
    content_type = models.ForeignKey(ContentType, models.PROTECT, related_name="+")
    object_id = models.BigIntegerField()
    thing = GenericForeignKey()  # none once it has been removed
    field = models.CharField(max_length=50)
    shown_at = models.DateTimeField(_("shown at"), auto_now_add=True)

    objects = RecordQuerySet.as_manager()

    class Meta:
        verbose_name = _("disclosure")
        verbose_name_plural = _("disclosures")
        ordering = ["-shown_at", "-pk"]
        indexes = [models.Index(fields=["content_type", "object_id"], name="disclosure_thing")]
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.user} · {self.content_type} {self.object_id}"


class Export(models.Model):
    """Somebody took a list out of the product as a file; nobody can edit the record."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="exports")
    content_type = models.ForeignKey(ContentType, models.PROTECT, related_name="+")
    query = models.CharField(_("filters"), max_length=500, blank=True)
    rows = models.PositiveIntegerField(_("rows"))
    phones_shown = models.BooleanField(_("with phone numbers in full"), default=False)
    exported_at = models.DateTimeField(_("exported at"), auto_now_add=True)

    objects = RecordQuerySet.as_manager()

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        ordering = ["-exported_at", "-pk"]
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.user} · {self.content_type}"
