"""Everything that changes a partner: its entry, its status and number, its contacts and members."""

from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from banyang.accounts.actions import find_or_invite_user
from banyang.accounts.models import User
from banyang.foundation.actions import action
from banyang.foundation.dates import day
from banyang.foundation.errors import Refused, save_valid
from banyang.foundation.moves import locked, move
from partners.models import Contact, Member, Partner, StatusChange
from partners.numbering import next_numbers
from partners.search import refresh_search

# --- The partner itself --------------------------------------------------------------------


@action
def create_partner(
    *,
    by: User,
    applied_on: date | None = None,
    contact: dict[str, Any] | None = None,
    **fields: Any,
) -> Partner:
    """Enter a partner that applied on `applied_on` (today if not said), with its first contact.

    `fields` are those of `Partner` that a form may set, `contact` those that `add_contact`
    takes. Raises `Refused` if one is not valid, the unified social credit code is listed already,
    or the day is in the future.
    """
    if applied_on and applied_on > timezone.localdate():
        raise Refused(_("The day of application can't be in the future."))
    partner = Partner(**fields)
    save_valid(partner)
    refresh_search(partner)
    StatusChange.objects.create(
        partner=partner, after=partner.status, changed_on=applied_on or timezone.localdate(), by=by
    )
    if contact:
        add_contact(partner=partner, by=by, **contact)
    return partner


@action
def update_partner(*, partner: Partner, by: User, **fields: Any) -> Partner:
    """Correct what is known about `partner`; the history says who did.

    Raises `Refused` like `create_partner`. Status, number and term have actions of their own.
    """
    partner = _locked(partner)
    for name, value in fields.items():
        setattr(partner, name, value)
    save_valid(partner)
    refresh_search(partner)
    return partner


# --- Status --------------------------------------------------------------------------------


@action
def vet_partner(*, partner: Partner, on: date, by: User, reason: str = "") -> Partner:
    """Find an application in order; also takes a withdrawn application up again.

    Raises `Refused` unless the partner has applied and not signed yet.
    """
    partner = _locked(partner)
    if partner.number:
        raise Refused(_("“%(partner)s” has signed before: sign again.") % {"partner": partner})
    _change_status(partner, Partner.Status.VETTED, on=on, by=by, reason=reason)
    return partner


@action
def sign_partner(
    *, partner: Partner, signed_on: date, agreement_ends_on: date, by: User, reason: str = ""
) -> Partner:
    """Record the signed agreement and give the partner the next number.

    A partner that signs again after withdrawing keeps its number, and one that is signed already
    on these days is given back as it is, so that a second click is harmless. Raises `Refused`
    unless the partner is vetted or withdrawn after having signed, if it is signed on other days,
    if the day is before that or in the future, or if the term is not a term.
    """
    partner = _locked(partner)
    if partner.status == Partner.Status.SIGNED:
        if (partner.signed_on, partner.agreement_ends_on) != (signed_on, agreement_ends_on):
            raise Refused(_signed_already(partner))
        return partner
    signs_again = partner.status == Partner.Status.WITHDRAWN and partner.number
    if partner.status != Partner.Status.VETTED and not signs_again:
        raise Refused(
            _("“%(partner)s” is %(status)s: only a vetted partner can sign.")
            % {"partner": partner, "status": partner.get_status_display()}
        )
    _check_term(signed_on, agreement_ends_on)
    _change_status(
        partner,
        Partner.Status.SIGNED,
        on=signed_on,
        by=by,
        reason=reason,
        number=partner.number or next_numbers()[0],
        signed_on=signed_on,
        agreement_ends_on=agreement_ends_on,
    )
    return partner


def _signed_already(partner: Partner) -> str:
    """What stands, for a clerk whose days are others."""
    if partner.agreement_ends_on:
        sentence = _(
            "“%(partner)s” is signed already: on %(day)s, the agreement until %(end)s. "
            "What you filled in is not saved."
        )
    else:
        sentence = _(
            "“%(partner)s” is signed already: on %(day)s, no end of the agreement is known. "
            "What you filled in is not saved."
        )
    days = {"day": day(partner.signed_on), "end": day(partner.agreement_ends_on)}
    return sentence % {"partner": partner, **days}


