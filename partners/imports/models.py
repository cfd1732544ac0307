"""An import on its way from upload to report, and the rows of its preview."""

import hashlib
import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pghistory
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from banyang.foundation.errors import Refused
from banyang.foundation.tones import States, Tone, tone_of

if TYPE_CHECKING:
    from banyang.accounts.models import User

UPLOADS = "imports"  # the folder of uploaded lists, and of nothing else
QUICK_BYTES = 300_000  # a file up to this size is read while the person waits
QUICK_ROWS = 2_000  # so many rows are compared and committed while the person waits


class PartnerImportQuerySet(models.QuerySet["PartnerImport"]):
    def visible_to(self, user: "User") -> "PartnerImportQuerySet":
        """Imports hold everybody's details: staff only."""
        return self if user.is_staff else self.none()

    manageable_by = visible_to

    def idle_since(self, moment: datetime) -> "PartnerImportQuerySet":
        """Those that have not ended, and with which nobody has gone on since `moment`."""
        return self.exclude(state__in=PartnerImport.ENDED).filter(stepped_at__lt=moment)


@pghistory.track(exclude=["file_name", "sheets", "stepped_at"])
class PartnerImport(models.Model):
    """One upload of an Excel list on its way into the partner list."""

    class State(States):
        UPLOADED = "uploaded", Tone.WAITING, _("being read")
        READ = "read", Tone.NEUTRAL, _("columns to match")
        CHECKING = "checking", Tone.NEUTRAL, _("being compared")
        PREVIEWED = "previewed", Tone.WAITING, _("ready to commit")
        COMMITTING = "committing", Tone.NEUTRAL, _("being committed")
        COMMITTED = "committed", Tone.GOOD, _("committed")
        FAILED = "failed", Tone.BAD, _("not readable")
        DISCARDED = "discarded", Tone.ENDED, _("discarded")

    tone = tone_of(State, "state")

    MOVES: dict[str, set[str]] = {
        State.UPLOADED: {State.READ, State.FAILED, State.DISCARDED},
        State.READ: {State.CHECKING, State.DISCARDED},
        State.CHECKING: {State.PREVIEWED, State.FAILED, State.DISCARDED},
        State.PREVIEWED: {State.CHECKING, State.COMMITTING, State.DISCARDED},
        # Back to comparing, when the partner list has changed since the preview.
        State.COMMITTING: {State.COMMITTED, State.CHECKING, State.DISCARDED},
        State.COMMITTED: set(),
        State.FAILED: set(),
        State.DISCARDED: set(),
    }
    WORKING = (State.UPLOADED, State.CHECKING, State.COMMITTING)
    ENDED = (State.COMMITTED, State.FAILED, State.DISCARDED)

    file = models.FileField(_("file"), upload_to=f"{UPLOADS}/%Y/", blank=True)
    file_name = models.CharField(_("file name"), max_length=200)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.UPLOADED)
    # The first rows of each sheet, as `reading.peek` gives them; emptied when the import ends.
    sheets = models.JSONField(default=list, blank=True)
    # sheet, header and last (the header's lines), columns (from column index to field), titles
    # (from field to the column's title), left_out (the titles of filled columns that hold no
    # field), kind (of new partners whose row says none), gives_numbers (by day of signing),
    # renames (from line to old and new name: confirmed).
    mapping = models.JSONField(_("columns"), default=dict, blank=True)
    # reason (why the file can't be read), counts (by kind of row), renames (to confirm), first_ and
    # last_number (to be given), missing and good_missing (numbers, with all rows and with the good
    # ones), compared_at, list_changed (the register, so that rows were compared again).
    report = models.JSONField(_("report"), default=dict, blank=True)
    leaves_out = models.BooleanField(_("leaves out rows with errors"), default=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    committed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True
    )
    created_at = models.DateTimeField(_("uploaded at"), auto_now_add=True)
    # The last step, of a person or of the server.
    stepped_at = models.DateTimeField(db_default=Now(), editable=False)
    committed_at = models.DateTimeField(_("committed at"), null=True, blank=True)

    objects = PartnerImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.file_name

    def get_absolute_url(self) -> str:
        return reverse("import_detail", args=[self.pk])

    @property
    def is_working(self) -> bool:
        """Whether a step is to be done by the server, not by a person."""
        return self.state in self.WORKING

    @property
    def is_quick(self) -> bool:
        """Whether the next step is short enough to be waited for."""
        if self.state == self.State.UPLOADED:
            return bool(self.file) and self.file.size <= QUICK_BYTES
        return self.expected_rows <= QUICK_ROWS

    @property
    def expected_rows(self) -> int:
        """How many rows the chosen sheet has, blank ones included."""
        return next(
            (s["height"] for s in self.sheets if s["index"] == self.mapping.get("sheet")), 0
        )

    @property
    def preview_key(self) -> str:
        """Tells this preview from others: a click commits the one that its person saw."""
        return str(self.report.get("compared_at", ""))

    @property
    def renames_key(self) -> str:
        """Tells these renames from others: a tick confirms those that its person saw."""
        renames = json.dumps(self.report.get("renames", {}), sort_keys=True)
        return hashlib.sha256(renames.encode()).hexdigest()

    @property
    def state_label(self) -> str:
        """The state in words; a preview that would change nothing is not ready to commit."""
        counts = self.report.get("counts", {})
        asks = (*ImportRow.WRITTEN, ImportRow.Kind.ERROR)
        if self.state == self.State.PREVIEWED and not any(counts.get(kind) for kind in asks):
            return gettext("nothing to import")
        return self.get_state_display()

    def obstacle(self, *, leaves_out: bool) -> Refused | None:
        """Why the preview can't be committed, with or without its rows with errors."""
        counts = self.report.get("counts", {})
        missing = self.report.get("good_missing" if leaves_out else "missing")
        if not leaves_out and counts.get(ImportRow.Kind.ERROR):
            return Refused(
                _("There are rows with errors. Correct the file, or leave these rows out.")
            )
        if missing:
            return Refused(
                _("Number %(numbers)s is missing, and partner numbers have no gaps.")
                % {"numbers": ranges(missing)}
            )
        if not (counts.get(ImportRow.Kind.NEW) or counts.get(ImportRow.Kind.CHANGED)):
            return Refused(_nothing_to_import(counts, leaves_out=leaves_out))
        return None


