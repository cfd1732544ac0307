"""Two people change the same accounts at the same moment."""

import pytest
from django.db import IntegrityError

from banyang.accounts import actions as accounts
from banyang.accounts.factories import UserFactory
from banyang.accounts.models import User
from banyang.foundation.errors import Refused
from tests.actors import A_TEST
from tests.races import once_all_wait

at_the_same_moment = pytest.mark.django_db(transaction=True)

PHONE = "19700000001"


def invite(name: str, phone: str = "") -> User:
    return accounts.invite_user(name=name, phone=phone, by=A_TEST)


@at_the_same_moment
def test_phone_number_taken_at_the_same_moment_is_refused_with_its_owner() -> None:
    [refused] = once_all_wait([lambda: invite("乙", PHONE)], behind=lambda: invite("甲", PHONE))
    assert isinstance(refused, Refused)
    assert "甲" in str(refused)


@at_the_same_moment
def test_namesakes_invited_at_the_same_moment_get_usernames_of_their_own() -> None:
    once_all_wait([lambda: invite("王伟")] * 2, behind=lambda: invite("王伟"))
    assert set(User.objects.values_list("username", flat=True)) == {
        "wangwei",
        "wangwei2",
        "wangwei3",
    }


@at_the_same_moment
def test_user_made_without_looking_again_violates_the_database() -> None:
    """The control: what the second would run into."""

    def create(username: str) -> User:
        return User.objects.create_user(username=username, name=username, phone=PHONE)

    [error] = once_all_wait([lambda: create("b")], behind=lambda: create("a"))
    assert isinstance(error, IntegrityError)


@pytest.mark.django_db
def test_account_that_breaks_another_rule_of_the_database_is_nobody_elses_doing() -> None:
    with pytest.raises(IntegrityError, match="is_staff"):
        accounts.invite_user(name="甲", phone=PHONE, is_staff=None, by=A_TEST)


@at_the_same_moment
def test_phone_number_given_to_two_people_at_the_same_moment_is_refused_once() -> None:
    first, second = invite("甲"), invite("乙")

    def give(user: User) -> None:
        accounts.update_user(user=user, phone=PHONE, by=A_TEST)

    [refused] = once_all_wait([lambda: give(second)], behind=lambda: give(first))
    assert isinstance(refused, Refused)
    assert list(User.objects.filter(phone=PHONE)) == [first]


def test_link_used_twice_sets_the_first_password(stranger: User) -> None:
    loaded_twice = User.objects.get(pk=stranger.pk)
    accounts.set_password(user=stranger, password="first-in-time", by=stranger)
    with pytest.raises(Refused):
        accounts.set_password(user=loaded_twice, password="second-in-time", by=stranger)
    assert User.objects.get(pk=stranger.pk).check_password("first-in-time")


@at_the_same_moment
@pytest.mark.parametrize("take", ["role", "account"])
def test_staff_that_put_each_other_out_at_the_same_moment_leave_one(take: str) -> None:
    one, other = UserFactory.create_batch(2, is_staff=True)

    def put_out(user: User, by: User) -> None:
        if take == "role":
            accounts.update_user(user=user, is_staff=False, by=by)
        else:
            accounts.deactivate_user(user=user, by=by)

    [refused] = once_all_wait(
        [lambda: put_out(one, by=other)], behind=lambda: put_out(other, by=one)
    )

    assert isinstance(refused, Refused)
    assert list(User.objects.active().with_role("staff")) == [one]


@at_the_same_moment
@pytest.mark.parametrize("by_is_to_lose", ["role", "account", "password"])
def test_new_link_by_staff_that_are_put_out_at_the_same_moment_is_refused(
    by_is_to_lose: str,
) -> None:
    one, other = UserFactory.create_batch(2, is_staff=True)

    def put_out() -> None:
        if by_is_to_lose == "role":
            accounts.update_user(user=other, is_staff=False, by=one)
        elif by_is_to_lose == "account":
            accounts.deactivate_user(user=other, by=one)
        else:
            accounts.reissue_invitation(user=other, by=one)

    def reissue(user: User, by: User) -> None:
        accounts.reissue_invitation(user=user, by=by)

    # Each loaded their account when they asked, as a request does.
    asker, asked = User.objects.get(pk=other.pk), User.objects.get(pk=one.pk)
    [refused] = once_all_wait([lambda: reissue(asked, by=asker)], behind=put_out)

    assert isinstance(refused, Refused)
    one.refresh_from_db()
    assert one.has_usable_password()


def test_staff_without_a_password_put_nobody_out(staff: User) -> None:
    other = UserFactory(is_staff=True)
    loaded_before = User.objects.get(pk=other.pk)
    accounts.reissue_invitation(user=other, by=staff)
    with pytest.raises(Refused, match="密码"):
        accounts.deactivate_user(user=staff, by=loaded_before)
    with pytest.raises(Refused, match="密码"):
        accounts.update_user(user=staff, is_staff=False, by=loaded_before)
