"""Putting reminders into words, at the moment they are sent."""

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.apps import apps
from django.utils import translation
from django.utils.translation import gettext

from banyang.accounts.models import User, load_roles
from banyang.reminders.kinds import KINDS, Notice
from banyang.reminders.models import CLOSED, GONE, NOT_THEIRS, SETTLED, Reminder

logger = logging.getLogger(__name__)

Subjects = dict[tuple[str, int], Any]
Rendered = Sequence[tuple[Reminder, Notice]]


@dataclass(frozen=True)
class LedgerRow:
    """A reminder as the ledger shows it: in the words sent, or those that it would have now."""

    reminder: Reminder
    text: str
    path: str
    delayed_to: datetime | None


@dataclass
class Composed:
    """The reminders of one person, sorted by what has become of them."""

    notices: list[tuple[Reminder, Notice]] = field(default_factory=list)
    obsolete: list[tuple[Reminder, str]] = field(default_factory=list)  # with the reason
    broken: list[tuple[Reminder, str]] = field(default_factory=list)  # with the error


def subjects_of(reminders: Iterable[Reminder]) -> Subjects:
    """What the reminders are about, by (kind, number): one query for each kind."""
    wanted: dict[tuple[str, str], set[int]] = defaultdict(set)
    for reminder in reminders:
        wanted[reminder.kind, reminder.subject_label].add(reminder.subject_pk)
    subjects: Subjects = {}
    for (name, label), pks in wanted.items():
        kind = KINDS.get(name)
        if kind is None:
            continue
        queryset = kind.queryset() if kind.queryset else apps.get_model(label)._base_manager.all()
        for pk, subject in queryset.in_bulk(pks).items():
            subjects[name, pk] = subject
    return subjects


def compose(recipient: User, reminders: Iterable[Reminder], subjects: Subjects) -> Composed:
    """Render a person's reminders in their language.

    A reminder that can't be rendered is logged and set aside: it never holds up the others.
    """
    composed = Composed()
    with translation.override(recipient.language):
        for reminder in reminders:
            try:
                notice = _render(reminder, recipient, subjects)
            except Exception as error:
                logger.exception("Reminder %s can't be rendered.", reminder.pk)
                composed.broken.append((reminder, f"{type(error).__name__}: {error}"))
                continue
            if isinstance(notice, Notice):
                composed.notices.append((reminder, notice))
            else:
                composed.obsolete.append((reminder, notice))
    return composed


def _render(reminder: Reminder, recipient: User, subjects: Subjects) -> Notice | str:
    """The notice to send, or the reason why there is nothing to say."""
    if not recipient.is_active:
        return CLOSED
    kind = KINDS[reminder.kind]
    subject = subjects.get((reminder.kind, reminder.subject_pk))
    if subject is None:
        return GONE
    if kind.meant_for is not None and not kind.meant_for(subject, recipient):
        return NOT_THEIRS
    return kind.render(subject, recipient) or SETTLED


def preview(
    reminders: Sequence[Reminder], delayed: Mapping[int, datetime] | None = None
) -> list[LedgerRow]:
    """The ledger's rows for `reminders`: one query for each kind that still waits, one for roles.

    `delayed` says by number when those go out that are late.
    """
    unsent = [reminder for reminder in reminders if not reminder.text]
    subjects = subjects_of(unsent)
    load_roles([reminder.recipient for reminder in unsent])
    rows = []
    for reminder in reminders:
        words = _words_now(reminder, subjects) if not reminder.text else reminder
        rows.append(LedgerRow(reminder, words.text, words.path, (delayed or {}).get(reminder.pk)))
    return rows


def _words_now(reminder: Reminder, subjects: Subjects) -> Notice:
    try:
        words = _render(reminder, reminder.recipient, subjects)
    except Exception as error:
        logger.exception("Reminder %s can't be shown.", reminder.pk)
        words = f"{type(error).__name__}: {error}"
    return words if isinstance(words, Notice) else Notice(gettext(words), "")
