"""What the database refuses of a need and the project that it became."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError, connection, transaction

from projects.lists.factories import ProjectFactory, need_of
from projects.lists.models import ProjectNeed
from projects.needs.factories import NeedFactory
from projects.needs.models import Need


def change(make: Callable[[], object]) -> None:
    """Make a change in a transaction of its own, which is checked at its end."""
    with transaction.atomic(), connection.cursor() as cursor:
        make()
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_need_that_became_no_project_is_refused_as_one(db: None) -> None:
    needs = Need.objects.filter(pk=NeedFactory(on_board=True).pk)
    with pytest.raises(IntegrityError, match="no project is named"):
        change(lambda: needs.update(state=Need.State.PROJECT))


def test_project_is_not_taken_from_a_need_that_became_it(db: None) -> None:
    links = ProjectNeed.objects.filter(need=need_of(ProjectFactory()))
    with pytest.raises(IntegrityError, match="no project is named"):
        change(links.delete)


def test_need_becomes_one_project_only(db: None) -> None:
    need = need_of(ProjectFactory())
    with pytest.raises(IntegrityError, match="need_id"), transaction.atomic():
        ProjectNeed.objects.create(need=need, project=ProjectFactory())
