"""The office's own page."""

from collections.abc import Callable
from threading import Thread
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse

from banyang.accounts.models import User
from banyang.office import actions
from banyang.office.actions import update_office
from banyang.office.models import CACHE_KEY, Office
from tests.races import at_once

DETAILS = {
    "name": "杏林路街道办事处",
    "short_name": "杏林路街道",
    "programme": "杏林合伙人",
    "phone": "0533-5550000",
    "remind_from": "09:00",
    "remind_until": "17:30",
}


def test_office_edit_shows_on_every_page_at_once(
    sign_in, staff: User, django_capture_on_commit_callbacks
) -> None:
    client = sign_in(staff)
    assert "杏林合伙人" not in client.get(reverse("me")).text
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(reverse("office_edit"), DETAILS).status_code == 302
    for page in (client.get(reverse("me")), Client().get(reverse("sign_in"))):
        assert "杏林合伙人" in page.text
        assert "0533-5550000" in page.text


def test_reader_who_missed_the_cache_does_not_put_the_old_office_back(
    staff: User, django_capture_on_commit_callbacks
) -> None:
    office = Office.objects.get(pk=Office.current().pk)
    cache.delete(CACHE_KEY)

    def change_after_reading(execute: Callable[..., Any], *query: Any) -> Any:
        row = execute(*query)
        if office.name != "新名街道办事处":
            office.name = "新名街道办事处"
            with django_capture_on_commit_callbacks(execute=True):
                update_office(office=office, by=staff, name=office.name)
        return row

    with connection.execute_wrapper(change_after_reading):
        Office.current()

    assert Office.current().name == "新名街道办事处"


@pytest.mark.django_db(transaction=True)
def test_the_older_of_two_changes_does_not_stay_in_the_cache(
    staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = Office.current()
    shown: list[str] = []

    def rename(name: str) -> None:
        update_office(office=Office.objects.get(pk=office.pk), by=staff, name=name)

    def rename_once_more(key: str, value: Office, timeout: int) -> None:
        shown.append(value.name)
        if len(shown) == 1:  # the colleague comes between reading and caching
            colleague.start()
            colleague.join(0.5)
        cache.set(key, value, timeout)

    colleague = Thread(target=lambda: at_once([lambda: rename("后改街道办事处")]))
    monkeypatch.setattr(actions, "cache", SimpleNamespace(set=rename_once_more))
    rename("先改街道办事处")
    colleague.join()

    assert shown == ["先改街道办事处", "后改街道办事处"]
    assert Office.current().name == "后改街道办事处"


def test_office_edit_keeps_what_a_colleague_has_stored_meanwhile(sign_in, staff: User) -> None:
    client, url = sign_in(staff), reverse("office_edit")
    opened = client.get(url).context["form"].initial
    Office.objects.update(opening_hours="周一至周五8:30—17:30")

    answer = client.post(url, opened | DETAILS)

    assert "“周一至周五8:30—17:30”" in answer.text
    office = Office.objects.get()
    assert (office.opening_hours, office.name == DETAILS["name"]) == ("周一至周五8:30—17:30", False)


def test_office_edit_refuses_reminders_that_end_before_they_begin(sign_in, staff: User) -> None:
    data = {**DETAILS, "remind_from": "18:00", "remind_until": "08:00"}
    response = sign_in(staff).post(reverse("office_edit"), data)
    assert response.status_code == 200
    assert response.context["form"].errors
    assert Office.objects.get().name != DETAILS["name"]
