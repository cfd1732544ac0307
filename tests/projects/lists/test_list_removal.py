"""A list begun by mistake: it can be removed, and the next one is suggested for its year."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from banyang.accounts.models import User
from banyang.foundation.errors import Refused
from communities.models import Community
from projects.lists import actions
from projects.lists.factories import ProjectFactory, ProjectListFactory
from projects.lists.models import Project, ProjectList


def test_secretary_removes_an_empty_draft_list(
    sign_in, secretary: User, draft_list: ProjectList
) -> None:
    client, url = sign_in(secretary), reverse("projectlist_remove", args=[draft_list.pk])
    assert url in client.get(draft_list.get_absolute_url()).content.decode()
    assert "确定移除" in client.get(url).content.decode()
    client.post(url)
    assert not ProjectList.objects.exists()


def test_list_with_projects_published_or_announced_is_not_removed(
    sign_in, secretary: User, draft_list: ProjectList, community: Community
) -> None:
    ProjectFactory(list=draft_list, state=Project.State.DRAFT)
    year = draft_list.year + 1
    published = ProjectListFactory(community=community, year=year)
    tomorrow = timezone.now() + timedelta(days=1)
    announced = ProjectListFactory(
        community=community, year=year + 1, draft=True, was_to_open_at=tomorrow
    )
    client = sign_in(secretary)
    for kept in (draft_list, published, announced):
        with pytest.raises(Refused, match="草稿清单"):
            actions.remove_list(project_list=kept, by=secretary)
        url = reverse("projectlist_remove", args=[kept.pk])
        assert url not in client.get(kept.get_absolute_url()).content.decode()
    assert ProjectList.objects.count() == 3


def test_new_list_is_for_the_first_year_that_has_none(
    sign_in, secretary: User, community: Community
) -> None:
    year, client = timezone.localdate().year, sign_in(secretary)
    for expected in (year, year + 1):
        form = client.get(reverse("projectlist_create")).context["form"]
        assert form["year"].value() == expected
        ProjectListFactory(community=community, year=expected)


def test_refusal_of_a_second_list_leads_to_the_first(
    sign_in, secretary: User, draft_list: ProjectList
) -> None:
    sent = {"community": draft_list.community_id, "year": draft_list.year}
    page = sign_in(secretary).post(reverse("projectlist_create"), sent)
    [said] = page.context["form"].non_field_errors()
    link = f'<a href="{draft_list.get_absolute_url()}">{draft_list}</a>'
    assert said == f"该社区本年度已有项目清单：{link}，请直接打开使用。"
    assert link in page.content.decode()
