"""The pages of an import, from upload to report. Staff only: the lists hold everybody's details."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from banyang.accounts.access import get_manageable, staff_required
from banyang.foundation.forms import submitted
from banyang.foundation.listing import numbered_page
from banyang.foundation.pages import confirm
from partners.imports import actions, exports, progress
from partners.imports.display import RowDisplay
from partners.imports.forms import MatchForm, RowFilter, SheetForm, UploadForm
from partners.imports.models import ImportRow, PartnerImport, ranges
from partners.imports.reading import PROBLEMS
from partners.imports.tasks import run_import

State = PartnerImport.State
REFRESH = 2  # seconds between two looks at how far a step is
# The page on which an import waits for a person, by its state.
NEXT_PAGE = {State.READ: "import_match", State.PREVIEWED: "import_preview"}


@staff_required
@require_GET
def import_list(request: HttpRequest) -> HttpResponse:
    imports = PartnerImport.objects.visible_to(request.user).select_related("by")
    return render(request, "imports/import_list.html", {"page": numbered_page(request, imports)})


@staff_required
def import_upload(request: HttpRequest) -> HttpResponse:
    form = UploadForm(request if request.method == "POST" else None)
    with submitted(form) as is_valid:
        if is_valid:
            file = form.cleaned_data["file"]
            return _go_on(actions.upload_import(file=file, by=request.user))
    return render(request, "imports/import_upload.html", {"form": form})


@staff_required
@require_GET
def import_template(request: HttpRequest) -> HttpResponseBase:
    return exports.blank_list()


@staff_required
@require_GET
def import_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Where an import is: the page that waits for a person, how far a step is, or the report."""
    partner_import = get_manageable(PartnerImport, request.user, pk=pk)
    if name := NEXT_PAGE.get(partner_import.state):
        return redirect(name, pk)
    if partner_import.is_working:
        note = progress.read(pk)
        context = {"import": partner_import, "note": note}
        response = render(request, "imports/import_progress.html", context)
        if note is not None:
            # As a header, it works without JavaScript and passes the Content-Security-Policy.
            response["Refresh"] = str(REFRESH)
        return response
    context = {
        "import": partner_import,
        "counts": _counts(partner_import),
        "left_out": partner_import.rows.left_out().exists(),
        "reason": PROBLEMS.get(partner_import.report.get("reason", "")),
        "numbers": _numbers(partner_import),
    }
    return render(request, "imports/import_detail.html", context)


@staff_required
def import_match(request: HttpRequest, pk: int) -> HttpResponse:
    """Say which sheet holds the list, and which column holds what."""
    partner_import = get_manageable(PartnerImport, request.user, pk=pk)
    if partner_import.state not in (State.READ, State.PREVIEWED):
        return redirect(partner_import)
    sheet_form = SheetForm(partner_import, request.GET if "sheet" in request.GET else None)
    chosen = sheet_form.chosen()
    data = request.POST if request.method == "POST" else None
    form = MatchForm(partner_import, **chosen, data=data)
    with submitted(form) as is_valid:
        if is_valid:
            mapping = form.mapping
            actions.match_import(partner_import=partner_import, mapping=mapping, by=request.user)
            return _go_on(partner_import)
    context = {
        "import": partner_import,
        "sheet_form": sheet_form,
        "form": form,
        "chosen": chosen,
        "guessed": form.recognised,
    }
    return render(request, "imports/import_match.html", context)


@staff_required
@never_cache  # going back after the commit must not show what is no longer to come
@require_GET
def import_preview(request: HttpRequest, pk: int) -> HttpResponse:
    partner_import = get_manageable(PartnerImport, request.user, pk=pk)
    if partner_import.state != State.PREVIEWED:
        return redirect(partner_import)
    filters = RowFilter(request.GET)
    page = numbered_page(request, filters.filtered(partner_import.rows.errors_first()))
    context = {
        "import": partner_import,
        "filters": filters,
        "page": page,
        "rows": RowDisplay(partner_import).show(page.rows),
        "counts": _counts(partner_import),
        "errors": partner_import.report["counts"][ImportRow.Kind.ERROR],
        "renames": len(partner_import.report.get("renames", ())),
        "obstacle": partner_import.obstacle(leaves_out=False),
        "obstacle_without": partner_import.obstacle(leaves_out=True),
        "numbers": _numbers(partner_import),
        "good": sum(partner_import.report["counts"][kind] for kind in ImportRow.WRITTEN),
    }
    return render(request, "imports/import_preview.html", context)


@staff_required
@require_POST
def import_commit(request: HttpRequest, pk: int) -> HttpResponse:
    partner_import = get_manageable(PartnerImport, request.user, pk=pk)
    actions.commit_import(
        partner_import=partner_import,
        seen=request.POST.get("seen", ""),
        leaves_out=request.POST.get("leaves_out") == "yes",
        by=request.user,
    )
    response = _go_on(partner_import)
    if partner_import.state == State.COMMITTED:
        messages.success(request, _("The list is imported. The report says what was written."))
    return response


@staff_required
@require_POST
def import_rename(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm that the partners whose names differ from the list's are the same, renamed."""
    partner_import = get_manageable(PartnerImport, request.user, pk=pk)
    if request.POST.get("renamed") != "yes":
        messages.error(request, _("Tick that these partners are renamed, or correct your list."))
        return redirect(partner_import)
    actions.confirm_renames(
        partner_import=partner_import, seen=request.POST.get("seen", ""), by=request.user
    )
    return _go_on(partner_import)


@staff_required
@require_POST
def import_resume(request: HttpRequest, pk: int) -> HttpResponse:
    """Start again a step that died."""
    partner_import = get_manageable(PartnerImport, request.user, pk=pk)
    if progress.read(pk) is None:
        _go_on(partner_import)
    return redirect(partner_import)


@staff_required
def import_discard(request: HttpRequest, pk: int) -> HttpResponse:
    partner_import = get_manageable(PartnerImport, request.user, pk=pk)
    if request.method == "POST":
        actions.discard_import(partner_import=partner_import, by=request.user)
        messages.success(
            request, _("The import is given up and the file deleted. Nothing was changed.")
        )
        return redirect("import_list")
    return confirm(
        request,
        heading=_("Give up this import?"),
        effects=[
            _("The uploaded file and its preview are deleted."),
            _("The partner list stays as it is."),
        ],
        verb=_("Give up this import"),
        cancel_url=partner_import.get_absolute_url(),
        danger=True,
    )


@staff_required
@require_GET
def import_left_out(request: HttpRequest, pk: int) -> HttpResponseBase:
    partner_import = get_manageable(PartnerImport, request.user, pk=pk)
    return exports.rows_left_out(partner_import, by=request.user)


def _go_on(partner_import: PartnerImport) -> HttpResponse:
    """Do the step that is due now if it is short, else leave it to a worker; show where it is."""
    if partner_import.is_working:
        if partner_import.is_quick:
            actions.run_import(partner_import.pk)
            partner_import.refresh_from_db()
        else:
            progress.queued(partner_import.pk)
            run_import.delay(partner_import.pk)
    return redirect(partner_import)


def _counts(partner_import: PartnerImport) -> list[tuple[ImportRow.Kind, int]]:
    """Each kind of row, and how many of it there are."""
    counts = partner_import.report.get("counts", {})
    return [(kind, counts.get(kind, 0)) for kind in ImportRow.Kind]


def _numbers(partner_import: PartnerImport) -> str:
    """The partner numbers that the import gives: 152–160."""
    first, last = (partner_import.report.get(name) for name in ("first_number", "last_number"))
    return ranges([(first, last)]) if first and last else ""