@action
def renew_partner(
    *, partner: Partner, on: date, agreement_ends_on: date, by: User, reason: str = ""
) -> Partner:
    """Record that the agreement now runs until `agreement_ends_on`.

    One that has just been renewed so is given back as it is, so that a second click is harmless.
    Raises `Refused` unless the partner is signed and the new term ends later than the old one, or
    if the day is in the future or before the last change.
    """
    partner = _locked(partner)
    if partner.status != Partner.Status.SIGNED:
        raise Refused(
            _("“%(partner)s” is %(status)s: only a running agreement can be renewed.")
            % {"partner": partner, "status": partner.get_status_display()}
        )
    old, last = partner.agreement_ends_on, _last_change(partner)
    if (
        last
        and last.is_renewal
        and (last.changed_on, last.agreement_ends_on) == (on, agreement_ends_on)
    ):
        return partner
    if old is not None and agreement_ends_on <= old:
        raise Refused(
            _("The agreement already runs until %(day)s; a renewal ends later.") % {"day": day(old)}
        )
    _check_day(partner, on)
    _check_term(on, agreement_ends_on)
    partner.agreement_ends_on = agreement_ends_on
    partner.save(update_fields=["agreement_ends_on"])
    _record(partner, before=partner.status, on=on, by=by, reason=reason, ends=agreement_ends_on)
    return partner


@action
def suspend_partner(*, partner: Partner, on: date, reason: str, by: User) -> Partner:
    """Suspend a signed partner: it keeps its number and takes nothing new until it resumes.

    What it has already claimed stays its own; the community settles that with it. Raises
    `Refused` unless the partner is signed.
    """
    partner = _locked(partner)
    _change_status(partner, Partner.Status.SUSPENDED, on=on, by=by, reason=reason)
    return partner


@action
def resume_partner(*, partner: Partner, on: date, by: User, reason: str = "") -> Partner:
    """Let a suspended partner take part again. Raises `Refused` unless it is suspended."""
    partner = _locked(partner)
    if partner.status != Partner.Status.SUSPENDED:
        raise Refused(
            _("“%(partner)s” is %(status)s: only a suspended partner can resume.")
            % {"partner": partner, "status": partner.get_status_display()}
        )
    _change_status(partner, Partner.Status.SIGNED, on=on, by=by, reason=reason)
    return partner


@action
def turn_down_partner(*, partner: Partner, on: date, reason: str, by: User) -> Partner:
    """Close an application that comes to nothing; it can be taken up again by vetting it.

    Raises `Refused` if it is closed already, or if the partner has signed meanwhile.
    """
    partner = _locked(partner)
    if partner.number is not None:
        raise Refused(
            _("“%(partner)s” has signed as no. %(number)s: there is no application to turn down.")
            % {"partner": partner, "number": partner.number}
        )
    _change_status(partner, Partner.Status.WITHDRAWN, on=on, by=by, reason=reason)
    return partner


@action
def withdraw_partner(*, partner: Partner, on: date, reason: str, by: User) -> Partner:
    """End the partnership; the number stays the partner's.

    Raises `Refused` if it has ended already or never begun.
    """
    partner = _locked(partner)
    if partner.number is None:
        raise Refused(
            _("“%(partner)s” has not signed: its application is turned down instead.")
            % {"partner": partner}
        )
    _change_status(partner, Partner.Status.WITHDRAWN, on=on, by=by, reason=reason)
    return partner


# --- Contacts ------------------------------------------------------------------------------


@action
def add_contact(
    *,
    partner: Partner,
    by: User,
    name: str,
    phone: str = "",
    post: str = "",
    is_main: bool = False,
) -> Contact:
    """Add a person to speak to; the first one of a partner is its main contact.

    Raises `Refused` if the phone number is none.
    """
    partner = _locked(partner)
    contact = Contact(partner=partner, name=name, phone=phone, post=post, is_main=is_main)
    _save_contact(contact)
    return contact


@action
def update_contact(*, contact: Contact, by: User, **fields: Any) -> Contact:
    """Correct a contact; the main one stays it until another becomes it.

    Raises `Refused` if the phone number is none.
    """
    contact = locked(_locked(contact.partner).contacts, contact.pk)
    for name, value in fields.items():
        setattr(contact, name, value)
    _save_contact(contact)
    return contact


