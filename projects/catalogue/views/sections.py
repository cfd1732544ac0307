"""The catalogue's categories and groups, for street-office staff."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from banyang.accounts.access import staff_required
from banyang.foundation.forms import submitted
from projects.catalogue import actions
from projects.catalogue.forms import CategoryForm, GroupForm
from projects.catalogue.models import Category, Group


@staff_required
def category_list(request: HttpRequest) -> HttpResponse:
    """Every category and group in order, to name, move and remove them."""
    context = {"categories": Category.objects.with_groups()}
    return render(request, "catalogue/category_list.html", context)


def _category_form(request: HttpRequest, category: Category, template: str) -> HttpResponse:
    form = CategoryForm(request.POST or None, instance=category)
    with submitted(form) as is_valid:
        if is_valid:
            actions.save_category(category=form.instance, by=request.user)
            messages.success(request, _("Saved."))
            return redirect("category_list")
    return render(request, template, {"form": form})


@staff_required
def category_create(request: HttpRequest) -> HttpResponse:
    """Add a category."""
    return _category_form(request, Category(), "catalogue/category_create.html")


@staff_required
def category_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename a category."""
    category = get_object_or_404(Category, pk=pk)
    return _category_form(request, category, "catalogue/category_edit.html")


@staff_required
@require_POST
def category_move(request: HttpRequest, pk: int) -> HttpResponse:
    """Move a category up or down."""
    category = get_object_or_404(Category, pk=pk)
    actions.move_section(section=category, up="up" in request.POST, by=request.user)
    return redirect("category_list")


@staff_required
@require_POST
def category_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove an empty category."""
    actions.remove_section(section=get_object_or_404(Category, pk=pk), by=request.user)
    messages.success(request, _("Removed."))
    return redirect("category_list")


def _group_form(request: HttpRequest, group: Group, template: str) -> HttpResponse:
    chosen = {"category": request.GET["category"]} if "category" in request.GET else {}
    form = GroupForm(request.POST or None, instance=group, initial=chosen)
    with submitted(form) as is_valid:
        if is_valid:
            actions.save_group(group=form.instance, by=request.user)
            messages.success(request, _("Saved."))
            return redirect("category_list")
    return render(request, template, {"form": form})


@staff_required
def group_create(request: HttpRequest) -> HttpResponse:
    """Add a group to a category."""
    return _group_form(request, Group(), "catalogue/group_create.html")


@staff_required
def group_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename a group or move it to another category."""
    return _group_form(request, get_object_or_404(Group, pk=pk), "catalogue/group_edit.html")


@staff_required
@require_POST
def group_move(request: HttpRequest, pk: int) -> HttpResponse:
    """Move a group up or down within its category."""
    group = get_object_or_404(Group, pk=pk)
    actions.move_section(section=group, up="up" in request.POST, by=request.user)
    return redirect("category_list")


@staff_required
@require_POST
def group_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove an empty group."""
    actions.remove_section(section=get_object_or_404(Group, pk=pk), by=request.user)
    messages.success(request, _("Removed."))
    return redirect("category_list")