def _nothing_to_import(counts: dict[str, int], *, leaves_out: bool) -> str:
    """Why there is nothing to write: what is good is known, or nothing is good."""
    errors = counts.get(ImportRow.Kind.ERROR) if leaves_out else 0
    if not counts.get(ImportRow.Kind.UNCHANGED):
        if errors:
            return gettext("every row of a partner has an error, so none would be left to import.")
        return gettext("There is nothing to import: no row of the sheet is of a partner.")
    if errors:
        return gettext("the list knows all that the other rows say.")
    return gettext("There is nothing to import: the list knows all of it.")


def ranges(found: list[tuple[int, int]]) -> str:
    """Ranges of numbers as people write them: 37、40–42."""
    return "、".join(str(a) if a == b else f"{a}–{b}" for a, b in found)


class ImportRowQuerySet(models.QuerySet["ImportRow"]):
    def written(self) -> "ImportRowQuerySet":
        """Those that a commit writes, or finds as they are."""
        return self.filter(kind__in=ImportRow.GOOD)

    def left_out(self) -> "ImportRowQuerySet":
        """Those that a commit leaves out, each with its reason."""
        return self.exclude(kind__in=ImportRow.GOOD)

    def errors_first(self) -> "ImportRowQuerySet":
        """With the rows that somebody has to look at before the others."""
        is_error = models.Case(models.When(kind=ImportRow.Kind.ERROR, then=0), default=1)
        return self.order_by(is_error, "line")

    def of_kind(self, kind: str) -> "ImportRowQuerySet":
        return self.filter(kind=kind) if kind in ImportRow.Kind.values else self


class ImportRow(models.Model):
    """One row of the preview. Deleted with the import's end, but for those left out."""

    class Kind(States):
        NEW = "new", Tone.WAITING, pgettext_lazy("row", "new")
        CHANGED = "changed", Tone.ACTIVE, _("changed")
        UNCHANGED = "unchanged", Tone.GOOD, _("unchanged")
        DUPLICATE = "duplicate", Tone.TWICE, _("duplicate")
        SKIPPED = "skipped", Tone.ENDED, _("no partner row")
        ERROR = "error", Tone.BAD, _("error")

    tone = tone_of(Kind, "kind")

    WRITTEN = (Kind.NEW, Kind.CHANGED)
    GOOD = (*WRITTEN, Kind.UNCHANGED)

    partner_import = models.ForeignKey(PartnerImport, models.CASCADE, related_name="rows")
    line = models.PositiveIntegerField(_("row"))
    kind = models.CharField(_("kind of row"), max_length=10, choices=Kind)
    name = models.CharField(_("name"), max_length=100, blank=True)
    # From field to value, as it would be stored; blank cells are left out.
    values = models.JSONField(default=dict)
    # [field, old, new] of what a commit changes.
    changes = models.JSONField(default=list)
    # [field or "", message, what it names] of what is wrong, or why the row is left out. They are
    # stored untranslated: whoever reads the preview may read another language.
    problems = models.JSONField(default=list)
    partner = models.ForeignKey(
        "partners.Partner", models.SET_NULL, null=True, related_name="+", db_index=False
    )

    objects = ImportRowQuerySet.as_manager()

    class Meta:
        verbose_name = _("row")
        verbose_name_plural = _("rows")
        ordering = ["line"]
        constraints = [
            models.UniqueConstraint(fields=["partner_import", "line"], name="importrow_once"),
        ]
        indexes = [
            models.Index(fields=["partner_import", "kind", "line"], name="importrow_by_kind"),
        ]

    def __str__(self) -> str:
        return f"{self.line} {self.name}"

    def wrong(self, field: str, message: str | Promise, /, **named: Any) -> None:
        """Note what is wrong with a field, and what the message names.

        Words of the interface are named as they are, lazy, one or a list of them.
        """
        self.kind = self.Kind.ERROR
        self._note(field, message, named)

    def invalid(self, field: str, error: ValidationError) -> None:
        for each in error.error_list:
            self.wrong(field, each.message, **(each.params or {}))

    def leave_out(self, kind: str, message: str | Promise, /, **named: Any) -> None:
        """Say why a row that has no error is not written."""
        self.kind = kind
        self._note("", message, named)

    def _note(self, field: str, message: str | Promise, named: dict[str, Any]) -> None:
        with translation.override(None):
            for name, value in named.items():
                if isinstance(value, list | Promise):
                    words = value if isinstance(value, list) else [value]
                    named[name] = [str(word) for word in words]
            self.problems.append([field, str(message), named])

    def has_problem(self, field: str) -> bool:
        return any(problem[0] == field for problem in self.problems)


def problem_text(message: str, named: dict[str, Any]) -> str:
    """A problem of a row in the language of now; lists hold words of the interface."""
    texts = {
        name: "、".join(map(gettext, value)) if isinstance(value, list) else value
        for name, value in named.items()
    }
    return gettext(message) % texts if texts else gettext(message)