@action
def remove_contact(*, contact: Contact, by: User) -> None:
    """Take a contact off the list; if it was the main one, the next one becomes it."""
    partner = _locked(contact.partner)
    contact.delete()
    successor = partner.contacts.first()
    if successor is not None and not successor.is_main:
        successor.is_main = True
        successor.save(update_fields=["is_main"])
    refresh_search(partner)


def _save_contact(contact: Contact) -> None:
    other_main = contact.partner.contacts.filter(is_main=True).exclude(pk=contact.pk)
    if contact.is_main:
        other_main.update(is_main=False)
    else:
        contact.is_main = not other_main.exists()
    save_valid(contact)
    refresh_search(contact.partner)


# --- Members -------------------------------------------------------------------------------


@action
def add_member(*, partner: Partner, user: User, by: User) -> Member:
    """Let `user` act for `partner`; somebody who already does is given back as they are."""
    member, _created = Member.objects.get_or_create(partner=partner, user=user)
    return member


@action
def invite_member(
    *, partner: Partner, name: str, phone: str, by: User, email: str = ""
) -> tuple[Member, bool]:
    """Let the person with this phone number act for `partner`, with a new account if need be.

    Gives the member and whether the account is new: then `invitations.path` is the link for it.
    Raises `Refused` if the account with this number may not sign in.
    """
    user, is_new = find_or_invite_user(name=name, phone=phone, email=email, by=by)
    return add_member(partner=partner, user=user, by=by), is_new


@action
def remove_member(*, member: Member, by: User) -> None:
    """End a person's acting for a partner; their account stays."""
    member.delete()


# --- What these have in common -------------------------------------------------------------


def _locked(partner: Partner) -> Partner:
    """`partner` as it is now, locked until the transaction ends."""
    return locked(Partner.objects, partner.pk)


def _change_status(
    partner: Partner, to: Partner.Status, *, on: date, by: User, reason: str, **changes: Any
) -> None:
    """Move `partner` to `to`, with the row of its way that says when, why and by whom.

    Raises `Refused` if the table of moves has no such one, an ending has no reason, or the day is
    in the future or before the last change.
    """
    _check_day(partner, on)
    if to in (Partner.Status.SUSPENDED, Partner.Status.WITHDRAWN) and not reason.strip():
        raise Refused(_("Say why."))
    before = partner.status
    move(partner, to, field="status", **changes)
    ends = changes.get("agreement_ends_on")
    _record(partner, before=before, on=on, by=by, reason=reason, ends=ends)


def _record(
    partner: Partner, *, before: str, on: date, by: User, reason: str, ends: date | None
) -> None:
    StatusChange.objects.create(
        partner=partner,
        before=before,
        after=partner.status,
        changed_on=on,
        agreement_ends_on=ends,
        reason=reason.strip(),
        by=by,
    )


def _last_change(partner: Partner) -> StatusChange | None:
    """The change made last, to the present status. Another may be of a later day: a list can tell
    of a signing long before the day on which the partner was entered."""
    return partner.status_changes.order_by("-pk").first()


def _check_day(partner: Partner, on: date) -> None:
    """Refuse a day in the future, or before the change that this one follows."""
    if on > timezone.localdate():
        raise Refused(_("The day of this step can't be in the future."))
    last = _last_change(partner)
    if last and on < last.changed_on:
        sentence = (
            _("“%(partner)s” was renewed on %(day)s, so this step can't be earlier.")
            if last.is_renewal
            else _("“%(partner)s” is %(status)s since %(day)s, so this step can't be earlier.")
        )
        raise Refused(
            sentence
            % {
                "partner": partner,
                "status": partner.get_status_display(),
                "day": day(last.changed_on),
            }
        )
    if partner.signed_on and on < partner.signed_on:
        raise Refused(
            _("The partner signed on %(day)s, so this can't be earlier.")
            % {"day": day(partner.signed_on)}
        )


def _check_term(begins: date, ends: date) -> None:
    if ends <= begins:
        raise Refused(_("An agreement ends after the day on which it is signed."))
