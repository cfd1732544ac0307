"""The forms of an import: the file, the sheet and its header, and what its columns hold."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from xlsxwriter.utility import xl_col_to_name

from banyang.foundation.listing import FilterForm
from banyang.foundation.uploads import MAX_UPLOAD_BYTES, was_too_big
from partners.imports import columns
from partners.imports.models import ImportRow, ImportRowQuerySet, PartnerImport
from partners.models import Partner

TOO_BIG = _(
    "The file is larger than %(limit)d MB, so it was not taken in. A partner list is rarely larger than 1 MB: look for pictures in it, and delete them."
)


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("Excel file"),
        help_text=_("In the format .xlsx, .xls, .et (WPS) or .csv, up to 20 MB."),
        allow_empty_file=True,  # `reading` says more clearly what is wrong
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.xls,.xlsm,.et,.csv"}),
        error_messages={"required": _("Choose a file.")},
    )

    def __init__(self, request: HttpRequest | None = None) -> None:
        if request is None:
            super().__init__()
            return
        super().__init__(request.POST, request.FILES)
        if was_too_big(request):
            self.fields["file"].error_messages["required"] = TOO_BIG % {
                "limit": MAX_UPLOAD_BYTES // 2**20
            }


class SheetForm(forms.Form):
    """Which sheet holds the list, and where its header is."""

    sheet = forms.TypedChoiceField(label=_("Sheet"), coerce=int)
    header = forms.IntegerField(label=_("Row of the column titles"), min_value=1)

    def __init__(self, partner_import: PartnerImport, data: Any = None) -> None:
        self.sheets = {sheet["index"]: sheet for sheet in partner_import.sheets}
        super().__init__(data, initial=self._guess(partner_import), auto_id="sheet_%s")
        self.fields["sheet"].choices = [  # type: ignore[attr-defined]
            (index, sheet["name"]) for index, sheet in self.sheets.items()
        ]

    def _guess(self, partner_import: PartnerImport) -> dict[str, int]:
        """What was chosen before, else the first sheet with a header, else the first sheet."""
        if partner_import.mapping:
            return {name: partner_import.mapping[name] for name in ("sheet", "header")}
        for index, sheet in self.sheets.items():
            if (header := columns.find_header(sheet["rows"])) is not None:
                return {"sheet": index, "header": header}
        index, sheet = next(iter(self.sheets.items()))
        return {"sheet": index, "header": sheet["rows"][0][0]}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        sheet = self.sheets.get(cleaned.get("sheet", -1))
        if sheet and "header" in cleaned:
            lines = [line for line, _cells in sheet["rows"]]
            if cleaned["header"] not in lines:
                raise ValidationError(
                    {"header": _("This row is empty, or too far down to hold the titles.")}
                )
        return cleaned

    def chosen(self) -> dict[str, int]:
        """The sheet and the header to show: those of the URL if they are valid."""
        if self.is_bound and self.is_valid():
            return dict(self.cleaned_data)
        return dict(self.initial)


class MatchForm(forms.Form):
    """Which column holds what: one choice a column, and the kind of those that say none."""

    kind = forms.ChoiceField(
        label=_("Kind of new partners whose row says none"),
        required=False,
        choices=[("", _("ask me: such rows are errors")), *Partner.Kind.choices],
        help_text=_("A credit code tells the kind by itself."),
    )
    gives_numbers = forms.BooleanField(
        label=_("Give those without a number the next one, in the order of their days of signing"),
        required=False,
        help_text=_(
            "Those of one day are numbered as they are listed. A partner that has a number keeps it; a row without a day of signing gets none."
        ),
    )

    def __init__(
        self, partner_import: PartnerImport, *, sheet: int, header: int, data: Any = None
    ) -> None:
        self.sheet, self.header = sheet, header
        rows = next(s["rows"] for s in partner_import.sheets if s["index"] == sheet)
        self.titles, self.last = columns.titles(rows, header)
        mapping = partner_import.mapping
        same = (mapping.get("sheet"), mapping.get("header")) == (sheet, header)
        kept = {name: mapping[name] for name in ("kind", "gives_numbers") if name in mapping}
        super().__init__(data, initial=kept if same else None)
        guessed = columns.guess(self.titles)
        self.recognised = sum(1 for field in guessed if field)
        samples = columns.samples(rows, self.last, guessed)
        choices = [("", _("leave out")), *columns.FIELDS.items()]
        self.samples: dict[str, list[str]] = {}
        for column, title in enumerate(self.titles):
            if not title and not samples[column]:
                continue
            chosen = mapping["columns"].get(str(column), "") if same else guessed[column]
            self.fields[f"column_{column}"] = forms.ChoiceField(
                label=title or _("column %(letters)s") % {"letters": xl_col_to_name(column)},
                choices=choices,
                required=False,
                initial=chosen,
            )
            self.samples[f"column_{column}"] = samples[column]
            self.fields[f"column_{column}"].widget.attrs["class"] = "form-select"

    @property
    def columns(self) -> list[tuple[forms.BoundField, list[str]]]:
        """The columns' fields, each with its samples."""
        return [(self[name], samples) for name, samples in self.samples.items()]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        taken: dict[str, str] = {}
        for name in self.samples:
            field = cleaned.get(name)
            if not field:
                continue
            if field in taken and field not in columns.FURTHER.values():
                self.add_error(name, self._taken(field, self.fields[taken[field]].label))
            taken.setdefault(field, name)
        if "name" not in taken:
            raise ValidationError(_("Say which column holds the partner's name."))
        if cleaned.get("gives_numbers") and "signed_on" not in taken:
            self.add_error("gives_numbers", _("Say which column holds the day of signing."))
        gives = cleaned.get("gives_numbers")
        if "number" not in taken and not gives and (term := taken.get("signed_on")):
            self.add_error(
                term,
                _(
                    "A partner that has signed has a number. Say which column holds it (a serial column can, if partners are listed in the order of signing), let numbers be given in the order of signing (below), or leave this column out."
                ),
            )
        return cleaned

    def _taken(self, field: str, title: Any) -> str:
        """What to do about a second column for one field."""
        if further := columns.FURTHER.get(field):
            sentence = _("“%(field)s” is taken from the column “%(title)s” already. If this column holds further people, choose “%(further)s” for it; else leave one of the two out.")  # fmt: skip
        else:
            sentence = _("“%(field)s” is taken from the column “%(title)s” already. Keep the column that fits and leave the other out.")  # fmt: skip
        labels = {"field": columns.FIELDS[field], "further": columns.FIELDS.get(further or "", "")}
        return sentence % {**labels, "title": title}

    @property
    def mapping(self) -> dict[str, Any]:
        """The mapping as `PartnerImport.mapping` keeps it."""
        chosen = {name: field for name in self.samples if (field := self.cleaned_data.get(name))}
        return {
            "sheet": self.sheet,
            "header": self.header,
            "last": self.last,
            "kind": self.cleaned_data["kind"],
            "gives_numbers": self.cleaned_data["gives_numbers"],
            "columns": {name.removeprefix("column_"): field for name, field in chosen.items()},
            "titles": {
                field: "、".join(str(self.fields[n].label) for n, f in chosen.items() if f == field)
                for field in chosen.values()
            },
            "left_out": [
                str(self.fields[name].label)
                for name, samples in self.samples.items()
                if samples and name not in chosen
            ],
        }


class RowFilter(FilterForm):
    """Which rows of the preview are shown."""

    kind = forms.ChoiceField(
        label=_("Kind of row"), choices=[("", _("all rows")), *ImportRow.Kind.choices]
    )

    def filtered(self, queryset: ImportRowQuerySet) -> ImportRowQuerySet:
        return queryset.of_kind(self.cleaned_data.get("kind", ""))
